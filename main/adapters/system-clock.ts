import type { Clock } from '../core/ports/clock.ts'

const MAX_DELAY_MS = 2 ** 31 - 1

/** The clock of the machine. Throws RangeError for a delay Node would silently turn into one millisecond. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, task) {
    if (!(delayMs >= 0 && delayMs <= MAX_DELAY_MS)) throw new RangeError(`timer delay ${delayMs} ms`)
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}
