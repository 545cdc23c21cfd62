import type { Clock } from '../core/ports/clock.ts'

/** How long an end may take that waits for runs to stop at a clean point; their workers die with us after it. */
const deadlineMs = 20_000

export type ShutDownSteps = {
  /** Done at once, in this order: nothing new begins, nothing is shown any more. */
  readonly first: readonly (() => void)[]
  /** Begun side by side and waited for, up to the deadline. */
  readonly work: readonly (() => Promise<unknown>)[]
  /** Done at the end, in this order, whatever became of the work: it ends what is left and closes what is open. */
  readonly last: readonly (() => void)[]
}

/** Takes the app down within 20 seconds. Never rejects: a step that fails keeps none of the others from being done. */
export async function shutDown(clock: Clock, { first, work, last }: ShutDownSteps): Promise<void> {
  first.forEach(attempt)
  const late = Promise.withResolvers<void>()
  const cancelDeadline = clock.setTimer(deadlineMs, () => {
    late.resolve()
  })
  // An async function makes a rejection of what a step throws before its first promise.
  await Promise.race([Promise.allSettled(work.map(async (step) => step())), late.promise])
  cancelDeadline()
  last.forEach(attempt)
}

function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // Whatever fails here, the app ends.
  }
}
