/** Adds one more item to the queue of the pool that is at work. */
export type AddItem<T> = (item: T) => void

/**
 * Works through `items` and everything that is added meanwhile, at most `limit` at a time, in order. After the first rejection
 * nothing new starts; the pool rejects with it once the started ones have ended. `isStopped` ends it early without an error.
 */
export function runPool<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T, add: AddItem<T>) => Promise<void>,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const queue = [...items]
  let next = 0
  let active = 0
  const failures: unknown[] = []
  return new Promise((resolve, reject) => {
    const add: AddItem<T> = (item) => {
      queue.push(item)
      pump()
    }
    const settle = (): void => {
      if (active > 0) return
      if (failures.length > 0) reject(asError(failures[0]))
      else if (next >= queue.length || isStopped()) resolve()
    }
    const pump = (): void => {
      while (active < limit && next < queue.length && failures.length === 0 && !isStopped()) {
        const item = queue[next] as T // below the length, so it is there
        next += 1
        active += 1
        // A queue of a million folders would keep them all; the worked-off front is cut now and then.
        if (next > 10_000) next -= queue.splice(0, next).length
        start(item)
      }
      settle()
    }
    const start = (item: T): void => {
      work(item, add)
        .catch((error: unknown) => failures.push(error))
        .finally(() => {
          active -= 1
          pump()
        })
    }
    pump()
  })
}

/** What was thrown; a value that is no error is kept as the cause. */
function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('pool: work failed', { cause: thrown })
}
