import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { RunSummary } from '../../main/model/run.ts'
import type { OpenSshServer } from '../servers/openssh.ts'
import { mustRun, type Finished } from './command.ts'

export const projectRoot = resolve(import.meta.dirname, '../..')
export const benchPassword = 'bench: a long enough password'
const launcher = join(projectRoot, 'build/scripts/fernsync.mjs')

/** A home folder driven through the built command line, as a person would. */
export type Fernsync = {
  readonly home: string
  /** Adds a job with the form's defaults. */
  addJob(job: { name: string; local: string; remote: string; direction: 'push' | 'pull' }): Promise<void>
  /** Runs a job to its end; throws unless it is done without an error. */
  runJob(name: string): Promise<{ readonly whole: Finished; readonly summary: RunSummary }>
  /** What every command costs before it does anything: the start of Node and the unlock. */
  unlockOnly(): Promise<Finished>
}

/** Makes a vault with the default parameters and one credential for the server. */
export async function createFernsync(folder: string, server: OpenSshServer): Promise<Fernsync> {
  mkdirSync(folder, { recursive: true })
  const home = join(folder, 'home')
  const passwordFile = join(folder, 'master')
  const keyFile = join(folder, 'key')
  writeFileSync(passwordFile, `${benchPassword}\n`, { mode: 0o600 })
  writeFileSync(keyFile, server.privateKey, { mode: 0o600 })
  const run = (args: readonly string[]): Promise<Finished> =>
    mustRun(
      process.execPath,
      [launcher, '--home', home, '--password-file', passwordFile, '--json', ...args],
      {
        watch: 'worker.js',
      },
    )
  await run(['vault', 'init'])
  const fields = { host: server.host, port: String(server.port), user: server.user }
  await run([
    ...['credential', 'add', 'server', '--type', 'sftp'],
    ...Object.entries(fields).flatMap(([name, value]) => ['--field', `${name}=${value}`]),
    ...['--secret-file', `privateKey=${keyFile}`, '--trust-host-key', server.fingerprint('ed25519')],
  ])
  return {
    home,
    async addJob({ name, local, remote, direction }) {
      const where = ['--credential', 'server', '--local', local, '--remote', remote]
      await run(['job', 'add', name, ...where, '--mode', 'copy', '--direction', direction])
    },
    async runJob(name) {
      const whole = await run(['job', 'run', name])
      const summary = RunSummary.parse(JSON.parse(whole.stdout))
      if (summary.state !== 'done') throw new Error(`job ${name}: ${summary.state} (${summary.reason})`)
      return { whole, summary }
    },
    unlockOnly: () => run(['job', 'list']),
  }
}
