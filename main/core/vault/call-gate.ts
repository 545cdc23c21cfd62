/** Which calls of one vault may run beside each other. */
export type CallGate = {
  /** Runs `work` beside other calls, after one that has to be alone. */
  readonly beside: <T>(work: () => Promise<T>) => Promise<T>
  /** Runs `work` when no other call is running; those that come meanwhile wait for it. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
}

/** In order of arrival: a call that has to be alone is not put off by those that come after it. */
export function createCallGate(): CallGate {
  const running = new Set<Promise<unknown>>()
  /** Of the last call that has to be alone. */
  let last: Promise<unknown> = Promise.resolve()

  const run = <T>(after: Promise<unknown>, work: () => Promise<T>): Promise<T> => {
    const result = after.then(work)
    running.add(result)
    const end = (): void => void running.delete(result)
    result.then(end, end)
    return result
  }
  return {
    beside: (work) => run(last, work),
    alone: (work) => {
      const result = run(Promise.allSettled(running), work)
      last = result.catch(() => null)
      return result
    },
  }
}
