import { RemoteError } from '../../core/remote/remote-error.ts'
import { childPath, rootPath } from '../../core/remote/remote-path.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Entry, ListedEntry, Remote } from '../../core/remote/remote.ts'
import { errnoOf, toRemoteError } from './errno.ts'
import { makeRoot } from './folders.ts'
import { decodeName } from './names.ts'
import { createOptionalMethods } from './optional-methods.ts'
import { createReadFile } from './read-file.ts'
import { inParent, refuseName, toEntry, translated } from './session.ts'
import type { LocalSession } from './session.ts'
import { writeFile } from './write-file.ts'

const listBatch = 512

/** One connection to a local folder, made of the parts in `session`. */
export function createLocalRemote(session: LocalSession, onClose: () => void): Remote {
  const { disk, features, enter } = session
  return {
    kind: 'local',
    features,
    stat: (path, signal) =>
      translated(`stat ${path}`, signal, async () => {
        await enter(signal)
        return statEntry(session, path)
      }),
    list: (dir, signal) => listFolder(session, dir, signal),
    read: createReadFile(session),
    write: (path, source, mode, signal) =>
      translated(`write ${path}`, signal, async () => {
        await enter(signal)
        return writeFile(session, path, { source, mode, signal })
      }),
    remove: (path, signal) =>
      translated(`remove ${path}`, signal, async () => {
        await enter(signal)
        await removeFile(session, path)
      }),
    mkdir: (dir, signal) =>
      translated(`mkdir ${dir}`, signal, async () => {
        await enter(signal)
        refuseName(session, dir)
        if (dir === '') return makeRoot(session.root, disk)
        const folder = await session.folders.open(dir, true)
        folder.release()
      }),
    rmdir: (dir, signal) =>
      translated(`rmdir ${dir}`, signal, async () => {
        await enter(signal)
        await removeFolder(session, dir)
      }),
    close() {
      onClose()
      return Promise.resolve()
    },
    ...createOptionalMethods(session),
  }
}

/** True for errors that say: there is nothing at this path, because a folder above is missing or is no folder. */
function isNothingThere(error: unknown): boolean {
  if (error instanceof RemoteError) return error.code === 'not-found' || error.code === 'wrong-kind'
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')
}

async function statEntry(session: LocalSession, path: RemotePath): Promise<Entry | null> {
  const { disk, folders, features } = session
  try {
    if (path === '') {
      await folders.rootStats()
      return { kind: 'dir', path: rootPath }
    }
    return await inParent(session, path, false, async (entry) => {
      const stats = await disk.lstat(entry)
      return stats === null ? null : toEntry(path, stats, features)
    })
  } catch (error) {
    if (isNothingThere(error)) return null
    throw error
  }
}

async function* listFolder(
  session: LocalSession,
  dir: RemotePath,
  signal: AbortSignal,
): AsyncIterable<readonly ListedEntry[]> {
  const { disk, enter } = session
  try {
    await enter(signal)
    const folder = await session.folders.open(dir, false)
    try {
      const names = await disk.readdir(folder.self)
      for (let start = 0; start < names.length; start += listBatch) {
        const batch: ListedEntry[] = []
        for (const bytes of names.slice(start, start + listBatch)) {
          const listed = await describeName(session, { dir, bytes, self: folder.self })
          if (listed !== null) batch.push(listed)
        }
        // A folder that was moved away while it was read has given names that are not in `dir`.
        await folder.check()
        if (batch.length > 0) yield batch
        await enter(signal)
      }
      await folder.check()
    } finally {
      folder.release()
    }
  } catch (error) {
    throw toRemoteError(error, `list ${dir}`, signal)
  }
}

type ListedName = { readonly dir: RemotePath; readonly bytes: string; readonly self: string }

/** Null for an entry that was removed since its name was read: it is not in the folder any more. */
async function describeName(
  { disk, features }: LocalSession,
  { dir, bytes, self }: ListedName,
): Promise<ListedEntry | null> {
  const decoded = decodeName(bytes)
  if (!decoded.ok) return { kind: 'invalid-name', dir, shown: decoded.shown }
  const stats = await disk.lstat(`${self}/${decoded.name}`)
  return stats === null ? null : toEntry(childPath(dir, decoded.name), stats, features)
}

async function removeFile(session: LocalSession, path: RemotePath): Promise<void> {
  const { disk } = session
  if (path === '') throw new RemoteError('wrong-kind', 'the root is a folder')
  try {
    await inParent(session, path, false, async (entry, folder) => {
      await folder.check()
      try {
        await disk.unlink(entry)
      } catch (error) {
        // macOS says EPERM for a folder, which is also the word for "not allowed".
        if (errnoOf(error) === 'EPERM' && (await disk.lstat(entry))?.isDirectory() === true) {
          throw new RemoteError('wrong-kind', `remove ${path}: is a folder`, { cause: error })
        }
        throw error
      }
    })
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

async function removeFolder(session: LocalSession, dir: RemotePath): Promise<void> {
  const { disk, folders } = session
  if (dir === '') throw new RemoteError('unsupported', 'the root is never removed')
  try {
    await inParent(session, dir, false, async (entry, folder) => {
      await folder.check()
      await disk.rmdir(entry)
    })
    folders.made.delete(dir)
  } catch (error) {
    // POSIX lets a system say EEXIST for a folder with content.
    if (errnoOf(error) === 'EEXIST') {
      throw new RemoteError('not-empty', `rmdir ${dir}: has content`, { cause: error })
    }
    if (!isGone(error)) throw error
  }
}

/** True when nothing was there to remove. A part above that is no folder is not that: it may be a swapped link. */
function isGone(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT' || (error instanceof RemoteError && error.code === 'not-found')
}
