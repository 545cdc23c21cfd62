import { RemoteError } from '../../core/remote/remote-error.ts'
import { serverParent } from './context.ts'
import { statusErrorCode, toRemoteError } from './errors.ts'
import { extension, operations } from './operations.ts'
import { StatusError, type Session } from './session.ts'

/** The longest name that the usual file systems keep, in bytes. */
const longestName = 255

export function hasOverlongName(path: string): boolean {
  return path.split('/').some((name) => Buffer.byteLength(name) > longestName)
}

/**
 * Finds out why a request that stores something was refused: OpenSSH answers "failure" for a full disk, a quota and much else.
 * Must be asked before unfinished files are removed, because that makes room again. `bytes` is what was to be stored.
 */
export async function explainStoreFailure(
  session: Session,
  error: unknown,
  request: { readonly path: string; readonly bytes: number; readonly operation: string },
): Promise<RemoteError> {
  const { path, operation } = request
  if (!(error instanceof StatusError)) return toRemoteError(error, operation)
  const code = statusErrorCode(error.status, error.text)
  if (code !== 'server-error') return toRemoteError(error, operation)
  if (hasOverlongName(path)) {
    return new RemoteError('invalid-name', `${operation} has too long a name`, { cause: error })
  }
  if (await isFull(session, path, request.bytes)) {
    return new RemoteError('quota-exceeded', `${operation} found no space`, { cause: error })
  }
  return toRemoteError(error, operation)
}

async function isFull(session: Session, path: string, bytes: number): Promise<boolean> {
  if (!session.extensions.has(extension.statvfs)) return false
  try {
    const space = await operations.space(session, serverParent(path))
    return space.total > 0 && (space.free < Math.max(bytes, 1) || space.noMoreFiles)
  } catch {
    return false // Only a hint was wanted; the first error is the one to report.
  }
}
