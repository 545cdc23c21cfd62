import { reactionOf } from '../../model/error-codes.ts'
import { sleep } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Random } from '../ports/random.ts'
import { RemoteError } from './remote-error.ts'
import type { Remote } from './remote.ts'
import { backoff } from './retry-policy.ts'
import type { RetryPolicy } from './retry-policy.ts'

export type ConnectionParts = {
  /** Connects and signs in, once. */
  readonly open: (signal: AbortSignal) => Promise<Remote>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly policy: RetryPolicy
}

/** One live remote and the way to another one when it is lost. */
export type Connection = {
  /** The remote to use now; throws what ended the connection for good. */
  current(): Remote
  /** Opens a new remote unless somebody has replaced `lost` already. Calls at the same time share one attempt. */
  replace(lost: Remote): Promise<void>
  close(): Promise<void>
}

/** True for a failure that says: this connection is gone, and another one may work. */
export function isConnectionLoss(error: RemoteError): boolean {
  return error.code === 'closed' || error.code === 'unreachable'
}

/**
 * Opens the first remote, trying again while the server cannot be reached. A refused credential or an untrusted server is
 * final from that moment on: no later call signs in again, since repeated attempts lock accounts.
 */
export async function openConnection(parts: ConnectionParts, signal: AbortSignal): Promise<Connection> {
  let remote = await openWithRetries(parts, signal)
  const identity = await identityOf(remote, signal)
  /** Ends reconnecting when the caller closes, whichever call has started it. */
  const closing = new AbortController()
  let dead: RemoteError | null = null
  let replacing: Promise<void> | null = null
  let reconnects = 0

  const reopen = async (lost: Remote): Promise<void> => {
    // Its server may be gone: do not wait for a farewell.
    void lost.close().catch(() => undefined)
    try {
      if (reconnects >= parts.policy.maxReconnects) throw new RemoteError('closed', 'lost too often')
      reconnects += 1
      const next = await openWithRetries(parts, closing.signal)
      if (identity !== null && (await identityOf(next, closing.signal)) !== identity) {
        await next.close()
        throw new RemoteError('closed', 'reconnect: another root folder answers now')
      }
      remote = next
      parts.log.info('remote.reconnected', { kind: next.kind, reconnects })
    } catch (error) {
      dead = finalError(error)
      throw dead
    }
  }

  return {
    current() {
      if (dead !== null) throw dead
      return remote
    },
    async replace(lost) {
      if (dead !== null) throw dead
      if (lost !== remote) return
      replacing ??= reopen(lost).finally(() => (replacing = null))
      await replacing
    },
    async close() {
      dead ??= new RemoteError('closed', 'the connection is closed')
      closing.abort()
      await replacing?.catch(() => undefined)
      await remote.close()
    },
  }
}

/** What every later call says. Attempts that ran out must stop the run, not be retried by those who wait for it. */
function finalError(error: unknown): RemoteError {
  if (error instanceof RemoteError && reactionOf(error.code) === 'stop') return error
  return new RemoteError('closed', 'the connection was lost and could not be opened again', { cause: error })
}

async function openWithRetries(parts: ConnectionParts, signal: AbortSignal): Promise<Remote> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await parts.open(signal)
    } catch (error) {
      if (!(error instanceof RemoteError) || reactionOf(error.code) !== 'retry') throw error
      if (attempt >= parts.policy.maxAttempts) throw error
      const delayMs = backoff(error, attempt, parts.policy, parts.random)
      if (delayMs === null) throw error
      parts.log.warn('remote.open-retried', { code: error.code, attempt, delayMs })
      await pause(parts.clock, delayMs, signal)
    }
  }
}

/** Waits, or throws `cancelled`. */
export async function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(clock, delayMs, signal)
  } catch (error) {
    throw new RemoteError('cancelled', 'cancelled while waiting to try again', { cause: error })
  }
}

async function identityOf(remote: Remote, signal: AbortSignal): Promise<string | null> {
  try {
    return (await remote.rootIdentity?.(signal)) ?? null
  } catch (error) {
    // No root yet: the first push makes it.
    if (error instanceof RemoteError && error.code === 'not-found') return null
    throw error
  }
}
