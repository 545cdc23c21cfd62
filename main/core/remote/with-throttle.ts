import type { Clock } from '../ports/clock.ts'
import { pause } from './connection.ts'
import { RemoteError } from './remote-error.ts'
import type { Remote, Source } from './remote.ts'
import { wrapRemote } from './wrap-remote.ts'

export type ThrottleOptions = {
  readonly clock: Clock
  /** Content bytes per second in each direction; null = no limit. */
  readonly bytesPerSecond: number | null
}

/**
 * Keeps at most `features.maxConcurrency` calls in flight, the rest waiting in order. Streams count only while a part is
 * being fetched, and apart from calls: a write whose source reads from the same remote must not wait for itself.
 */
export function withThrottle(inner: Remote, options: ThrottleOptions): Remote {
  const calls = createGate(inner.features.maxConcurrency)
  const parts = createGate(inner.features.maxConcurrency)
  const remote = wrapRemote(inner, {
    call: async (call, work) => {
      await calls.enter(call.signal)
      try {
        return await work(inner)
      } finally {
        calls.leave()
      }
    },
    stream: (call, start) => gated(parts, call.signal, start(inner)),
    close: () => inner.close(),
  })
  return options.bytesPerSecond === null ? remote : limitBytes(remote, options.clock, options.bytesPerSecond)
}

type Gate = {
  /** Undefined when there is room; else a promise of a place. Rejects with `cancelled`. */
  enter(signal: AbortSignal): Promise<void> | undefined
  leave(): void
}

/** Counts who is inside; `leave` hands the place to whoever has waited longest. */
export function createGate(places: number): Gate {
  const waiting = new Set<() => void>()
  let inside = 0
  return {
    enter(signal) {
      if (inside < places) {
        inside += 1
        return undefined
      }
      return new Promise((resolve, reject) => {
        const admit = (): void => {
          signal.removeEventListener('abort', giveUp)
          resolve()
        }
        const giveUp = (): void => {
          waiting.delete(admit)
          reject(new RemoteError('cancelled', 'cancelled while waiting for a turn', { cause: signal.reason }))
        }
        if (signal.aborted) return giveUp()
        waiting.add(admit)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
    leave() {
      const [next] = waiting
      if (next === undefined) {
        inside -= 1
      } else {
        waiting.delete(next)
        next()
      }
    },
  }
}

async function* gated<T>(gate: Gate, signal: AbortSignal, stream: AsyncIterable<T>): AsyncIterable<T> {
  const parts = stream[Symbol.asyncIterator]()
  let isDone = false
  try {
    while (true) {
      await gate.enter(signal)
      let part: IteratorResult<T>
      try {
        part = await parts.next()
      } catch (error) {
        isDone = true
        throw error
      } finally {
        gate.leave()
      }
      if (part.done === true) {
        isDone = true
        return
      }
      yield part.value
    }
  } finally {
    // Left early: the stream must let go of its file or request.
    if (!isDone) await parts.return?.()
  }
}

/** Delays each chunk until its bytes are due, so that the average stays below the limit from the first second on. */
function limitBytes(inner: Remote, clock: Clock, bytesPerSecond: number): Remote {
  const up = createMeter(clock, bytesPerSecond)
  const down = createMeter(clock, bytesPerSecond)
  return {
    ...inner,
    read: (path, offset, signal) => metered(down, inner.read(path, offset, signal), signal),
    write(path, source, mode, signal) {
      const slow: Source = {
        size: source.size,
        modTime: source.modTime,
        open: (sourceSignal) => metered(up, source.open(sourceSignal), sourceSignal),
      }
      return inner.write(path, slow, mode, signal)
    },
  }
}

type Meter = (bytes: number, signal: AbortSignal) => Promise<void> | undefined

/** Waits shorter than this are not worth a timer; they add up and are waited for together. */
const minWaitMs = 5

export function createMeter(clock: Clock, bytesPerSecond: number): Meter {
  let freeAt = clock.monotonic()
  return (bytes, signal) => {
    const now = clock.monotonic()
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000
    const waitMs = freeAt - now
    return waitMs < minWaitMs ? undefined : pause(clock, waitMs, signal)
  }
}

async function* metered(
  meter: Meter,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    await meter(chunk.length, signal)
    yield chunk
  }
}
