import { AppError } from '../../model/app-error.ts'
import type { Clock } from '../ports/clock.ts'
import { sleep } from '../ports/clock.ts'
import type { Leases } from './lease.ts'

/** How often a process looks whether another one has signed in. */
const pollMs = 200

/**
 * Lets one holder per credential sign in at a time, in this process and among all processes of the home: when the first is
 * refused, the others never try. `enter` resolves when it is this caller's turn (or at once when `signal` aborts) with the
 * function that lets the next one in; calling it twice is harmless.
 */
export type SignInQueue = {
  enter(credentialId: string, signal: AbortSignal): Promise<() => void>
}

export function createSignInQueue(ports: { readonly leases: Leases; readonly clock: Clock }): SignInQueue {
  const tails = new Map<string, Promise<void>>()
  return {
    async enter(credentialId, signal) {
      const previous = tails.get(credentialId) ?? Promise.resolve()
      const turn = Promise.withResolvers<void>()
      const tail = previous.then(() => turn.promise)
      tails.set(credentialId, tail)
      void tail.then(() => {
        if (tails.get(credentialId) === tail) tails.delete(credentialId)
      })
      await Promise.race([previous, aborted(signal)])
      const release = signal.aborted ? () => {} : await acquire(ports, credentialId, signal)
      return () => {
        turn.resolve()
        release()
      }
    },
  }
}

/** Waits for the lease that other processes of the home respect; without it when `signal` aborts first. */
async function acquire(
  { leases, clock }: { leases: Leases; clock: Clock },
  credentialId: string,
  signal: AbortSignal,
): Promise<() => void> {
  while (!signal.aborted) {
    try {
      return leases.acquire(`sign-in:${credentialId}`)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'already-running') return () => {}
      await sleep(clock, pollMs, signal).catch(() => {})
    }
  }
  return () => {}
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve()
        },
        { once: true },
      )
  })
}
