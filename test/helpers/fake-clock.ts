import type { Clock } from '../../main/core/ports/clock.ts'

export type FakeClock = Clock & {
  /** Lets time pass: runs every timer that becomes due, in order, at its own time, and what it resolved in between. */
  advance(ms: number): Promise<void>
  /** Moves the wall clock only, as a person or a time server does. */
  setWallClock(now: number): void
  /** Timers that wait. */
  readonly pending: number
}

type Timer = { readonly due: number; readonly task: () => void }

const START = Date.UTC(2026, 0, 2, 3, 4, 5)

/** A clock that stands still until `advance`. */
export function createFakeClock(start = START): FakeClock {
  let wall = start
  let monotonic = 0
  let timers: readonly Timer[] = []

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const passTo = (time: number): void => {
    wall += time - monotonic
    monotonic = time
  }
  return {
    now: () => wall,
    monotonic: () => monotonic,
    setTimer(delayMs, task) {
      const timer = { due: monotonic + delayMs, task }
      timers = [...timers, timer]
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    async advance(ms) {
      const end = monotonic + ms
      await settle()
      for (;;) {
        const next = timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0]
        if (next === undefined) break
        timers = timers.filter((other) => other !== next)
        passTo(Math.max(monotonic, next.due))
        next.task()
        await settle()
      }
      passTo(end)
    },
    setWallClock: (now) => {
      wall = now
    },
    get pending() {
      return timers.length
    },
  }
}
