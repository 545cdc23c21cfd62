import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seed } from '../../../build/scripts/seed.mjs'
import { DEMO_PASSWORD } from '../../../build/seed/demo.mjs'
import { tempFolder } from '../../helpers/temp-home.ts'

const launcher = resolve(import.meta.dirname, '../../../build/scripts/fernsync.mjs')

describe('seed', () => {
  it(
    'makes a home whose jobs are fine, failed, waiting and new, with their history',
    { timeout: 60_000 },
    async () => {
      const folder = await tempFolder()
      const home = join(folder, 'home')
      const password = join(folder, 'password')
      writeFileSync(password, DEMO_PASSWORD, { mode: 0o600 })
      seed(home)
      const ask = (...args: string[]): unknown => {
        const all = [launcher, '--home', home, '--password-file', password, '--json', ...args]
        const { stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' })
        return stdout === '' ? stderr : JSON.parse(stdout)
      }

      expect(ask('job', 'list')).toMatchObject({
        jobs: [
          { name: 'Documents', state: 'idle', lastRun: { state: 'done' } },
          { name: 'Music', state: 'idle', lastRun: null },
          { name: 'Photos', state: 'attention', reason: 'unreachable', lastRun: { state: 'failed' } },
          { name: 'Website', state: 'waiting', reason: 'locked' },
        ],
      })
      expect(ask('credential', 'list')).toMatchObject({
        credentials: [{ name: 'Home NAS' }, { name: 'Web server' }, { name: 'Studio archive' }],
      })
      expect(ask('job', 'history', 'Photos')).toMatchObject({
        runs: [{ state: 'failed' }, { state: 'partial', failed: 1 }, { state: 'done' }],
      })
      expect(() => seed(home)).toThrow(/already/)
    },
  )
})
