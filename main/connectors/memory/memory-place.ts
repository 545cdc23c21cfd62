import type { Features, Remote } from '../../core/remote/remote.ts'
import { parseRemotePath } from '../../core/remote/remote-path.ts'
import { createMemoryRemote } from './memory-remote.ts'
import type { OptionalMethod } from './session.ts'
import { createMemoryStore } from './tree.ts'
import type { MemoryNode, MemoryStore } from './tree.ts'

/** What the place can do; every absent member is the friendlier choice. */
export type MemoryPlaceOptions = Partial<Features> & {
  /** Optional methods that exist; default: `move`, `link`, `copy`, `setModTime`, `usage`, `makeDurable`, `rootIdentity`. */
  readonly methods?: readonly OptionalMethod[]
  /** Bytes the place holds; more is `quota-exceeded`. Default: no limit. */
  readonly capacity?: number
  /** Longest name in UTF-8 bytes. Default: 255. */
  readonly maxNameBytes?: number
  /** Tells the place from another one; default: `memory`. */
  readonly identity?: string
}

export type MemoryConnection = {
  /** Folder of the place that is the root of the connection; default: all of it. */
  readonly root?: string
  readonly tempName?: () => string
  /** Wall clock for files written without a time; default: a counter that starts at 2020-01-01. */
  readonly now?: () => number
}

/** One tree in memory and any number of connections to it. */
export type MemoryPlace = {
  readonly features: Features
  connect(connection?: MemoryConnection): Remote
  /** Puts what no Remote can write: a link, a special file, a name nobody can decode. */
  plant(path: string, what: 'link' | 'special' | 'invalid-name'): void
  /** Changes the tree behind the back of every connection. */
  readonly store: MemoryStore
}

const defaultMethods: readonly OptionalMethod[] = [
  'move',
  'link',
  'copy',
  'setModTime',
  'usage',
  'makeDurable',
  'rootIdentity',
]

const utf8Length = (text: string): number => new TextEncoder().encode(text).length

/** Makes an empty place. The reference for every other Remote, and the double in the tests of the sync engine. */
export function createMemoryPlace(options: MemoryPlaceOptions = {}): MemoryPlace {
  const features: Features = Object.freeze({
    directories: options.directories ?? true,
    caseInsensitive: options.caseInsensitive ?? false,
    atomicWrite: options.atomicWrite ?? true,
    modTimePrecisionMs: options.modTimePrecisionMs === undefined ? 1 : options.modTimePrecisionMs,
    maxFileSize: options.maxFileSize ?? null,
    maxConcurrency: options.maxConcurrency ?? 64,
  })
  const maxNameBytes = options.maxNameBytes ?? 255
  const store = createMemoryStore({
    caseInsensitive: features.caseInsensitive,
    directories: features.directories,
    canStore: (name) => name.length * 3 <= maxNameBytes || utf8Length(name) <= maxNameBytes,
  })
  let tick = 1_577_836_800_000
  let temps = 0
  return {
    features,
    store,
    connect: ({ root = '', tempName, now } = {}) =>
      createMemoryRemote({
        store,
        features,
        root: parseRemotePath(root),
        methods: options.methods ?? defaultMethods,
        capacity: options.capacity ?? null,
        identity: options.identity ?? 'memory',
        tempName: tempName ?? (() => `.fernsync-00000000-${(temps += 1)}.part`),
        now: now ?? (() => (tick += 1)),
      }),
    plant(path, what) {
      const node: MemoryNode = what === 'invalid-name' ? { kind: what } : { kind: 'other', what }
      store.place(path, node)
    },
  }
}
