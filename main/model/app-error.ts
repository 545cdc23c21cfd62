import type { ErrorCode } from './error-codes.ts'

/** Facts that a sentence for people may use. Never a secret, never text of a library or a server. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/**
 * An error of the product outside connectors. `message` is for logs: lower case, names the operation and the thing,
 * never a secret. Sentences for people are looked up by `code` in `messages/`.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}
