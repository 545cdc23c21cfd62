import { reactionOf } from '../../model/error-codes.ts'
import type { Random } from '../ports/random.ts'
import type { RemoteError } from './remote-error.ts'

export type RetryPolicy = {
  /** Attempts of one call, the first included. */
  readonly maxAttempts: number
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  /** A server that asks for a longer wait than this is not waited for. */
  readonly maxRetryAfterMs: number
  /** Connections opened in place of lost ones, over the life of the remote. */
  readonly maxReconnects: number
}

export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 5,
  firstDelayMs: 250,
  maxDelayMs: 10_000,
  maxRetryAfterMs: 120_000,
  maxReconnects: 20,
}

/**
 * How long to wait before attempt `attempt + 1`, in milliseconds; null = do not try again. The wait doubles each time, half
 * of it random so that many clients of one server do not come back together; the server's own wish is a lower bound.
 */
export function retryDelay(
  error: RemoteError,
  attempt: number,
  policy: RetryPolicy,
  random: Random,
): number | null {
  if (attempt >= policy.maxAttempts || reactionOf(error.code) !== 'retry') return null
  return backoff(error, attempt, policy, random)
}

/** The same wait without asking whether the code is one that a call is retried for: for lost connections. */
export function backoff(
  error: RemoteError,
  attempt: number,
  policy: RetryPolicy,
  random: Random,
): number | null {
  const wished = error.retryAfterMs ?? 0
  if (wished > policy.maxRetryAfterMs) return null
  const full = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1))
  const [byte = 0] = random.bytes(1)
  return Math.max(wished, Math.round(full / 2 + (full / 2) * (byte / 255)))
}
