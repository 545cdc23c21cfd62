import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { createVaultClient } from '../../../main/core/vault/vault-client.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { quickDerive, silent } from './lab.ts'
import { make } from './plan.ts'
import type { Change } from './plan.ts'

const root = join(import.meta.dirname, '../../..')
const entries = {
  node: join(root, 'test/torture/writers/node-writer.ts'),
  vault: join(root, 'out/cli/vault-process.js'),
  cli: join(root, 'out/cli/cli.js'),
}
const LEAST_ITERATIONS = 600_000

/** A home that a writer works on, and how it is opened. */
export type WriterHome = {
  readonly path: string
  /** A folder for files of the test, outside of the home. */
  readonly beside: string
  /** The derived key; of no use after a change of the password. */
  readonly key: Uint8Array
}

/** A process that makes changes until it has made all or is killed. */
export type RunningWriter = {
  readonly pid: number
  /** Resolves when it has begun to write, or has ended. */
  readonly ready: Promise<void>
  /** Changes acknowledged so far; final once `ended` has resolved. */
  readonly acknowledged: () => number
  /** Resolves when so many are acknowledged, or it has ended. */
  readonly after: (count: number) => Promise<void>
  readonly ended: Promise<void>
}

export type Writer = {
  readonly name: string
  /** The script that Node runs. */
  readonly entry: string
  /** How many of a hundred kills are for it. */
  readonly share: number
  readonly verbs: readonly Change['verb'][]
  /** Changes per process. */
  readonly length: number
  /** It may acknowledge fewer than so many before the kill, which then comes at a random moment of the next change or two. */
  readonly most: number
  readonly longestMs: number
  readonly open: (home: WriterHome) => VaultApi
  readonly unlock: (vault: VaultApi, home: WriterHome, password: string) => Promise<void>
  readonly begin: (home: WriterHome, password: string, changes: readonly Change[]) => RunningWriter
}

const byPassword: Writer['unlock'] = (vault, _, password) =>
  vault.unlock({ password: utf8(password) }, { allowSlowKdf: true })
const byKey: Writer['unlock'] = (vault, { key }) => vault.unlock({ cachedKey: Uint8Array.from(key) }, {})

/** Compiling, and stripping types, would take longer than all the writing. */
const quickStart = ({ beside }: WriterHome): Readonly<Record<string, string>> => ({
  NODE_COMPILE_CACHE: join(beside, 'compile-cache'),
})

/** One that uses the vault in its own process, as a one-shot command does, and can do all that a vault can. */
const nodeWriter: Writer = {
  name: 'node',
  entry: entries.node,
  share: 50,
  verbs: ['add', 'edit', 'batch', 'remove', 'settings', 'password'],
  length: 40,
  most: 6,
  longestMs: 15,
  open: ({ path }) => createNodeVault({ home: path, log: silent, derive: quickDerive }),
  unlock: byPassword,
  begin(home, password, changes) {
    return overLines([entries.node, home.path, password, JSON.stringify(changes)], 'ready', quickStart(home))
  },
}

/** The built process that holds the vault while it is open; its parent, this process, asks it for the changes. */
const vaultProcess: Writer = {
  name: 'vault process',
  entry: entries.vault,
  share: 45,
  verbs: ['add', 'edit', 'batch', 'remove', 'settings'],
  length: 40,
  most: 6,
  longestMs: 15,
  open: ({ path }) => createNodeVault({ home: path, log: silent }),
  unlock: byKey,
  begin(home, _, changes) {
    const host = createNodeWorkerHost({
      entries: { worker: '', 'keychain-helper': '', 'import-process': '', 'vault-process': entries.vault },
      environment: process.env,
    })
    const child = host.start('vault-process', { FERNSYNC_HOME: home.path, ...quickStart(home) })
    const client = createVaultClient(child, silent)
    let acknowledged = 0
    const milestones = createMilestones()
    const ready = client.unlock({ cachedKey: Uint8Array.from(home.key) }, {})
    const all = ready.then(async () => {
      for (const change of changes) {
        await make(client, change)
        acknowledged += 1
        milestones.pass(acknowledged)
      }
    })
    const ended = new Promise<void>((resolve) => client.onGone(resolve)).then(milestones.end)
    // A call that the kill took with it; one that fails otherwise ends the writer, and its changes are then missed.
    void all.catch(() => {}).then(() => client.end())
    return {
      pid: child.pid ?? 0,
      ready: ready.catch(() => {}),
      acknowledged: () => acknowledged,
      after: milestones.after,
      ended,
    }
  },
}

/** The built command line, which holds the vault open for one change. */
const commandLine: Writer = {
  name: 'CLI',
  entry: entries.cli,
  share: 5,
  verbs: ['add', 'batch', 'remove'],
  length: 1,
  most: 1,
  longestMs: 450,
  open: vaultProcess.open,
  unlock: byKey,
  begin(home, password, [change]) {
    const { path, beside } = home
    const file = (name: string, text: string): string => {
      writeFileSync(join(beside, name), text, { mode: 0o600 })
      return join(beside, name)
    }
    const args = ['--home', path, '--password-file', file('password', password), '--json']
    const own = change === undefined ? [] : cliArguments(change, file)
    return overLines([entries.cli, ...args, ...own], null, quickStart(home))
  },
}

/** Fills the compile cache, which a killed process never writes, by a process of each kind that ends by itself. */
export async function warm(writer: Writer, home: WriterHome): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', FERNSYNC_HOME: home.path, ...quickStart(home) }
  const child = fork(writer.entry, writer === commandLine ? ['--version'] : [], { env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  child.once('spawn', () => child.disconnect())
  await ended
}

/** All kinds of process that write a vault. The agent belongs here as soon as it is a process of its own. */
export const writers: readonly Writer[] = [nodeWriter, vaultProcess, commandLine]

export function cliArguments(
  change: Change,
  file: (name: string, text: string) => string,
): readonly string[] {
  switch (change.verb) {
    case 'add': {
      const fields = [
        'host=h.example',
        'user=ana',
        ...(change.keyFile === '' ? [] : [`keyFile=${change.keyFile}`]),
      ]
      const secret = `password=${file('secret', change.secret)}`
      return [
        ...['credential', 'add', change.name, '--type', 'sftp', '--secret-file', secret],
        ...fields.flatMap((field) => ['--field', field]),
      ]
    }
    case 'batch': {
      const rows = change.names.map((name) => `${name},h.example,ana-${name},${change.secret}`)
      return [
        'vault',
        'import',
        file('table.csv', ['name,host,user,password', ...rows].join('\n')),
        '--format',
        'csv',
      ]
    }
    case 'remove':
      return ['credential', 'remove', change.name]
    default:
      throw new Error(`the command line of this test makes no ${change.verb}`)
  }
}

/** A child whose acknowledgements are lines; with `opening` null, one line of JSON in the end. */
export function overLines(
  args: readonly string[],
  opening: string | null,
  extra: Readonly<Record<string, string>> = {},
): RunningWriter {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...extra }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  let failed = ''
  const ready = Promise.withResolvers<void>()
  const milestones = createMilestones()
  if (opening === null) ready.resolve()
  const acknowledged = (): number =>
    opening === null ? (/"ok":\s*true/.test(printed) ? 1 : 0) : Math.max(0, printed.split('\n').length - 2)
  child.stdout.on('data', (chunk) => {
    printed += String(chunk)
    milestones.pass(acknowledged())
    if (opening !== null && printed.startsWith(`${opening}\n`)) ready.resolve()
  })
  child.stderr.on('data', (chunk) => (failed += String(chunk)))
  const ended = new Promise<void>((resolve, reject) => {
    child.on('close', (code) => {
      ready.resolve()
      milestones.end()
      if (code === null || code === 0) resolve()
      else reject(new Error(`a writer ended with ${code}: ${failed}`))
    })
  })
  return { pid: child.pid ?? 0, ready: ready.promise, acknowledged, after: milestones.after, ended }
}

/** Lets others wait for a count to be reached, or for the end. */
function createMilestones() {
  let reached = 0
  const waiting: { count: number; resolve: () => void }[] = []
  const pass = (count: number): void => {
    reached = count
    for (const one of waiting) if (one.count <= reached) one.resolve()
  }
  return {
    pass,
    end: () => pass(Number.POSITIVE_INFINITY),
    after: (count: number): Promise<void> =>
      new Promise((resolve) => {
        if (count <= reached) resolve()
        else waiting.push({ count, resolve })
      }),
  }
}

/** Makes the vault of a writer's home; answers its derived key. */
export async function furnishHome(vault: VaultApi, password: string): Promise<Uint8Array> {
  await vault.init(utf8(password), { iterations: LEAST_ITERATIONS })
  const { kek } = await vault.exportCacheableKey()
  await vault.lock()
  return kek
}
