import { rootPath, type RemotePath } from '../../core/remote/remote-path.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import type { Features, Remote, WriteMode } from '../../core/remote/remote.ts'
import { abortable } from './abort.ts'
import { lookUp, serverParent, serverPath, toEntry, type Context } from './context.ts'
import { explainStoreFailure } from './diagnose.ts'
import { isStatus } from './errors.ts'
import { makeFolder, removeFile, removeFolder, withParents } from './folders.ts'
import { listFolder } from './listing.ts'
import { extension, operations } from './operations.ts'
import { choosePlacement, place, replacesInOneStep } from './placing.ts'
import { readFile } from './reader.ts'
import { statusCode, StatusError, type Session } from './session.ts'
import { fileKind } from './wire.ts'
import { writeFile } from './writer.ts'

/** Small files in flight: enough that a line of 100 ms still carries hundreds of files a second. */
const maxConcurrency = 64

/** Handles that one call may hold at once: a file on two connections, or a folder being listed. */
const handlesPerCall = 2

async function stat(context: Context, session: Session, path: RemotePath): ReturnType<Remote['stat']> {
  const name = serverPath(context, path)
  // The root may be a link that its owner set up; what lies below is never followed.
  const attributes =
    path === ''
      ? await operations.stat(session, name).catch((error: unknown) => {
          if (isStatus(error, statusCode.noSuchFile)) return null
          throw error
        })
      : await lookUp(session, name)
  if (attributes === null) return null
  const entry = toEntry(path, attributes)
  if (entry === null) throw new RemoteError('server-error', 'the server does not tell what an entry is')
  return entry
}

/** A refusal for want of the source reads "no such file", like one for want of the target's folder: a look tells. */
async function requireSource(session: Session, from: string, error: unknown): Promise<never> {
  if (error instanceof StatusError && (await lookUp(session, from)) === null) {
    throw new RemoteError('not-found', 'the source is not there', { cause: error })
  }
  throw error
}

async function move(
  context: Context,
  session: Session,
  paths: { readonly from: RemotePath; readonly to: RemotePath },
  mode: WriteMode,
): Promise<void> {
  const [from, to] = [serverPath(context, paths.from), serverPath(context, paths.to)]
  try {
    const placement = await choosePlacement(context, session, serverParent(from), mode)
    await withParents(context, session, paths.to, async () => {
      try {
        await place(context, session, { from, to }, placement)
      } catch (error) {
        await requireSource(session, from, error)
      }
    })
  } catch (error) {
    throw await explainStoreFailure(session, error, { path: to, bytes: 0, operation: 'move' })
  }
}

async function link(
  context: Context,
  session: Session,
  paths: { readonly from: RemotePath; readonly to: RemotePath },
): Promise<void> {
  const [from, to] = [serverPath(context, paths.from), serverPath(context, paths.to)]
  try {
    await withParents(context, session, paths.to, async () => {
      try {
        await operations.hardlink(session, from, to)
      } catch (error) {
        await requireSource(session, from, error)
      }
    })
  } catch (error) {
    if (error instanceof StatusError && !isStatus(error, statusCode.noSuchFile)) {
      if ((await lookUp(session, to)) !== null) {
        throw new RemoteError('exists', 'the name is taken', { cause: error })
      }
    }
    throw await explainStoreFailure(session, error, { path: to, bytes: 0, operation: 'link' })
  }
}

async function setModTime(
  context: Context,
  session: Session,
  path: RemotePath,
  modTime: number,
): Promise<void> {
  const name = serverPath(context, path)
  // Without lsetstat the time of what a link points to would be set.
  const there = await lookUp(session, name)
  if (there === null) throw new RemoteError('not-found', 'the file is not there')
  const kind = fileKind(there)
  if (kind === 'link' || kind === 'special') throw new RemoteError('wrong-kind', 'links have no time of ours')
  const seconds = Math.floor(modTime / 1000)
  if (seconds < 0 || seconds > 0xffff_ffff) {
    throw new RemoteError('unsupported', 'sftp times are 32 bits of seconds')
  }
  await operations.setTime(session, name, seconds)
}

async function usage(context: Context, session: Session): Promise<{ total: number; free: number }> {
  const { total, free } = await operations.space(session, serverPath(context, rootPath))
  return { total, free }
}

export function createSftpRemote(context: Context): Remote {
  const opened = context.connections.main()
  const { extensions } = opened.session
  const features: Features = Object.freeze({
    directories: true,
    caseInsensitive: false,
    atomicWrite: replacesInOneStep(opened.session),
    modTimePrecisionMs: 1_000,
    maxFileSize: null,
    maxConcurrency: Math.max(
      1,
      Math.min(maxConcurrency, Math.floor(opened.limits.openHandles / handlesPerCall)),
    ),
  })

  /** Runs one call on the main connection under the rules of every call. */
  function run<T>(
    operation: string,
    signal: AbortSignal,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { clock } = context.deps
    return abortable({ signal, clock, graceMs: context.limits.graceMs, operation }, () => {
      const { session } = context.connections.main()
      return work(session)
    })
  }

  return {
    kind: 'sftp',
    features,
    stat: (path, signal) => run('stat', signal, (session) => stat(context, session, path)),
    list: (dir, signal) => listFolder(context, dir, signal),
    read: (path, offset, signal) => readFile(context, path, offset, signal),
    write: (path, source, mode, signal) =>
      run('write', signal, () => writeFile(context, path, { source, mode }, signal)),
    remove: (path, signal) => run('remove', signal, (session) => removeFile(context, session, path)),
    mkdir: (dir, signal) => run('mkdir', signal, (session) => makeFolder(context, session, dir)),
    rmdir: (dir, signal) => run('rmdir', signal, (session) => removeFolder(context, session, dir)),
    close: () => context.connections.close(),
    move: (from, to, mode, signal) =>
      run('move', signal, (session) => move(context, session, { from, to }, mode)),
    setModTime: (path, modTime, signal) =>
      run('set time', signal, (session) => setModTime(context, session, path, modTime)),
    ...(extensions.has(extension.hardlink) && {
      link: (from: RemotePath, to: RemotePath, signal: AbortSignal) =>
        run('link', signal, (session) => link(context, session, { from, to })),
    }),
    ...(extensions.has(extension.statvfs) && {
      usage: (signal: AbortSignal) => run('usage', signal, (session) => usage(context, session)),
    }),
  }
}
