import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { parentPath, pathKey } from '../../core/remote/remote-path.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Remote, WriteMode } from '../../core/remote/remote.ts'
import { createMakeDurable } from './make-durable.ts'
import { createReadFile } from './read-file.ts'
import { inParent, refuseName, translated } from './session.ts'
import type { LocalSession } from './session.ts'
import { moveToFree } from './write-file.ts'

type Optional = Required<
  Pick<Remote, 'move' | 'link' | 'setModTime' | 'hash' | 'usage' | 'makeDurable' | 'rootIdentity'>
>

/** Everything a file system does by itself. */
export function createOptionalMethods(session: LocalSession): Optional {
  const { disk, enter } = session
  const read = createReadFile(session)
  return {
    makeDurable: createMakeDurable(session),
    move: (from, to, mode, signal) =>
      translated(`move ${from}`, signal, async () => {
        await enter(signal)
        await moveEntry(session, { from, to, mode })
      }),
    link: (from, to, signal) =>
      translated(`link ${to}`, signal, async () => {
        await enter(signal)
        await linkFile(session, from, to)
      }),
    setModTime: (path, modTime, signal) =>
      translated(`set time of ${path}`, signal, async () => {
        await enter(signal)
        await inParent(session, path, false, async (entry, folder) => {
          const stats = needFile(path, await disk.lstat(entry))
          await folder.check()
          await disk.lutimes(entry, stats.atimeMs, modTime)
        })
      }),
    hash: (path, algorithm, signal) =>
      translated(`hash ${path}`, signal, async () => {
        const hash = createHash(algorithm)
        for await (const chunk of read(path, 0, signal)) hash.update(chunk)
        return hash.digest('hex')
      }),
    usage: (signal) =>
      translated('usage', signal, async () => {
        await enter(signal)
        const { blocks, bavail, bsize } = await disk.statfs(session.root)
        return { total: blocks * bsize, free: bavail * bsize }
      }),
    rootIdentity: (signal) =>
      translated('identity of the root', signal, async () => {
        await enter(signal)
        const { dev, ino, birthtimeMs } = await session.folders.rootStats()
        const { type } = await disk.statfs(session.root)
        // Device numbers change between boots, and two disks' roots share an inode number; when a folder was made does neither.
        const made = Math.trunc(birthtimeMs)
        return `${made > 0 ? `b${made}` : `d${dev}`}:${ino}:${type}`
      }),
  }
}

function needFile(path: RemotePath, stats: Stats | null): Stats {
  if (stats === null) throw new RemoteError('not-found', `${path}: nothing there`)
  if (!stats.isFile()) throw new RemoteError('wrong-kind', `${path}: is no regular file`)
  return stats
}

async function linkFile(session: LocalSession, from: RemotePath, to: RemotePath): Promise<void> {
  const { disk } = session
  refuseName(session, to)
  await inParent(session, from, false, async (source, sourceFolder) => {
    needFile(from, await disk.lstat(source))
    await inParent(session, to, true, async (target, targetFolder) => {
      await sourceFolder.check()
      await targetFolder.check()
      await disk.link(source, target)
    })
  })
}

type MoveRequest = { readonly from: RemotePath; readonly to: RemotePath; readonly mode: WriteMode }

async function moveEntry(session: LocalSession, request: MoveRequest): Promise<void> {
  const { from, to } = request
  const { disk, folders } = session
  refuseName(session, to)
  if (from === '' || to === '' || `${to}/`.startsWith(`${from}/`)) {
    if (from === to && from !== '') return
    throw new RemoteError('wrong-kind', `move ${from}: into itself`)
  }
  await inParent(session, from, false, async (source, sourceFolder) => {
    const moved = await disk.lstat(source)
    if (moved === null) throw new RemoteError('not-found', `move ${from}: nothing there`)
    await inParent(session, to, true, async (target, targetFolder) => {
      const there = await disk.lstat(target)
      await sourceFolder.check()
      await targetFolder.check()
      await rename(session, { ...request, source, target, moved, there })
    })
  })
  if (folders.made.delete(from)) folders.made.add(to)
}

type Rename = MoveRequest & {
  readonly source: string
  readonly target: string
  readonly moved: Stats
  readonly there: Stats | null
}

async function rename(
  { disk, features }: LocalSession,
  { from, to, mode, source, target, moved, there }: Rename,
): Promise<void> {
  const taken = (): RemoteError => new RemoteError('exists', `move ${to}: something is there`)
  const isRespelled =
    features.caseInsensitive &&
    parentPath(from) === parentPath(to) &&
    pathKey(from, true) === pathKey(to, true)
  if (there === null || isRespelled) {
    // A new spelling of the same name is "there" already, and is itself what is moved.
    if (mode === 'replace' || isRespelled || !moved.isFile()) return disk.rename(source, target)
    return moveToFree(disk, source, target, taken)
  }
  if (mode === 'create') throw taken()
  if (there.isDirectory() || moved.isDirectory()) {
    throw new RemoteError('wrong-kind', `move ${to}: a folder neither replaces nor is replaced`)
  }
  // rename(2) does nothing, successfully, when both names are links to one file: the old name would stay.
  if (there.ino === moved.ino && there.dev === moved.dev) return disk.unlink(source)
  return disk.rename(source, target)
}
