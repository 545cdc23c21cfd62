import { wipe } from '../core/crypto/bytes.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { VaultStatus } from '../model/vault.ts'
import type { Keychain, KeychainResult } from '../core/ports/keychain.ts'
import type { JobStore } from '../core/jobs/job-store.ts'
import { AppError } from '../model/app-error.ts'
import { cachedKeyEntry, readCachedKeyEntry } from './cached-key-entry.ts'
import type { VaultHost } from './vault-host.ts'

const dayMs = 86_400_000
/** Longest time a key may stay in the keychain before the password is asked for again. */
export const longestCacheDays = 90

/** Why there is no key to unlock with; `off` = not switched on here, `stale` = expired or of other slots. */
export type NoKey = Exclude<KeychainResult<never>['state'], 'ok'> | 'off' | 'stale'

/** Keychain caching of the derived key: off unless switched on, for one vault on one device. */
export type KeyCache = {
  /** Also tells what the keychain answered when it was asked last; see `VaultStatus.keychain`. */
  state(): VaultStatus['keychain']
  /** When the entry expires, milliseconds since 1970; null while caching is off. */
  until(): number | null
  /** Puts the derived key of the unlocked vault into the keychain for `days`. Throws AppError('keychain-*'). */
  remember(days: number): Promise<void>
  /** Deletes the entry. Throws AppError('keychain-*') when it could not: then it may still be there, and that is said. */
  forget(): Promise<void>
  /** Unlocks with the entry. Answers why it could not instead of throwing; nothing is ever deleted because of that. */
  unlock(): Promise<'unlocked' | NoKey>
  /** Renews the entry after the password changed, when caching is on. */
  renew(): Promise<void>
}

export type KeyCachePorts = {
  readonly clock: Clock
  readonly vault: VaultHost
  readonly store: JobStore
  /** `interactive` while a person waits and may be answering a prompt of the system. */
  readonly keychain: { readonly interactive: Keychain; readonly background: Keychain }
}

/** Name of the small fact in state.sqlite: the days that were chosen, null while caching is off. */
const daysFact = 'keychain-days'
/** When the entry made last expires, so that people can be told without asking the keychain. */
const untilFact = 'keychain-until'

export function createKeyCache(ports: KeyCachePorts): KeyCache {
  const { store, vault, keychain } = ports
  const days = (): number | null => {
    const fact = store.getFact(daysFact)
    return fact === null ? null : Number(fact)
  }
  let trouble: 'locked' | 'unavailable' | null = null
  const remember = async (chosen: number): Promise<void> => {
    const { account, bytes, notAfter } = await makeEntry(ports, chosen)
    check(await keychain.interactive.set(account, bytes))
    trouble = null
    store.setFact(daysFact, String(chosen))
    store.setFact(untilFact, String(notAfter))
  }
  const unlock = async (): Promise<'unlocked' | NoKey> => {
    if (days() === null) return 'off'
    const { vault: account } = await vault.status()
    if (account === null) return 'absent'
    const found = await keychain.background.get(account)
    if (found.state !== 'ok') return found.state
    const key = openEntry(found.value, account, ports.clock.now())
    if (key === null) return 'stale'
    return (
      vault
        .unlock({ cachedKey: key }, {})
        .then(
          () => 'unlocked' as const,
          () => 'stale' as const,
        )
        // Of an unlock that was refused before it reached the vault.
        .finally(() => wipe(key))
    )
  }
  return {
    state: () => (days() === null ? 'off' : (trouble ?? 'on')),
    until() {
      const until = store.getFact(untilFact)
      return days() === null || until === null ? null : Number(until)
    },
    remember,
    async forget() {
      const { vault: account } = await vault.status()
      if (account !== null) check(await keychain.interactive.remove(account))
      store.setFact(daysFact, null)
      store.setFact(untilFact, null)
    },
    async unlock() {
      const answer = await unlock()
      trouble = troubleOf(answer)
      return answer
    },
    async renew() {
      const chosen = days()
      if (chosen !== null) await remember(chosen)
    },
  }
}

function troubleOf(answer: 'unlocked' | NoKey): 'locked' | 'unavailable' | null {
  if (answer === 'unavailable') return 'unavailable'
  // Who refuses to open the keyring leaves it locked.
  return answer === 'locked' || answer === 'denied' ? 'locked' : null
}

async function makeEntry(
  ports: KeyCachePorts,
  days: number,
): Promise<{ account: string; bytes: Uint8Array; notAfter: number }> {
  const { kek, ...place } = await ports.vault.unlocked().exportCacheableKey()
  try {
    const notAfter = ports.clock.now() + Math.min(days, longestCacheDays) * dayMs
    return { account: place.vault, bytes: cachedKeyEntry({ ...place, notAfter }, kek), notAfter }
  } finally {
    wipe(kek)
  }
}

/** The key of an entry, 32 bytes that `unlock` wipes; null when it is not ours, not of this vault, or too old. */
function openEntry(bytes: Uint8Array, vault: string, now: number): Uint8Array | null {
  const entry = readCachedKeyEntry(bytes)
  if (entry === null) return null
  if (entry.vault === vault && entry.notAfter > now) return entry.kek
  wipe(entry.kek)
  return null
}

/** `absent` counts as success: there is nothing left to forget. */
function check(result: KeychainResult<unknown>): void {
  if (result.state === 'ok' || result.state === 'absent') return
  throw new AppError(`keychain-${result.state}`, `keychain is ${result.state}`)
}
