import { parentPath, type RemotePath } from '../../core/remote/remote-path.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { serverParent, serverPath, lookUp, type Context } from './context.ts'
import { explainStoreFailure } from './diagnose.ts'
import { isStatus } from './errors.ts'
import { operations } from './operations.ts'
import { statusCode, type Session } from './session.ts'
import { fileKind } from './wire.ts'

/** Makes the folder at a server path and those above it. Already there is success; anything else there is `wrong-kind`. */
function makeServerDir(context: Context, session: Session, path: string): Promise<void> {
  const running = context.makingDirs.get(path)
  if (running !== undefined) return running
  const making = makeOne(context, session, path).finally(() => context.makingDirs.delete(path))
  context.makingDirs.set(path, making)
  return making
}

async function makeOne(context: Context, session: Session, path: string): Promise<void> {
  try {
    await operations.makeDir(session, path)
    return
  } catch (error) {
    if (!isStatus(error, statusCode.noSuchFile) || path === '/') {
      await acceptExisting(context, session, path, error)
      return
    }
  }
  await makeServerDir(context, session, serverParent(path))
  try {
    await operations.makeDir(session, path)
  } catch (error) {
    await acceptExisting(context, session, path, error)
  }
}

/** Servers do not say "exists" in version 3: success when a folder is there, else the real reason. */
async function acceptExisting(
  context: Context,
  session: Session,
  path: string,
  error: unknown,
): Promise<void> {
  // Above and at the root the person may have linked folders; below it links are never followed.
  const isBelowRoot = path.startsWith(`${context.root}/`)
  const there = isBelowRoot
    ? await lookUp(session, path)
    : await operations.stat(session, path).catch(() => null)
  if (there === null) {
    throw await explainStoreFailure(session, error, { path, bytes: 0, operation: 'mkdir' })
  }
  if (fileKind(there) !== 'dir') {
    throw new RemoteError('wrong-kind', 'something else is where the folder should be', { cause: error })
  }
}

/** Makes the folder and its parents; rejects with RemoteError or a status. */
export async function makeFolder(context: Context, session: Session, dir: RemotePath): Promise<void> {
  await makeServerDir(context, session, serverPath(context, dir))
}

/** Runs `work`, and once more after making the folder of `path` when the server says that something is missing. */
export async function withParents<T>(
  context: Context,
  session: Session,
  path: RemotePath,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isStatus(error, statusCode.noSuchFile)) throw error
    await makeFolder(context, session, parentPath(path))
    return work()
  }
}

/** `Remote.remove`: a link goes itself, not what it points to. */
export async function removeFile(context: Context, session: Session, path: RemotePath): Promise<void> {
  const name = serverPath(context, path)
  try {
    await operations.remove(session, name)
  } catch (error) {
    const there = await lookUp(session, name)
    if (there === null) return
    if (fileKind(there) === 'dir') {
      throw new RemoteError('wrong-kind', 'a folder cannot be removed as a file', { cause: error })
    }
    throw error
  }
}

/** `Remote.rmdir`. */
export async function removeFolder(context: Context, session: Session, dir: RemotePath): Promise<void> {
  const name = serverPath(context, dir)
  try {
    await operations.removeDir(session, name)
  } catch (error) {
    const there = await lookUp(session, name)
    if (there === null) return
    if (fileKind(there) !== 'dir') {
      throw new RemoteError('wrong-kind', 'only a folder can be removed as one', { cause: error })
    }
    // "Failure" is all that OpenSSH says about a folder with content.
    if (isStatus(error, statusCode.failure) && (await hasContent(session, name))) {
      throw new RemoteError('not-empty', 'the folder is not empty', { cause: error })
    }
    throw error
  }
}

async function hasContent(session: Session, path: string): Promise<boolean> {
  const handle = await operations.openDir(session, path)
  try {
    for (;;) {
      const names = await operations.readDir(session, handle)
      if (names === null) return false
      if (names.some(({ name }) => !['.', '..'].includes(name.toString('latin1')))) return true
    }
  } finally {
    await operations.close(session, handle).catch(() => undefined)
  }
}
