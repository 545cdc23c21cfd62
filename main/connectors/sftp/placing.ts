import { RemoteError } from '../../core/remote/remote-error.ts'
import type { WriteMode } from '../../core/remote/remote.ts'
import { lookUp, serverParent, type Context } from './context.ts'
import { isStatus } from './errors.ts'
import { extension, operations } from './operations.ts'
import { StatusError, statusCode, type Session } from './session.ts'
import { fileKind, openFlag } from './wire.ts'

export function replacesInOneStep(session: Session): boolean {
  return session.extensions.has(extension.posixRename)
}

/** How a name is given on this server; the first two are one request. */
export type Placement = 'rename' | 'posix-rename' | 'link' | 'look-and-rename' | 'aside'

/** Chooses the way; `dir` is a folder on the server in which temp files may be made for a moment. */
export async function choosePlacement(
  context: Context,
  session: Session,
  dir: string,
  mode: WriteMode,
): Promise<Placement> {
  if (mode === 'replace') return replacesInOneStep(session) ? 'posix-rename' : 'aside'
  if (!(await doesRenameReplace(context, session, dir))) return 'rename'
  return session.extensions.has(extension.hardlink) ? 'link' : 'look-and-rename'
}

export type PlacePaths = { readonly from: string; readonly to: string }

/**
 * Gives what is at `from` the name `to` (server paths). `rename`, `link` and `look-and-rename` never replace. `posix-rename` and
 * `aside` replace: the latter moves the old file to a temp name first and puts it back when the second rename fails, so that
 * between two requests the name is absent but no content is lost. One-request ways are sent before this returns.
 */
export async function place(
  context: Context,
  session: Session,
  paths: PlacePaths,
  placement: Placement,
): Promise<void> {
  try {
    await ways[placement](session, paths, context)
  } catch (error) {
    if (!(error instanceof StatusError) || isStatus(error, statusCode.permissionDenied)) throw error
    const replaces = placement === 'posix-rename' || placement === 'aside'
    throw await explainTaken(session, paths.to, replaces, error)
  }
}

const ways: Readonly<
  Record<Placement, (session: Session, paths: PlacePaths, context: Context) => Promise<void>>
> = {
  rename: (session, { from, to }) => operations.rename(session, from, to),
  'posix-rename': (session, { from, to }) => operations.posixRename(session, from, to),
  link: placeByLink,
  'look-and-rename': lookAndRename,
  aside: placeAside,
}

/** Version 3 servers answer "failure" when the new name is taken; a look tells. */
async function explainTaken(
  session: Session,
  to: string,
  replaces: boolean,
  error: StatusError,
): Promise<Error> {
  const there = await lookUp(session, to)
  if (there === null) return error
  if (!replaces) return new RemoteError('exists', 'the name is taken', { cause: error })
  if (fileKind(there) === 'dir') return new RemoteError('wrong-kind', 'a folder is there', { cause: error })
  return error
}

async function placeByLink(session: Session, paths: PlacePaths): Promise<void> {
  try {
    await operations.hardlink(session, paths.from, paths.to)
  } catch (error) {
    // Folders and some file systems have no hard links; a taken name must not reach the rename below.
    if ((await lookUp(session, paths.to)) !== null) throw error
    await operations.rename(session, paths.from, paths.to)
    return
  }
  await operations.remove(session, paths.from)
}

/** The best that a server without any refusing request allows: a look directly before. */
async function lookAndRename(session: Session, { from, to }: PlacePaths): Promise<void> {
  if ((await lookUp(session, to)) !== null) throw new RemoteError('exists', 'the name is taken')
  await operations.rename(session, from, to)
}

async function placeAside(session: Session, { from, to }: PlacePaths, context: Context): Promise<void> {
  const there = await lookUp(session, to)
  if (there === null) {
    await operations.rename(session, from, to)
    return
  }
  if (fileKind(there) === 'dir') throw new RemoteError('wrong-kind', 'a folder is there')
  const aside = `${slashed(serverParent(to))}${context.deps.tempName()}`
  await operations.rename(session, to, aside)
  try {
    await operations.rename(session, from, to)
  } catch (error) {
    await operations.rename(session, aside, to)
    throw error
  }
  await operations.remove(session, aside)
}

export function slashed(dir: string): string {
  return dir.endsWith('/') ? dir : `${dir}/`
}

/** Whether this server's plain rename overwrites, against the draft (section 6.5). Tried once with two empty temp files. */
function doesRenameReplace(context: Context, session: Session, dir: string): Promise<boolean> {
  const { renameReplaces } = context
  renameReplaces.known ??= tryRename(context, session, dir).catch((error: unknown) => {
    renameReplaces.known = null
    throw error
  })
  return renameReplaces.known
}

async function tryRename(context: Context, session: Session, dir: string): Promise<boolean> {
  const names = [0, 1].map(() => `${slashed(dir)}${context.deps.tempName()}`)
  const [first = '', second = ''] = names
  try {
    for (const name of names) {
      const flags = openFlag.write | openFlag.create | openFlag.exclusive
      await operations.close(session, await operations.open(session, name, flags))
    }
    await operations.rename(session, first, second)
    return true
  } catch (error) {
    if (isStatus(error, statusCode.failure) || isStatus(error, 11)) return false
    throw error
  } finally {
    await Promise.allSettled(names.map((name) => operations.remove(session, name)))
  }
}
