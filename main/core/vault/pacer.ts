/** Lets other work of the process run during a long computation. */
export type Pacer = {
  /** Resolves at once while the present slice of time lasts, else after the event loop has turned once. */
  rest(): Promise<void> | null
  /** Ends the present slice: between two steps that each take a part of what one may. */
  readonly turn: () => Promise<void>
}

export type PacerPorts = {
  /** Milliseconds that never go back. */
  readonly monotonic: () => number
  /** Resolves after other work of the event loop had its turn. */
  readonly yieldToLoop: () => Promise<void>
}

const SLICE_MS = 8
/** Reading the clock for each record would cost as much as hashing it. */
const STEPS_PER_LOOK = 16

/** A pacer for one computation; `rest()` answers null, without a promise, as long as there is nothing to wait for. */
export function createPacer({ monotonic, yieldToLoop }: PacerPorts): Pacer {
  let sliceStarted = monotonic()
  let steps = 0
  const yieldOnce = async (): Promise<void> => {
    await yieldToLoop()
    sliceStarted = monotonic()
  }
  return {
    rest() {
      steps += 1
      if (steps % STEPS_PER_LOOK !== 0 || monotonic() - sliceStarted < SLICE_MS) return null
      return yieldOnce()
    },
    turn: yieldOnce,
  }
}
