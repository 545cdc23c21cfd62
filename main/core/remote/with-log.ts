import { reactionOf } from '../../model/error-codes.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { RemoteError } from './remote-error.ts'
import type { Remote } from './remote.ts'
import { wrapRemote } from './wrap-remote.ts'
import type { Call } from './wrap-remote.ts'

/**
 * Logs each failed call (`remote.failed`: call, relative path, code, duration) and, at close, how many calls there were.
 * Calls that succeed are only counted: a line for each of 100,000 files would cost more than the calls. What a remote says
 * in its messages is never logged.
 */
export function withLog(inner: Remote, log: Logger, clock: Clock): Remote {
  const openedAt = clock.monotonic()
  let calls = 0
  let failures = 0
  let isClosed = false

  const fail = (call: Call<string>, startedAt: number, error: unknown): void => {
    const code = error instanceof RemoteError ? error.code : 'internal'
    if (code === 'cancelled') return
    failures += 1
    const fields = { call: call.name, path: call.path, code, durationMs: elapsed(clock, startedAt) }
    // What the engine expects to meet and skips is no warning.
    if (reactionOf(code) === 'skip') log.info('remote.failed', fields)
    else log.warn('remote.failed', fields)
  }

  return wrapRemote(inner, {
    async call(call, work) {
      calls += 1
      const startedAt = clock.monotonic()
      try {
        return await work(inner)
      } catch (error) {
        fail(call, startedAt, error)
        throw error
      }
    },
    async *stream(call, start) {
      calls += 1
      const startedAt = clock.monotonic()
      try {
        yield* start(inner)
      } catch (error) {
        fail(call, startedAt, error)
        throw error
      }
    },
    async close() {
      await inner.close()
      if (isClosed) return
      isClosed = true
      log.info('remote.closed', { kind: inner.kind, calls, failures, durationMs: elapsed(clock, openedAt) })
    },
  })
}

const elapsed = (clock: Clock, startedAt: number): number => Math.round(clock.monotonic() - startedAt)
