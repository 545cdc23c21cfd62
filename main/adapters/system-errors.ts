import { AppError } from '../model/app-error.ts'
import type { ErrorCode } from '../model/error-codes.ts'

const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const UNUSABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENAMETOOLONG'])

/** The `code` of a Node system error, '' for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** `action` names what was tried, for the log; the system error is kept as cause. An AppError passes unchanged. */
export function asAppError(error: unknown, action: string): AppError {
  if (error instanceof AppError) return error
  const system = systemCode(error)
  return new AppError(errorCodeOf(system), `${action} failed`, {
    cause: error,
    details: { system: system === '' ? null : system },
  })
}

function errorCodeOf(system: string): ErrorCode {
  if (NO_SPACE.has(system)) return 'no-space'
  return UNUSABLE.has(system) ? 'home-unusable' : 'internal'
}
