/** Time as a dependency: rules of the product never read a clock or set a timer of their own. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC. May jump in both directions. */
  now(): number
  /** Milliseconds that never go back; stops in suspend on some systems. For durations only. */
  monotonic(): number
  /** Calls `task` once after `delayMs` (at most 2^31-1). Returns a function that cancels it and may be called twice. */
  setTimer(delayMs: number, task: () => void): () => void
}

/** Resolves after `delayMs`, or rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      cancel()
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason }))
    }
    const cancel = clock.setTimer(delayMs, () => {
      signal.removeEventListener('abort', fail)
      resolve()
    })
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
}
