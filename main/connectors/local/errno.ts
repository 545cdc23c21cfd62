import { RemoteError } from '../../core/remote/remote-error.ts'
import type { RemoteErrorCode } from '../../model/error-codes.ts'

/** What an error number of the operating system means for a run. Anything else is a bug of ours: `internal`. */
export const errnoTable: Readonly<Record<string, RemoteErrorCode>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'wrong-kind',
  EISDIR: 'wrong-kind',
  // O_NOFOLLOW on a link: it is not the file or folder that the path promises.
  ELOOP: 'wrong-kind',
  EEXIST: 'exists',
  ENOTEMPTY: 'not-empty',
  ENAMETOOLONG: 'invalid-name',
  EINVAL: 'invalid-name',
  EILSEQ: 'invalid-name',
  EACCES: 'permission-denied',
  EPERM: 'permission-denied',
  EROFS: 'permission-denied',
  ENOSPC: 'quota-exceeded',
  EDQUOT: 'quota-exceeded',
  EFBIG: 'too-large',
  EXDEV: 'unsupported',
  ENOTSUP: 'unsupported',
  EOPNOTSUPP: 'unsupported',
  ENOSYS: 'unsupported',
  EMLINK: 'unsupported',
  // A disk, mount or share that fails now and may work at the next attempt.
  EIO: 'server-error',
  EBUSY: 'server-error',
  ETXTBSY: 'server-error',
  EAGAIN: 'server-error',
  EINTR: 'server-error',
  EMFILE: 'server-error',
  ENFILE: 'server-error',
  ENOMEM: 'server-error',
  ESTALE: 'server-error',
  ETIMEDOUT: 'timeout',
  ENODEV: 'unreachable',
  ENXIO: 'unreachable',
  ENOTCONN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
}

/** The error number's name (`ENOENT`) of an error that node:fs threw, else null. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  return typeof error.code === 'string' && 'syscall' in error ? error.code : null
}

/**
 * The RemoteError of anything thrown while doing `operation` (`write a/b.txt`). A RemoteError stays what it is, so that
 * the failure of a source keeps its own code.
 */
export function toRemoteError(error: unknown, operation: string, signal: AbortSignal): RemoteError {
  if (error instanceof RemoteError) return error
  if (signal.aborted) return new RemoteError('cancelled', `${operation}: cancelled`, { cause: error })
  const code = errnoTable[errnoOf(error) ?? ''] ?? 'internal'
  return new RemoteError(code, `${operation}: ${code}`, { cause: error })
}
