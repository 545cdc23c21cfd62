import { closeSync, constants, readlinkSync } from 'node:fs'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { baseName, parentPath, rootPath } from '../../core/remote/remote-path.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Disk } from './disk.ts'
import { errnoOf } from './errno.ts'
import type { Folder, Folders } from './folders.ts'

/** Folders kept open between calls; a run visits folder by folder, so few are needed. */
const maxIdle = 128

/** open(2): a handle that names a folder and needs no permission to read it. Node does not export the constant. */
const O_PATH = 0o10000000
const openFolder = O_PATH | constants.O_DIRECTORY

type Held = {
  readonly path: RemotePath
  readonly fd: number
  /** Where the kernel says the folder is, as seen right after opening; null when that is too long to say. */
  readonly seen: string | null
  users: number
  isDropped: boolean
}

const linkOf = (fd: number): string => `/proc/self/fd/${fd}`

const seenPath = (fd: number): string | null => {
  try {
    // At once and never on a pool thread: it asks the kernel's memory, not the disk, and must not be late.
    return readlinkSync(linkOf(fd))
  } catch (error) {
    if (errnoOf(error) === 'ENAMETOOLONG') return null
    throw error
  }
}

/** Open folders, the least recently used ones closed when there are too many. A folder in use is never closed. */
type HeldFolders = {
  /** The open folder of `path`, in use once more; null when there is none or it is no longer where it was opened. */
  reuse(path: RemotePath): Held | null
  /** Takes over `fd`, in use once. */
  keep(path: RemotePath, fd: number): Held
  letGo(held: Held): void
  closeAll(): void
}

function createHeldFolders(): HeldFolders {
  const kept = new Map<RemotePath, Held>()

  const drop = (held: Held): void => {
    if (held.isDropped) return
    held.isDropped = true
    if (kept.get(held.path) === held) kept.delete(held.path)
    if (held.users === 0) closeSync(held.fd)
  }

  const makeRoom = (): void => {
    for (const oldest of kept.values()) {
      if (kept.size <= maxIdle) return
      if (oldest.users === 0 && oldest.path !== rootPath) drop(oldest)
    }
  }

  return {
    reuse(path) {
      const held = kept.get(path)
      if (held === undefined) return null
      if (held.seen === null || seenPath(held.fd) !== held.seen) {
        if (path === rootPath) throw new RemoteError('not-found', 'the root folder is not where it was')
        drop(held)
        return null
      }
      held.users += 1
      kept.delete(path)
      kept.set(path, held)
      return held
    },
    keep(path, fd) {
      const held: Held = { path, fd, seen: seenPath(fd), users: 1, isDropped: false }
      const earlier = kept.get(path)
      if (earlier !== undefined) drop(earlier)
      kept.set(path, held)
      makeRoom()
      return held
    },
    letGo(held) {
      held.users -= 1
      if (held.users === 0 && held.isDropped) closeSync(held.fd)
    },
    closeAll() {
      for (const held of [...kept.values()]) drop(held)
    },
  }
}

/**
 * Linux: each part is opened relative to the handle of the one above (`/proc/self/fd/N/name`, which is openat(2)) with
 * O_NOFOLLOW, so no part can be a link, whoever swaps it at whatever moment. A handle kept from earlier is used only while
 * the kernel still places it where it was opened; so a folder that was moved out of the root is not written to either.
 */
export function createFoldersByHandle(root: string, disk: Disk): Folders {
  const held = createHeldFolders()
  const made = new Set<RemotePath>()
  let isClosed = false

  const keepOpened = (path: RemotePath, fd: number, above: Held | null): Held => {
    // A call that outlives close() must not leave a handle that nobody closes.
    if (isClosed) {
      closeSync(fd)
      throw new RemoteError('closed', 'the connection is closed')
    }
    const opened = held.keep(path, fd)
    if (above === null || above.seen === null || opened.seen === null) return opened
    if (opened.seen.startsWith(prefixOf(above.seen))) return opened
    held.letGo(opened)
    throw new RemoteError('wrong-kind', `folder ${path}: moved while it was opened`)
  }

  const acquire = async (path: RemotePath, make: boolean): Promise<Held> => {
    const known = held.reuse(path)
    if (known !== null) return known
    if (path === rootPath) return keepOpened(path, await disk.open(root, openFolder), null)
    const above = await acquire(parentPath(path), make)
    try {
      const entry = `${linkOf(above.fd)}/${baseName(path)}`
      const fd = await openOrMake(disk, entry, make, () => made.add(path))
      return keepOpened(path, fd, above)
    } finally {
      held.letGo(above)
    }
  }

  return {
    made,
    open: async (dir, make) => toFolder(await acquire(dir, make), (folder) => held.letGo(folder)),
    async rootStats() {
      const folder = await acquire(rootPath, false)
      try {
        return await disk.fstat(folder.fd)
      } finally {
        held.letGo(folder)
      }
    },
    close() {
      isClosed = true
      held.closeAll()
    },
  }
}

const prefixOf = (seen: string): string => (seen.endsWith('/') ? seen : `${seen}/`)

async function openOrMake(disk: Disk, entry: string, make: boolean, onMade: () => void): Promise<number> {
  const flags = openFolder | constants.O_NOFOLLOW
  try {
    return await disk.open(entry, flags)
  } catch (error) {
    if (!make || errnoOf(error) !== 'ENOENT') throw error
  }
  try {
    await disk.mkdir(entry)
    onMade()
  } catch (error) {
    // Somebody else made it first; what it is shows when it is opened.
    if (errnoOf(error) !== 'EEXIST') throw error
  }
  return disk.open(entry, flags)
}

function toFolder(held: Held, letGo: (held: Held) => void): Folder {
  const self = linkOf(held.fd)
  let isReleased = false
  return {
    self,
    entry: (name) => `${self}/${name}`,
    check() {
      if (held.seen !== null && seenPath(held.fd) !== held.seen) {
        throw new RemoteError('wrong-kind', `folder ${held.path}: moved or replaced meanwhile`)
      }
    },
    release() {
      if (isReleased) return
      isReleased = true
      letGo(held)
    },
  }
}
