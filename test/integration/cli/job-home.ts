import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { onTestFinished } from 'vitest'
import { nodeDatabases } from '../../../main/adapters/node-database.ts'
import { createJobStore } from '../../../main/core/jobs/job-store.ts'
import type { JobStore } from '../../../main/core/jobs/job-store.ts'
import { openStateDatabase } from '../../../main/core/store/state-database.ts'
import { RunSummary } from '../../../main/model/run.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { isRoot, type OpenSshServer } from '../../servers/openssh.ts'
import { runCliAsync } from './run-cli.ts'
import type { CliResult } from './run-cli.ts'

/** A home with a vault, a folder to push, and one sign-in `nas` to `server`. */
export type JobHome = {
  /** What the processes of the home share: projection, history, skips. */
  readonly store: JobStore
  /** Starts one command with `--json`. */
  readonly fernsync: (...args: readonly string[]) => Promise<CliResult>
  /** The same for a command that must succeed. */
  readonly done: (...args: readonly string[]) => Promise<void>
  /** Makes an hourly job that pushes into the server's folder of the same name; answers its id. */
  readonly addJob: (name: string) => Promise<string>
  /** Names of the leases that rows stand for, whoever holds them. */
  readonly leases: () => readonly string[]
}

export const Runs = z.object({ runs: z.array(RunSummary) })
const Made = z.object({ id: z.string() })

/** What the server is told: its password, or its key where only keys sign in; or one that it refuses. */
function secretOf(server: OpenSshServer, isRight: boolean, file: string): string {
  if (!isRoot) return `privateKey=${isRight ? server.keyFile : join(dirname(server.keyFile), 'host-ed25519')}`
  writeFileSync(file, isRight ? (server.password ?? '') : 'not the password', { mode: 0o600 })
  return `password=${file}`
}

export async function createJobHome(
  server: OpenSshServer,
  { secret }: { secret: 'right' | 'wrong' },
): Promise<JobHome> {
  const folder = await tempFolder()
  const home = join(folder, 'home')
  const source = join(folder, 'source')
  const password = join(folder, 'password')
  writeFileSync(password, 'correct horse battery', { mode: 0o600 })
  mkdirSync(source)
  writeFileSync(join(source, 'a.txt'), 'a')
  const fernsync = (...args: readonly string[]): Promise<CliResult> =>
    runCliAsync(['--allow-slow-kdf', '--json', '--home', home, '--password-file', password, ...args])
  const answer = async (...args: readonly string[]): Promise<unknown> => {
    const { exit, out, err } = await fernsync(...args)
    if (exit !== 0) throw new Error(`fernsync ${args.join(' ')} ended with ${exit}: ${err}`)
    return JSON.parse(out)
  }
  await answer('vault', 'init', '--iterations', '600000')
  const place = ['host', 'port', 'user'].flatMap((name) => [
    '--field',
    `${name}=${server.config.fields[name] ?? ''}`,
  ])
  const how = ['--secret-file', secretOf(server, secret === 'right', join(folder, 'secret'))]
  const trust = ['--trust-host-key', server.fingerprint('ed25519')]
  await answer('credential', 'add', 'nas', '--type', 'sftp', ...place, ...how, ...trust)
  const database = openStateDatabase(nodeDatabases, join(home, 'device', 'state.sqlite'))
  onTestFinished(() => {
    database.close()
  })
  const shape = ['--credential', 'nas', '--local', source, '--mode', 'mirror', '--direction', 'push']
  return {
    store: createJobStore(database),
    fernsync,
    done: async (...args) => void (await answer(...args)),
    addJob: async (name) =>
      Made.parse(await answer('job', 'add', name, ...shape, '--remote', name, '--schedule', '@hourly')).id,
    leases: () => database.all('SELECT name FROM leases').map((row) => String(row['name'])),
  }
}
