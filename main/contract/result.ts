import type { ErrorDetails } from '../model/app-error.ts'
import type { ErrorCode } from '../model/error-codes.ts'

/** Errors cross as data: Electron keeps only the message of a thrown one. `message` is a sentence for people. */
export type WireError = {
  readonly code: ErrorCode
  readonly message: string
  /** What to do about it, one sentence; null when there is nothing to do. */
  readonly help: string | null
  readonly details: ErrorDetails
}

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError }
