import type { Clock } from '../../core/ports/clock.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { toRemoteError } from './errors.ts'

/** Throws `cancelled` once `signal` has aborted. */
export function checkAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new RemoteError('cancelled', 'the call was cancelled')
}

export type AbortRules = {
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly graceMs: number
  /** What the call does, for the error of a failure. */
  readonly operation: string
}

/**
 * Runs `work`, which looks at the signal between its requests and tidies up. Rejects with RemoteError only. After an abort it
 * waits at most `graceMs` for the tidying: a server that hangs must not keep the caller.
 */
export async function abortable<T>(rules: AbortRules, work: () => Promise<T>): Promise<T> {
  const { signal, operation } = rules
  checkAborted(signal)
  const cancelled = Promise.withResolvers<never>()
  let cancelGrace: (() => void) | null = null
  const giveUp = (): void => cancelled.reject(new RemoteError('cancelled', `${operation} was cancelled`))
  const onAbort = (): void => {
    cancelGrace = rules.clock.setTimer(rules.graceMs, giveUp)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work(), cancelled.promise])
  } catch (error) {
    if (signal.aborted) throw new RemoteError('cancelled', `${operation} was cancelled`, { cause: error })
    throw toRemoteError(error, operation)
  } finally {
    signal.removeEventListener('abort', onAbort)
    stop(cancelGrace)
  }
}

function stop(cancel: (() => void) | null): void {
  cancel?.()
}
