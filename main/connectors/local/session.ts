import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { baseName, parentPath } from '../../core/remote/remote-path.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Entry, Features, FileEntry } from '../../core/remote/remote.ts'
import type { Disk } from './disk.ts'
import { toRemoteError } from './errno.ts'
import type { Folder, Folders } from './folders.ts'
import { isRefusedByWindows } from './names.ts'

/** What the calls of one connection share. */
export type LocalSession = {
  readonly root: string
  readonly disk: Disk
  readonly folders: Folders
  readonly features: Features
  readonly tempName: () => string
  readonly isWindows: boolean
  /** Throws `closed` or `cancelled`, and lets the event loop turn when it is time. Every call begins with it. */
  readonly enter: (signal: AbortSignal) => Promise<void> | void
}

/** Absent on Windows, where opening checks for a link by looking before and comparing after. */
export const noFollow: number = constants.O_NOFOLLOW ?? 0
/** So that opening a pipe or a device returns at once, to be refused. */
const nonBlock: number = constants.O_NONBLOCK ?? 0

export function toEntry(path: RemotePath, stats: Stats, features: Features): Entry {
  if (stats.isFile()) return toFileEntry(path, stats, features)
  if (stats.isDirectory()) return { kind: 'dir', path }
  return { kind: 'other', path, what: stats.isSymbolicLink() ? 'link' : 'special' }
}

/**
 * Inode and change time together are the version: no program can set the change time, so content replaced with its old
 * size and time is noticed. Renaming, linking and changing permissions change it too.
 */
export function toFileEntry(path: RemotePath, stats: Stats, features: Features): FileEntry {
  const precision = features.modTimePrecisionMs ?? 1
  return {
    kind: 'file',
    path,
    size: stats.size,
    modTime: Math.floor(stats.mtimeMs / precision) * precision,
    version: `${stats.ino}:${stats.ctimeMs}`,
  }
}

/** Runs `work` and turns whatever it throws into a RemoteError of `operation`. */
export async function translated<T>(
  operation: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toRemoteError(error, operation, signal)
  }
}

/** Calls `work` with the open folder above `path` and the entry's own path. */
export async function inParent<T>(
  { folders }: LocalSession,
  path: RemotePath,
  make: boolean,
  work: (entry: string, folder: Folder) => Promise<T>,
): Promise<T> {
  const folder = await folders.open(parentPath(path), make)
  try {
    return await work(folder.entry(baseName(path)), folder)
  } finally {
    folder.release()
  }
}

/** Opens the regular file `entry` for reading; the caller closes it. A link, pipe, device or folder is `wrong-kind`. */
export async function openFile(
  { disk }: LocalSession,
  entry: string,
  folder: Folder,
): Promise<{ fd: number; stats: Stats }> {
  const fd = await disk.open(entry, constants.O_RDONLY | noFollow | nonBlock)
  try {
    const stats = await disk.fstat(fd)
    if (!stats.isFile()) throw new RemoteError('wrong-kind', 'is no regular file')
    if (noFollow === 0) await refuseLink(disk, entry, stats)
    await folder.check()
    return { fd, stats }
  } catch (error) {
    await disk.close(fd)
    throw error
  }
}

async function refuseLink(disk: Disk, entry: string, opened: Stats): Promise<void> {
  const named = await disk.lstat(entry)
  if (named === null || named.isSymbolicLink() || named.ino !== opened.ino) {
    throw new RemoteError('wrong-kind', 'is a link, or was replaced while it was opened')
  }
}

/** Throws `invalid-name` for a part of `path` that this system would refuse or change. */
export function refuseName(session: LocalSession, path: RemotePath): void {
  if (session.isWindows && path !== '' && path.split('/').some(isRefusedByWindows)) {
    throw new RemoteError('invalid-name', `${path}: a name that Windows does not take`)
  }
}
