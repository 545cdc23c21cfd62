/** How many milliseconds of blocking may pile up before calls move off the thread. */
const maxDebtMs = 50
/** A call that takes no longer than this costs less on the thread than the way to a pool thread and back. */
const freeMs = 0.2
/** Calls done elsewhere before the thread is tried again. */
const callsElsewhere = 2_000
/** How long work may go on without letting timers, aborts and sockets have their turn. */
const maxTurnMs = 15

/** Decides for each file-system call whether it is done at once, blocking the thread, or on a pool thread. */
export type Pace = {
  readonly run: <T>(atOnce: () => T, elsewhere: () => Promise<T>) => T | Promise<T>
  /** Undefined, or a promise that resolves after the event loop has turned. */
  readonly breathe: () => Promise<void> | undefined
}

/**
 * On a local disk with warm caches a call takes microseconds, and doing it at once halves the CPU time of a run with many
 * small files. A leaky bucket notices a disk that is not like that (cold, busy, asleep) and keeps it from blocking the
 * thread. With `mayBlock` false, for network file systems which can hang for minutes, nothing is ever done at once.
 */
export function createPace(monotonic: () => number, mayBlock: boolean): Pace {
  let debtMs = 0
  let elsewhereLeft = 0
  let turnStarted = monotonic()
  let turning: Promise<void> | undefined

  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(() => {
        turning = undefined
        turnStarted = monotonic()
        resolve()
      })
    })

  return {
    run(atOnce, elsewhere) {
      if (!mayBlock) return elsewhere()
      if (elsewhereLeft > 0) {
        elsewhereLeft -= 1
        return elsewhere()
      }
      const started = monotonic()
      try {
        return atOnce()
      } finally {
        debtMs = Math.max(0, debtMs + (monotonic() - started) - freeMs)
        if (debtMs > maxDebtMs) {
          debtMs = 0
          elsewhereLeft = callsElsewhere
        }
      }
    },
    breathe() {
      if (turning !== undefined) return turning
      if (monotonic() - turnStarted < maxTurnMs) return undefined
      turning = turn()
      return turning
    },
  }
}
