import { constants } from 'node:fs'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { baseName, parentPath } from '../../core/remote/remote-path.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Remote } from '../../core/remote/remote.ts'
import { errnoOf } from './errno.ts'
import { noFollow, translated } from './session.ts'
import type { LocalSession } from './session.ts'

/** Flushes in flight. A journal commits many at once; more than a few only wait for each other. */
const maxFlushes = 16

/** A missing file or folder needs no flush of its own; the folder that lost it does. */
const absent = new Set(['ENOENT', 'ENOTDIR', 'ELOOP'])

/**
 * Makes `makeDurable`: each file once, then each folder that gained, lost or renamed an entry once, deepest first, with
 * the folders above those that this connection has made. A failed flush is reported and never tried again: the kernel may
 * have dropped the pages and would then call a second flush a success (fsync(2), "Notes").
 */
export function createMakeDurable(session: LocalSession): NonNullable<Remote['makeDurable']> {
  const { enter, folders } = session
  return (paths, signal) =>
    translated('make durable', signal, async () => {
      await enter(signal)
      const files = [...new Set(paths)]
      await eachOf(files, signal, (path) => flushFile(session, path))
      const changed = foldersOf(files, folders.made)
      await eachOf(changed, signal, (dir) => flushFolder(session, dir))
      for (const dir of changed) folders.made.delete(dir)
    })
}

/** The folders whose entries must reach the disk, deepest first. */
export function foldersOf(
  files: readonly RemotePath[],
  made: ReadonlySet<RemotePath>,
): readonly RemotePath[] {
  const folders = new Set<RemotePath>()
  for (const file of files) {
    let dir = parentPath(file)
    folders.add(dir)
    while (made.has(dir)) {
      dir = parentPath(dir)
      folders.add(dir)
    }
  }
  return [...folders].sort((left, right) => depthOf(right) - depthOf(left))
}

const depthOf = (path: RemotePath): number => (path === '' ? 0 : path.split('/').length)

async function flushFile({ disk, folders, isWindows }: LocalSession, path: RemotePath): Promise<void> {
  await ifPresent(async () => {
    const folder = await folders.open(parentPath(path), false)
    try {
      const entry = folder.entry(baseName(path))
      if ((await disk.lstat(entry))?.isFile() !== true) return
      // Windows flushes only through a handle that may write.
      const access = isWindows ? constants.O_RDWR : constants.O_RDONLY
      await flush(disk, entry, access | noFollow)
    } finally {
      folder.release()
    }
  })
}

async function flushFolder({ disk, folders, isWindows }: LocalSession, dir: RemotePath): Promise<void> {
  // Windows has no flush of a folder; NTFS journals names by itself.
  if (isWindows) return
  await ifPresent(async () => {
    const folder = await folders.open(dir, false)
    try {
      await flush(disk, folder.self, constants.O_RDONLY | constants.O_DIRECTORY)
    } catch (error) {
      // What some file systems say about folders: they have nothing to flush.
      if (errnoOf(error) !== 'EINVAL') throw error
    } finally {
      folder.release()
    }
  })
}

async function flush(disk: LocalSession['disk'], path: string, flags: number): Promise<void> {
  const fd = await disk.open(path, flags)
  try {
    await disk.fsync(fd)
  } finally {
    await disk.close(fd)
  }
}

async function ifPresent(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const isAbsent =
      error instanceof RemoteError ? error.code === 'not-found' : absent.has(errnoOf(error) ?? '')
    if (!isAbsent) throw error
  }
}

async function eachOf(
  paths: readonly RemotePath[],
  signal: AbortSignal,
  work: (path: RemotePath) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      signal.throwIfAborted()
      await work(path)
    }
  }
  await Promise.all(Array.from({ length: Math.min(maxFlushes, paths.length) }, worker))
}
