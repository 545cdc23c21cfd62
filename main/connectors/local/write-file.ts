import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { RemoteError } from '../../core/remote/remote-error.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { FileEntry, Source, WriteMode } from '../../core/remote/remote.ts'
import type { Disk } from './disk.ts'
import { errnoOf } from './errno.ts'
import { inParent, noFollow, refuseName, toFileEntry } from './session.ts'
import type { LocalSession } from './session.ts'

export type WriteRequest = {
  readonly source: Source
  readonly mode: WriteMode
  readonly signal: AbortSignal
}

const exclusive = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow
const permissionBits = 0o777

/** Writes beside the target and places the whole file in one step; throws errors of node:fs and RemoteErrors. */
export function writeFile(
  session: LocalSession,
  path: RemotePath,
  request: WriteRequest,
): Promise<FileEntry> {
  refuseName(session, path)
  if (path === '') throw new RemoteError('wrong-kind', 'the root is a folder')
  return inParent(session, path, true, async (entry, folder) => {
    const { disk } = session
    const old = await disk.lstat(entry)
    refuseTarget(path, old, request.mode)
    const temp = folder.entry(session.tempName())
    // A new file gets what the umask and default ACLs of the folder give. One that replaces another must at no moment be
    // readable to more people than that one.
    const fd = await disk.open(temp, exclusive, old === null ? 0o666 : 0o600)
    let isOpen = true
    try {
      await pour(disk, fd, path, request)
      await dress(disk, fd, old, request.source)
      request.signal.throwIfAborted()
      if (session.isWindows) {
        isOpen = false
        await disk.close(fd)
      }
      await folder.check()
      await place(disk, { temp, entry, path }, request.mode)
      const stats = isOpen ? await disk.fstat(fd) : await disk.lstat(entry)
      if (stats === null)
        throw new RemoteError('not-found', `write ${path}: removed right after it was placed`)
      return toFileEntry(path, stats, session.features)
    } catch (error) {
      await removeTemp(disk, temp)
      throw error
    } finally {
      if (isOpen) await disk.close(fd)
    }
  })
}

function refuseTarget(path: RemotePath, old: Stats | null, mode: WriteMode): void {
  if (old === null) return
  if (mode === 'create') throw new RemoteError('exists', `write ${path}: something is there`)
  if (!old.isFile()) throw new RemoteError('wrong-kind', `write ${path}: no regular file is there`)
}

async function pour(
  disk: Disk,
  fd: number,
  path: RemotePath,
  { source, signal }: WriteRequest,
): Promise<void> {
  let position = 0
  for await (const chunk of source.open(signal)) {
    signal.throwIfAborted()
    if (position + chunk.length > source.size) throw changed(path)
    let written = await disk.write(fd, chunk, position)
    while (written < chunk.length) {
      written += await disk.write(fd, chunk.subarray(written), position + written)
    }
    position += chunk.length
  }
  signal.throwIfAborted()
  if (position !== source.size) throw changed(path)
}

function changed(path: RemotePath): RemoteError {
  return new RemoteError('source-changed', `write ${path}: the source has another size now`)
}

async function dress(disk: Disk, fd: number, old: Stats | null, { modTime }: Source): Promise<void> {
  if (old !== null) await disk.fchmod(fd, old.mode & permissionBits)
  if (modTime !== null) await disk.futimes(fd, modTime, modTime)
}

/** File systems without hard links (FAT, some network shares) and the limit of links per file. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

type Placing = { readonly temp: string; readonly entry: string; readonly path: RemotePath }

async function place(disk: Disk, { temp, entry, path }: Placing, mode: WriteMode): Promise<void> {
  if (mode === 'replace') return disk.rename(temp, entry)
  await moveToFree(
    disk,
    temp,
    entry,
    () => new RemoteError('exists', `write ${path}: something appeared there`),
  )
}

/**
 * Gives the file `from` the name `to` only if nothing has it: link(2) fails where rename(2) would replace. Without hard
 * links, a look right before the rename is the best there is.
 */
export async function moveToFree(
  disk: Disk,
  from: string,
  to: string,
  taken: () => RemoteError,
): Promise<void> {
  try {
    await disk.link(from, to)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'EEXIST') throw taken()
    if (errno === null || !noLinks.has(errno)) throw error
    if ((await disk.lstat(to)) !== null) throw taken()
    return disk.rename(from, to)
  }
  await disk.unlink(from)
}

async function removeTemp(disk: Disk, temp: string): Promise<void> {
  try {
    await disk.unlink(temp)
  } catch {
    // Placed already, or the disk is gone: the failure that brought us here is the one to report.
  }
}
