import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeDatabases } from '../../../../main/adapters/node-database.ts'
import { nodeRandom } from '../../../../main/adapters/node-random.ts'
import { createMemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import type { MemoryPlace, MemoryPlaceOptions } from '../../../../main/connectors/memory/memory-place.ts'
import type { MemoryNode } from '../../../../main/connectors/memory/tree.ts'
import type { Clock } from '../../../../main/core/ports/clock.ts'
import type { Database } from '../../../../main/core/ports/database.ts'
import type { Logger } from '../../../../main/core/ports/logger.ts'
import type { Remote } from '../../../../main/core/remote/remote.ts'
import { createSyncEngine } from '../../../../main/core/sync/create-sync-engine.ts'
import type { RunOutcome, SyncContext } from '../../../../main/core/sync/sync-api.ts'
import type { JobDefinition } from '../../../../main/model/job.ts'
import type { Preview, RunProgress } from '../../../../main/model/run.ts'

/** The wall clock of a test; files without a time of their own are older than it, so that none is racy by accident. */
export const START = Date.UTC(2026, 0, 10, 12)

export type WorldClock = Clock & { set(now: number): void }

export function createWorldClock(): WorldClock {
  let now = START
  return {
    now: () => now,
    monotonic: () => now,
    setTimer: () => () => undefined,
    set: (next) => (now = next),
  }
}

export const silentLog: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined }

const uuid = (digit: string): string => `${digit.repeat(8)}-0000-4000-8000-000000000000`

export function buildJob(changes: Partial<JobDefinition> = {}): JobDefinition {
  return {
    id: uuid('1'),
    rev: 1,
    name: 'Photos',
    credential: uuid('2'),
    local: '/home/ada/photos',
    remote: 'backup/photos',
    mode: 'mirror',
    direction: 'push',
    schedule: 'manual',
    zone: 'Europe/Berlin',
    enabled: true,
    device: 'd0123456789abcdef',
    whenLocked: 'until-quit',
    filters: [],
    maxDelete: null,
    safety: null,
    created: '2026-01-01T00:00:00.000Z',
    changed: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
}

export type World = {
  readonly local: MemoryPlace
  readonly remote: MemoryPlace
  readonly clock: WorldClock
  readonly progress: RunProgress[]
  database: Database
  job: JobDefinition
  /** Parts of the context that differ from the usual ones; stays for all following calls. */
  context: Partial<SyncContext>
  run(options?: { approve?: string | null }): Promise<RunOutcome>
  preview(): Promise<Preview>
  close(): void
}

export type WorldOptions = {
  readonly job?: Partial<JobDefinition>
  readonly local?: MemoryPlaceOptions
  readonly remote?: MemoryPlaceOptions
  /** Put between the engine and a side. */
  readonly wrapLocal?: (remote: Remote) => Remote
  readonly wrapRemote?: (remote: Remote) => Remote
  /** An empty database that stays open when the world closes; absent = a new one. */
  readonly database?: Database
}

/** A new database file, and how to be rid of it. */
export function openDatabase(): { readonly database: Database; readonly close: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'fernsync-sync-'))
  const database = nodeDatabases.open(join(folder, 'job.sqlite'))
  // The files of a test need not survive a power cut.
  database.exec('PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF')
  return {
    database,
    close: () => {
      database.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Two places in memory, a real database file, and an engine between them. */
export function createWorld(options: WorldOptions = {}): World {
  const local = createMemoryPlace({ identity: 'disk-1', ...options.local })
  const remote = createMemoryPlace(options.remote)
  const clock = createWorldClock()
  const progress: RunProgress[] = []
  const planKey = new Uint8Array(32).fill(7)
  const now = (): number => clock.now()
  const context = (world: World): SyncContext => ({
    job: world.job,
    local: (options.wrapLocal ?? ((side) => side))(local.connect({ now })),
    remote: (options.wrapRemote ?? ((side) => side))(remote.connect({ now })),
    database: world.database,
    clock,
    random: nodeRandom,
    log: silentLog,
    signal: new AbortController().signal,
    recheck: false,
    target: 'sftp://ada@nas:22',
    planKey,
    onProgress: (report) => progress.push(report),
    ...world.context,
  })
  const engine = createSyncEngine()
  const { database, close } =
    options.database === undefined ? openDatabase() : { database: options.database, close: () => undefined }
  const world: World = {
    local,
    remote,
    clock,
    progress,
    database,
    job: buildJob(options.job),
    context: {},
    run: ({ approve = null } = {}) => {
      clock.set(clock.now() + 60_000)
      return engine.runJob(context(world), { run: nodeRandom.uuid(), trigger: 'manual', approve })
    },
    preview: () => engine.previewJob(context(world), nodeRandom.uuid()),
    close,
  }
  return world
}

/**
 * Puts files into a place: `{ 'a.txt': 'content', 'docs/': null }`; `['content', 5]` gives a time in seconds before the start of
 * the test (default 1000).
 */
export function put(
  place: MemoryPlace,
  files: Readonly<Record<string, string | readonly [string, number] | null>>,
): void {
  for (const [path, value] of Object.entries(files)) {
    if (value === null) {
      place.store.makeFolder(path.replace(/\/$/, ''))
      continue
    }
    const [text, age] = typeof value === 'string' ? [value, 1000] : value
    const content = new TextEncoder().encode(text)
    place.store.place(path, {
      kind: 'file',
      content,
      modTime: START - age * 1000,
      version: place.store.nextVersion(),
    })
  }
}

/** All files of a place with their content, and empty folders; our own names only with `all`. */
export function dump(place: MemoryPlace, { all = false } = {}): Record<string, string | null> {
  const found: Record<string, string | null> = {}
  const walk = (node: MemoryNode, path: string): void => {
    if (node.kind === 'file') found[path] = new TextDecoder().decode(node.content)
    if (node.kind === 'other') found[`${path} ->`] = null
    if (node.kind !== 'dir') return
    if (node.children.size === 0 && path !== '') found[`${path}/`] = null
    for (const child of [...node.children.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (all || !/^\.fernsync(-|$)/.test(child.name)) {
        walk(child.node, path === '' ? child.name : `${path}/${child.name}`)
      }
    }
  }
  walk(place.store.root, '')
  return found
}

/** What safety keeps, without the name of the run: `path -> content`. */
export function safetyOf(place: MemoryPlace): Record<string, string | null> {
  const kept: Record<string, string | null> = {}
  for (const [path, content] of Object.entries(dump(place, { all: true }))) {
    const inside = /^\.fernsync\/[^/]+\/safety\/[^/]+\/(.+)$/.exec(path)
    if (inside !== null) kept[String(inside[1])] = content
  }
  return kept
}
