/** Failed attempts as device.json remembers them. `since` is wall-clock milliseconds of the last one. */
export type Throttle = { readonly failures: number; readonly since: number }

export const NO_THROTTLE: Throttle = { failures: 0, since: 0 }

const DELAYS_S = [0, 0, 0, 1, 2, 4, 8, 16, 32, 60] as const
const MAX_DELAY_S = 60
const MAX_FAILURES = 1_000_000

/**
 * Milliseconds until the next attempt is allowed, 0 = now. A clock set back counts as standing still at the last attempt,
 * so setting it back gains nothing. A courtesy against a person at the keyboard; it does not defend the file.
 */
export function throttledForMs(throttle: Throttle, now: number): number {
  const delayMs = (DELAYS_S[throttle.failures] ?? MAX_DELAY_S) * 1000
  const seen = Math.max(now, throttle.since)
  return Math.max(0, throttle.since + delayMs - seen)
}

/** The state to write before an attempt: it counts as failed until it has succeeded, so a kill in mid-attempt gains nothing. */
export function recordAttempt(throttle: Throttle, now: number): Throttle {
  return { failures: Math.min(throttle.failures + 1, MAX_FAILURES), since: Math.max(now, throttle.since) }
}

/**
 * The state to write when an attempt was refused. After the clock was set back the wait starts anew from the present time:
 * without that, a clock once a year ahead would lock its owner out for a year.
 */
export function rebaseThrottle(throttle: Throttle, now: number): Throttle {
  return now < throttle.since ? { ...throttle, since: now } : throttle
}
