import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { versionOf } from '../../helpers/version-of.ts'
import type { FileOperations, OpenFile } from '../../../main/adapters/file-operations.ts'

/** A file's content now, and what of it is on the medium for sure: null before the first fsync. */
type Content = {
  readonly bytes: Uint8Array
  readonly synced: Uint8Array | null
  readonly isPoisoned: boolean
}
/** A name that appears, disappears or both at once (rename), which its folder's fsync makes durable. */
export type NameChange = {
  readonly folder: string
  readonly set: readonly [path: string, node: number] | null
  readonly remove: string | null
}

/** A disk at one moment. `durable` are the names that a power cut cannot take; `pending` those it may, each on its own. */
export type DiskState = {
  readonly root: string
  readonly names: ReadonlyMap<string, number>
  readonly durable: ReadonlyMap<string, number>
  readonly pending: readonly NameChange[]
  readonly contents: ReadonlyMap<number, Content>
}

export type DiskCall = { readonly name: string; readonly path: string; readonly changes: boolean }
/** What becomes of the call: an error instead of it, one byte written instead of all, or the call itself. */
export type Fault = (call: DiskCall, index: number) => Error | 'short' | null

export type Disk = {
  readonly operations: FileOperations
  /** Every call so far. */
  readonly calls: readonly DiskCall[]
  /** The disk before each call that changes it. */
  readonly history: readonly DiskState[]
  state(): DiskState
}

const FOLDER = 0

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: told to fail`), { code })
}

/** An empty disk with one folder. */
export function emptyDisk(folder: string): DiskState {
  const names = new Map([
    [folder, FOLDER],
    [`${folder}/device`, FOLDER],
  ])
  return { root: folder, names, durable: names, pending: [], contents: new Map() }
}

/** The same after every pending write reached the medium. */
export function settledDisk({ root, names, contents }: DiskState): DiskState {
  const synced = [...contents].map(
    ([node, { bytes }]) => [node, { bytes, synced: bytes, isPoisoned: false }] as const,
  )
  return { root, names, durable: names, pending: [], contents: new Map(synced) }
}

/** The calls of the file store on a disk in memory that knows what an fsync has made durable and what not. */
export function createDisk(start: DiskState, fault: Fault = () => null): Disk {
  const calls: DiskCall[] = []
  const history: DiskState[] = []
  let state = start
  let nodes = Math.max(0, ...start.contents.keys())

  const step = (name: string, path: string, changes: boolean): 'short' | null => {
    const call = { name, path, changes }
    const outcome = fault(call, calls.push(call) - 1)
    if (outcome instanceof Error) throw outcome
    if (changes) history.push(state)
    return outcome
  }
  const nodeAt = (path: string): number => {
    const node = state.names.get(path)
    if (node === undefined) throw systemError('ENOENT')
    return node
  }
  const change = (path: string, set: NameChange['set'], remove: string | null): void => {
    const entry = { folder: dirname(path), set, remove }
    state = { ...state, names: applied(state.names, [entry]), pending: [...state.pending, entry] }
  }
  const put = (node: number, content: Content): void => {
    state = { ...state, contents: new Map(state.contents).set(node, content) }
  }
  const contentOf = (node: number): Content => {
    const content = state.contents.get(node)
    if (content === undefined) throw systemError('EISDIR')
    return content
  }

  const open = (path: string, node: number): OpenFile => ({
    write(bytes, offset) {
      return answer(() => {
        const end = step('write', path, true) === 'short' ? offset + 1 : bytes.byteLength
        const content = contentOf(node)
        put(node, { ...content, bytes: Buffer.concat([content.bytes, bytes.subarray(offset, end)]) })
        return end - offset
      })
    },
    read: (bytes, offset, position) =>
      answer(() => {
        step('read', path, false)
        const piece = contentOf(node).bytes.subarray(position, position + bytes.byteLength - offset)
        bytes.set(piece, offset)
        return piece.byteLength
      }),
    stat: () =>
      answer(() => {
        step('stat', path, false)
        const content = state.contents.get(node)
        const size = content?.bytes.byteLength ?? 0
        const ctimeMs = content === undefined ? 0 : versionOf(content.bytes)
        return { isFile: node !== FOLDER, size, mtimeMs: 0, ctimeMs, file: String(node) }
      }),
    truncate: (length) =>
      answer(() => {
        step('truncate', path, true)
        const content = contentOf(node)
        put(node, { ...content, bytes: content.bytes.slice(0, length) })
      }),
    sync: () =>
      answer(() => {
        try {
          step('sync', path, true)
        } catch (error) {
          // The kernel takes pages it could not write for clean: a second fsync succeeds and promises nothing.
          if (node !== FOLDER) put(node, { ...contentOf(node), isPoisoned: true })
          throw error
        }
        if (node === FOLDER) state = withFolderSynced(state, path)
        else if (!contentOf(node).isPoisoned) put(node, { ...contentOf(node), synced: contentOf(node).bytes })
      }),
    close: () => answer(() => void step('close', path, false)),
  })

  const operations: FileOperations = {
    openRead: (path) => answer(() => (step('openRead', path, false), open(path, nodeAt(path)))),
    openFolder: (path) => answer(() => (step('openFolder', path, false), open(path, nodeAt(path)))),
    create: (path) =>
      answer(() => {
        step('create', path, true)
        if (state.names.has(path)) throw systemError('EEXIST')
        nodeAt(dirname(path))
        nodes += 1
        put(nodes, { bytes: new Uint8Array(), synced: null, isPoisoned: false })
        change(path, [path, nodes], null)
        return open(path, nodes)
      }),
    openAppend: (path) =>
      answer(() => {
        const isNew = !state.names.has(path)
        step('openAppend', path, isNew)
        if (!isNew) return open(path, nodeAt(path))
        nodeAt(dirname(path))
        nodes += 1
        put(nodes, { bytes: new Uint8Array(), synced: null, isPoisoned: false })
        change(path, [path, nodes], null)
        return open(path, nodes)
      }),
    link: (from, to) =>
      answer(() => {
        step('link', to, true)
        if (state.names.has(to)) throw systemError('EEXIST')
        change(to, [to, nodeAt(from)], null)
      }),
    rename: (from, to) =>
      answer(() => {
        step('rename', to, true)
        // POSIX: two names of one file stay as they are.
        if (nodeAt(from) !== state.names.get(to)) change(to, [to, nodeAt(from)], from)
      }),
    unlink: (path) =>
      answer(() => {
        step('unlink', path, true)
        nodeAt(path)
        change(path, null, path)
      }),
    makeFolder: (path) =>
      answer(() => {
        step('makeFolder', path, true)
        const missing: string[] = []
        for (let at = path; !state.names.has(at); at = dirname(at)) missing.unshift(at)
        for (const folder of missing) change(folder, [folder, FOLDER], null)
      }),
    readFolder: (path) =>
      answer(() => {
        step('readFolder', path, false)
        nodeAt(path)
        return [...state.names.keys()]
          .filter((name) => dirname(name) === path)
          .map((name) => name.slice(path.length + 1))
      }),
  }
  return { operations, calls, history, state: () => state }
}

/** What of the pending changes of a disk a power cut let through. */
export type Cut = {
  /** Whether the nth pending change of a name is there. */
  readonly keepsName: (index: number) => boolean
  /** What is left of a content of which only `synced` bytes are certain. */
  readonly tear: (bytes: Uint8Array, synced: Uint8Array | null) => Uint8Array
}

/** The disk as it is found after the power came back. */
export function afterPowerCut(state: DiskState, { keepsName, tear }: Cut): DiskState {
  const names = applied(
    state.durable,
    state.pending.filter((_, index) => keepsName(index)),
  )
  const reachable = [...names].filter(([path]) => isReachable(names, state.root, path))
  const contents = new Map<number, Content>()
  for (const node of new Set(reachable.map(([, found]) => found))) {
    const content = state.contents.get(node)
    if (content === undefined) continue
    const { bytes, synced } = content
    const left = synced === bytes ? bytes : tear(bytes, synced)
    contents.set(node, { bytes: left, synced: left, isPoisoned: false })
  }
  const left = new Map(reachable)
  return { root: state.root, names: left, durable: left, pending: [], contents }
}

/** The worst cut: nothing is there but what an fsync promised. */
export const nothingPending: Cut = {
  keepsName: () => false,
  tear: (_, synced) => synced ?? new Uint8Array(),
}

/** The files of a disk by path, without its folders. */
export function filesOf(state: DiskState): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  for (const [path, node] of state.names) {
    const content = state.contents.get(node)
    if (content !== undefined) files.set(path, content.bytes)
  }
  return files
}

/** Equal for disks with the same files. */
export function digestOf({ names, contents }: DiskState): string {
  const hash = createHash('sha256')
  for (const [path, node] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
    // Of a left-over only that it is there matters, not what it is called.
    hash.update(`${path.replace(/[0-9a-f]{16}\.tmp$/, '.tmp')}\0`).update(contents.get(node)?.bytes ?? '/')
  }
  return hash.digest('hex')
}

function applied(names: ReadonlyMap<string, number>, changes: readonly NameChange[]): Map<string, number> {
  const next = new Map(names)
  for (const { set, remove } of changes) {
    if (remove !== null) next.delete(remove)
    if (set !== null) next.set(...set)
  }
  return next
}

function withFolderSynced(state: DiskState, folder: string): DiskState {
  const isHere = (change: NameChange): boolean => change.folder === folder
  return {
    ...state,
    durable: applied(state.durable, state.pending.filter(isHere)),
    pending: state.pending.filter((change) => !isHere(change)),
  }
}

/** A name in a folder whose own name was lost is lost with it. */
function isReachable(names: ReadonlyMap<string, number>, root: string, path: string): boolean {
  for (let at = path; at !== root; at = dirname(at)) if (names.get(dirname(at)) !== FOLDER) return false
  return true
}

/** Runs now, answers as a promise, like the calls of the file system. */
function answer<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()))
}
