import type { WireError } from '../contract/result.ts'
import { RemoteError } from '../core/remote/remote-error.ts'
import { errorMessages } from '../messages/en/errors.ts'
import { AppError } from '../model/app-error.ts'
import type { ErrorDetails } from '../model/app-error.ts'
import type { ErrorCode } from '../model/error-codes.ts'

/** The code and facts of anything thrown; what is not ours is `internal` and says nothing more. */
export function describeError(error: unknown): { code: ErrorCode; details: ErrorDetails } {
  if (error instanceof AppError) return { code: error.code, details: error.details }
  if (error instanceof RemoteError) {
    return { code: error.code, details: error.fingerprint === null ? {} : { fingerprint: error.fingerprint } }
  }
  return { code: 'internal', details: {} }
}

/** The error as it crosses to the page or into `--json`: a sentence, a cure and facts; no text of a library or server. */
export function toWireError(error: unknown): WireError {
  const { code, details } = describeError(error)
  const { sentence, cure } = errorMessages[code]
  return { code, message: sentence, help: cure, details }
}
