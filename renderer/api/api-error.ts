import type { ErrorDetails } from '../../main/model/app-error.ts'
import type { ErrorCode } from '../../main/model/error-codes.ts'
import type { WireError } from '../../main/contract/result.ts'
import { errorMessages } from '../../main/messages/en/errors.ts'

/** A refused call. `message` and `help` are sentences for people; `code` is for decisions and is never shown. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly help: string | null
  readonly details: ErrorDetails

  constructor(error: WireError, cause?: unknown) {
    super(error.message, { cause })
    this.code = error.code
    this.help = error.help
    this.details = error.details
  }
}

/** Any thrown value as an `ApiError`; what is not one already becomes `internal`, with its cause kept. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return new ApiError(wireErrorOf('internal'), error)
}

/** The wire form of a code with its general sentence and cure. */
export function wireErrorOf(code: ErrorCode, details: ErrorDetails = {}): WireError {
  const { sentence, cure } = errorMessages[code]
  return { code, message: sentence, help: cure, details }
}

/** A number among the details of an error, null when it is absent or no number. */
export function numberDetail(error: ApiError, name: string): number | null {
  const value = error.details[name]
  return typeof value === 'number' ? value : null
}
