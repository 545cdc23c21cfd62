import { AppError } from '../../model/app-error.ts'
import { reactionOf } from '../../model/error-codes.ts'
import type { RemoteErrorCode } from '../../model/error-codes.ts'
import type { Clock } from '../ports/clock.ts'
import { RemoteError } from '../remote/remote-error.ts'
import { baseName, isReservedName, parentPath, pathKey, rootPath } from '../remote/remote-path.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { Entry, FileEntry, ListedEntry, OtherEntry, Remote } from '../remote/remote.ts'
import type { Filter } from './filters.ts'
import { runPool } from './pool.ts'

/** Listings in flight per side; more does not help any server we measured. */
const MAX_LISTINGS = 32
/** A server that invents folders without end must not fill the memory of this machine. */
const MAX_ENTRIES = 2_000_000
const MAX_DEPTH = 256

/** Everything one side holds, by `pathKey`. What is filtered or reserved is not in `files` and `dirs`. */
export type SideScan = {
  readonly files: Map<string, FileEntry>
  readonly dirs: Map<string, RemotePath>
  readonly others: Map<string, OtherEntry>
  /** Names that are one key on this side; none of them is in `files`, `dirs` or `others`. */
  readonly twins: Map<string, RemotePath[]>
  readonly filtered: Set<string>
  /** Folders that could not be listed: what is in them is unknown. */
  readonly unread: Map<string, { readonly path: RemotePath; readonly code: RemoteErrorCode }>
  /** Names that no path can hold, as they may be shown. */
  readonly invalid: { readonly dir: RemotePath; readonly shown: string }[]
  /** Folders that hold something out of scope and therefore stay. */
  readonly holding: Set<string>
  /** Temp files of runs of Fernsync. */
  readonly leftovers: RemotePath[]
  /** Entries of the root folder, reserved names apart; 0 for an empty place. */
  rootEntries: number
  startedAt: number
  endedAt: number
}

export type ScanOptions = {
  readonly remote: Remote
  readonly filter: Filter
  readonly foldCase: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onFile?: () => void
}

export function emptyScan(): SideScan {
  return {
    files: new Map(),
    dirs: new Map(),
    others: new Map(),
    twins: new Map(),
    filtered: new Set(),
    unread: new Map(),
    invalid: [],
    holding: new Set(),
    leftovers: [],
    rootEntries: 0,
    startedAt: 0,
    endedAt: 0,
  }
}

/**
 * Lists one side completely. A folder that cannot be listed is in `unread` and never counts as empty. Rejects when the root
 * cannot be listed and with every code that ends a run, RemoteError `cancelled` included.
 */
export async function scanSide(options: ScanOptions): Promise<SideScan> {
  const { remote, clock, signal } = options
  const scan = emptyScan()
  scan.startedAt = clock.now()
  const collect = collector(scan, options)
  const limit = Math.max(1, Math.min(MAX_LISTINGS, remote.features.maxConcurrency))
  await runPool<Folder>([{ path: rootPath, key: '', depth: 0 }], limit, async (folder, add) => {
    try {
      for await (const batch of remote.list(folder.path, signal)) {
        for (const entry of batch) {
          const below = collect(folder, entry)
          if (below !== null) add(below)
        }
      }
    } catch (error) {
      if (folder.path === rootPath || !isLocalTrouble(error)) throw error
      scan.unread.set(folder.key, { path: folder.path, code: error.code })
    }
  })
  scan.endedAt = clock.now()
  return scan
}

type Folder = { readonly path: RemotePath; readonly key: string; readonly depth: number }

/** True for an error that concerns this folder only; a lost connection concerns all of them. */
function isLocalTrouble(error: unknown): error is RemoteError {
  return error instanceof RemoteError && reactionOf(error.code) !== 'stop' && error.code !== 'unreachable'
}

/** Takes the entries of a side one by one and answers with the folder to list next, if the entry is one. */
function collector(scan: SideScan, { filter, foldCase, onFile }: ScanOptions) {
  let entries = 0
  return (folder: Folder, entry: ListedEntry): Folder | null => {
    entries += 1
    if (entries > MAX_ENTRIES) throw new AppError('limit-reached', 'scan: more entries than a job may have')
    if (entry.kind === 'invalid-name' || !isChild(folder, entry)) {
      setAside(scan, folder, entry.kind === 'invalid-name' ? entry.shown : entry.path)
      return null
    }
    const name = baseName(entry.path)
    if (isReservedName(name)) {
      if (entry.kind === 'file' && name.endsWith('.part')) scan.leftovers.push(entry.path)
      else scan.holding.add(folder.key)
      return null
    }
    if (folder.depth === 0) scan.rootEntries += 1
    const ownKey = pathKey(name, foldCase)
    const key = folder.key === '' ? ownKey : `${folder.key}/${ownKey}`
    if (filter(entry.path, entry.kind === 'dir')) {
      scan.filtered.add(key)
      scan.holding.add(folder.key)
      return null
    }
    if (!keep(scan, key, entry)) return null
    if (entry.kind === 'file') onFile?.()
    return entry.kind === 'dir' ? descend(scan, { path: entry.path, key, depth: folder.depth + 1 }) : null
  }
}

/** A path from elsewhere is a server's lie or a connector's bug: its text must not become a path of ours. */
function isChild(folder: Folder, entry: Entry): boolean {
  return entry.path !== rootPath && parentPath(entry.path) === folder.path
}

function setAside(scan: SideScan, folder: Folder, shown: string): void {
  scan.invalid.push({ dir: folder.path, shown })
  scan.holding.add(folder.key)
  if (folder.depth === 0) scan.rootEntries += 1
}

function descend(scan: SideScan, folder: Folder): Folder | null {
  if (folder.depth <= MAX_DEPTH) return folder
  scan.unread.set(folder.key, { path: folder.path, code: 'invalid-name' })
  return null
}

/** Files the entry under its key; false when the key is taken, and then all holders of the key are twins. */
function keep(scan: SideScan, key: string, entry: Entry): boolean {
  const twins = scan.twins.get(key)
  if (twins !== undefined) {
    twins.push(entry.path)
    return false
  }
  const first = scan.files.get(key)?.path ?? scan.dirs.get(key) ?? scan.others.get(key)?.path
  if (first !== undefined) {
    scan.files.delete(key)
    scan.dirs.delete(key)
    scan.others.delete(key)
    scan.twins.set(key, [first, entry.path])
    return false
  }
  if (entry.kind === 'file') scan.files.set(key, entry)
  else if (entry.kind === 'dir') scan.dirs.set(key, entry.path)
  else scan.others.set(key, entry)
  return true
}
