import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { generateSshKey } from '../../../main/core/generate/generate-ssh-key.ts'
import { rootPath } from '../../../main/core/remote/remote-path.ts'
import { startOpenSsh, type OpenSshServer } from '../../servers/openssh.ts'
import { never, open } from './helpers.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fernsync-made-key-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('a generated SSH key', () => {
  it('is read by ssh-keygen, which finds the same public line and fingerprint', () => {
    const { privateKey, publicLine, fingerprint } = generateSshKey('mira@desk', nodeRandom)
    const file = join(folder, 'id')
    writeFileSync(file, privateKey, { mode: 0o600 })
    const keygen = (...args: string[]): string => execFileSync('ssh-keygen', args, { encoding: 'utf8' })
    expect(keygen('-y', '-f', file).trim()).toBe(publicLine)
    expect(keygen('-l', '-f', file)).toContain(` ${fingerprint} mira@desk (ED25519)`)
  })

  describe('on a server that knows it', () => {
    let server: OpenSshServer

    beforeAll(async () => {
      server = await startOpenSsh()
    })

    afterAll(async () => {
      await server.stop()
    })

    it('signs in', async () => {
      const { privateKey, publicLine } = generateSshKey('', nodeRandom)
      const config = { ...server.config, secrets: { privateKey } }
      await expect(open(config)).rejects.toMatchObject({ code: 'auth-failed' })
      appendFileSync(join(server.keyFile, '..', 'authorized_keys'), `${publicLine}\n`)
      const remote = await open(config)
      expect(await remote.stat(rootPath, never)).toEqual({ kind: 'dir', path: '' })
      await remote.close()
    })
  })
})
