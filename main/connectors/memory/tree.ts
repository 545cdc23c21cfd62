import { RemoteError } from '../../core/remote/remote-error.ts'
import { isSafeName } from '../../core/remote/remote-path.ts'

export type MemoryFile = {
  readonly kind: 'file'
  content: Uint8Array
  /** Milliseconds since 1970, not yet cut to a precision. */
  modTime: number
  version: number
}
export type MemoryFolder = { readonly kind: 'dir'; readonly children: Map<string, MemoryChild> }
export type MemoryOther = { readonly kind: 'other'; readonly what: 'link' | 'special' }
/** A name that no RemotePath can hold, as a server may list it. */
export type MemoryUnreadable = { readonly kind: 'invalid-name' }
export type MemoryNode = MemoryFile | MemoryFolder | MemoryOther | MemoryUnreadable
/** `name` as it was first written; the key of the map is folded where case does not count. */
export type MemoryChild = { name: string; node: MemoryNode }

export type MemoryStoreOptions = {
  readonly caseInsensitive: boolean
  /** False for a place like an object store: folders come and go with their files. */
  readonly directories: boolean
  /** False for a name that the place refuses. */
  readonly canStore: (name: string) => boolean
}

/**
 * Files and folders in memory: what several connections share. Throws RemoteError as a Remote does. Paths are relative,
 * `/`-separated and already checked.
 */
export type MemoryStore = {
  readonly root: MemoryFolder
  /** Null when nothing is there or a part above is no folder. */
  find(path: string): MemoryChild | null
  /** The folder at `path`, made with its parents when absent; `wrong-kind` when a part is no folder. */
  makeFolder(path: string): MemoryFolder
  /** Puts `node` at `path`, replacing what is there. */
  place(path: string, node: MemoryNode): void
  /** Takes the node out, with its folders that become empty where folders do not stand alone. */
  take(path: string): MemoryNode | null
  /** A number that no file of this store had before. */
  nextVersion(): number
}

const isFolder = (node: MemoryNode | undefined): node is MemoryFolder => node?.kind === 'dir'

export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const root: MemoryFolder = { kind: 'dir', children: new Map() }
  const keyOf = options.caseInsensitive
    ? (name: string): string => name.toUpperCase().toLowerCase()
    : (name: string): string => name
  let version = 0

  const names: Names = { keyOf, canStore: options.canStore }
  const find = (path: string): MemoryChild | null => findChild(root, path, keyOf)
  const makeFolder = (path: string): MemoryFolder => growFolder(root, path, names)

  const dropEmptyParents = (path: string): void => {
    for (let parent = folderOf(path); parent !== ''; parent = folderOf(parent)) {
      const child = find(parent)
      if (!isFolder(child?.node) || child.node.children.size > 0) return
      folderAt(folderOf(parent))?.children.delete(keyOf(lastPart(parent)))
    }
  }

  const folderAt = (path: string): MemoryFolder | null => {
    const node = find(path)?.node
    return isFolder(node) ? node : null
  }

  return {
    root,
    find,
    makeFolder,
    place(path, node) {
      const name = lastPart(path)
      refuseName(name, names)
      const { children } = makeFolder(folderOf(path))
      const key = keyOf(name)
      // A place without case keeps the spelling of the first writer, as NTFS, APFS and exFAT do.
      children.set(key, { name: children.get(key)?.name ?? name, node })
    },
    take(path) {
      const folder = folderAt(folderOf(path))
      const key = keyOf(lastPart(path))
      const child = folder?.children.get(key)
      if (folder === null || child === undefined) return null
      folder.children.delete(key)
      if (!options.directories) dropEmptyParents(path)
      return child.node
    },
    nextVersion: () => (version += 1),
  }
}

type Names = { readonly keyOf: (name: string) => string; readonly canStore: (name: string) => boolean }

function findChild(root: MemoryFolder, path: string, keyOf: Names['keyOf']): MemoryChild | null {
  let child: MemoryChild = { name: '', node: root }
  if (path === '') return child
  for (const part of path.split('/')) {
    const next = isFolder(child.node) ? child.node.children.get(keyOf(part)) : undefined
    if (next === undefined) return null
    child = next
  }
  return child
}

function growFolder(root: MemoryFolder, path: string, names: Names): MemoryFolder {
  let folder = root
  if (path === '') return folder
  for (const name of path.split('/')) {
    refuseName(name, names)
    const child = folder.children.get(names.keyOf(name))
    if (child === undefined) {
      const made: MemoryFolder = { kind: 'dir', children: new Map() }
      folder.children.set(names.keyOf(name), { name, node: made })
      folder = made
    } else if (isFolder(child.node)) {
      folder = child.node
    } else {
      throw new RemoteError('wrong-kind', `make folder ${path}: ${name} is no folder`)
    }
  }
  return folder
}

function refuseName(name: string, names: Names): void {
  if (!isSafeName(name) || !names.canStore(name)) {
    throw new RemoteError('invalid-name', `name ${JSON.stringify(name)} cannot be stored`)
  }
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
