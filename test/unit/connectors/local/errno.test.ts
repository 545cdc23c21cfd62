import { describe, expect, it } from 'vitest'
import { errnoTable, toRemoteError } from '../../../../main/connectors/local/errno.ts'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'
import type { RemoteErrorCode } from '../../../../main/model/error-codes.ts'
import { never } from '../../core/remote/fakes.ts'

const systemError = (code: string): Error =>
  Object.assign(new Error(`${code}: something, open '/home/canary/secret'`), { code, syscall: 'open' })

const rows: readonly (readonly [errno: string, code: RemoteErrorCode, why: string])[] = [
  ['ENOENT', 'not-found', 'nothing there'],
  ['ENOTDIR', 'wrong-kind', 'a part of the path is no folder'],
  ['EISDIR', 'wrong-kind', 'a folder where a file was expected'],
  ['ELOOP', 'wrong-kind', 'a link where a file was expected'],
  ['EEXIST', 'exists', 'somebody was faster'],
  ['ENOTEMPTY', 'not-empty', 'a folder with content'],
  ['ENAMETOOLONG', 'invalid-name', 'a name over 255 bytes'],
  ['EINVAL', 'invalid-name', 'a name the file system cannot keep'],
  ['EILSEQ', 'invalid-name', 'bytes the file system cannot keep'],
  ['EACCES', 'permission-denied', 'no permission'],
  ['EPERM', 'permission-denied', 'not the owner'],
  ['EROFS', 'permission-denied', 'a read-only mount'],
  ['ENOSPC', 'quota-exceeded', 'a full disk'],
  ['EDQUOT', 'quota-exceeded', 'a full quota'],
  ['EFBIG', 'too-large', 'more than the file system keeps in one file'],
  ['EXDEV', 'unsupported', 'a link across mounts'],
  ['EIO', 'server-error', 'a failing disk'],
  ['EMFILE', 'server-error', 'too many open files'],
  ['ESTALE', 'server-error', 'a share that was restarted'],
  ['ETIMEDOUT', 'timeout', 'a share that does not answer'],
  ['ENODEV', 'unreachable', 'a disk that was pulled out'],
  ['EBADF', 'internal', 'a bug of ours'],
  ['EFAULT', 'internal', 'a bug of ours'],
]

describe('toRemoteError', () => {
  for (const [errno, code, why] of rows) {
    it(`answers "${code}" to ${errno}: ${why}`, () => {
      const cause = systemError(errno)
      expect(toRemoteError(cause, 'write a', never)).toMatchObject({ code, cause })
    })
  }

  it('knows every number of its table as a code other than "internal"', () => {
    for (const errno of Object.keys(errnoTable)) {
      expect(toRemoteError(systemError(errno), 'write a', never).code).not.toBe('internal')
    }
  })

  it('keeps a RemoteError as it is', () => {
    const error = new RemoteError('integrity', 'read: other bytes')
    expect(toRemoteError(error, 'write a', never)).toBe(error)
  })

  it('says "cancelled" for whatever happens after an abort', () => {
    expect(toRemoteError(systemError('EIO'), 'write a', AbortSignal.abort()).code).toBe('cancelled')
  })

  it('says "internal" for an error with a code that is no system call', () => {
    expect(toRemoteError(Object.assign(new Error('x'), { code: 'ENOENT' }), 'write a', never).code).toBe(
      'internal',
    )
  })

  it('puts neither the path of the system nor its text into the message', () => {
    expect(toRemoteError(systemError('EACCES'), 'write a', never).message).toBe('write a: permission-denied')
  })
})
