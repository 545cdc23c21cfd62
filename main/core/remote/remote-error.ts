import type { RemoteErrorCode } from '../../model/error-codes.ts'

/**
 * The only error a Remote throws. `message` is for logs of ours: lower case, names the operation, never a secret and never
 * the server's text; the library's or server's error is kept as `cause` and goes nowhere else.
 */
export class RemoteError extends Error {
  override readonly name = 'RemoteError'
  readonly code: RemoteErrorCode
  /** How long the server asked us to wait, in milliseconds; null when it did not say. */
  readonly retryAfterMs: number | null
  /** For `untrusted-server`: the fingerprint the server showed (`SHA256:...`); null otherwise. */
  readonly fingerprint: string | null

  constructor(
    code: RemoteErrorCode,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number; fingerprint?: string } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.retryAfterMs = options.retryAfterMs ?? null
    this.fingerprint = options.fingerprint ?? null
  }
}
