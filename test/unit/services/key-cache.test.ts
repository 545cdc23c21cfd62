import { beforeEach, describe, expect, it } from 'vitest'
import type { Keychain, KeychainResult } from '../../../main/core/ports/keychain.ts'
import { createJobStore } from '../../../main/core/jobs/job-store.ts'
import { fromUtf8, utf8 } from '../../../main/core/crypto/bytes.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { createKeyCache } from '../../../main/services/key-cache.ts'
import type { KeyCache } from '../../../main/services/key-cache.ts'
import type { VaultHost } from '../../../main/services/vault-host.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import type { FakeClock } from '../../helpers/fake-clock.ts'
import { openStore, uuid } from '../core/jobs/support.ts'

const dayMs = 86_400_000

/** A keychain in memory that can be told to fail; the real one is tested in integration. */
type FakeKeychain = Keychain & {
  entries: Map<string, string>
  state: Exclude<KeychainResult<null>['state'], 'ok'> | null
}

function fakeKeychain(): FakeKeychain {
  const entries = new Map<string, string>()
  const fake: FakeKeychain = {
    entries,
    state: null,
    get: (account) => {
      const text = entries.get(account)
      if (fake.state !== null) return Promise.resolve({ state: fake.state })
      return Promise.resolve(text === undefined ? { state: 'absent' } : { state: 'ok', value: utf8(text) })
    },
    set: (account, value) => {
      if (fake.state !== null) return Promise.resolve({ state: fake.state })
      entries.set(account, fromUtf8(value))
      return Promise.resolve({ state: 'ok', value: null })
    },
    remove: (account) => {
      if (fake.state !== null) return Promise.resolve({ state: fake.state })
      return Promise.resolve(entries.delete(account) ? { state: 'ok', value: null } : { state: 'absent' })
    },
  }
  return fake
}

type Bench = {
  cache: KeyCache
  keychain: FakeKeychain
  clock: FakeClock
  tried: number[][]
  refuse: { now: boolean }
}

async function bench(): Promise<Bench> {
  const { database } = await openStore()
  const keychain = fakeKeychain()
  const clock = createFakeClock()
  const tried: number[][] = []
  const refuse = { now: false }
  const vault = {
    status: () => Promise.resolve({ vault: uuid(1) }),
    unlocked: () => ({
      exportCacheableKey: () =>
        Promise.resolve({ vault: uuid(1), slot: 'pw1', saltHash: 'ab', kek: new Uint8Array(32).fill(7) }),
    }),
    unlock: ({ cachedKey }: { cachedKey: Uint8Array }) => {
      tried.push([...cachedKey])
      return refuse.now ? Promise.reject(new AppError('wrong-password', 'no')) : Promise.resolve()
    },
  } as unknown as VaultHost // reason: the three methods that caching uses
  const store = createJobStore(database)
  const cache = createKeyCache({
    clock,
    vault,
    store,
    keychain: { interactive: keychain, background: keychain },
  })
  return { cache, keychain, clock, tried, refuse }
}

describe('createKeyCache', () => {
  let b: Bench
  beforeEach(async () => {
    b = await bench()
  })

  it('is off until switched on, and then asks the keychain for nothing', async () => {
    expect([b.cache.state(), await b.cache.unlock(), b.tried]).toEqual(['off', 'off', []])
  })

  it('unlocks with what it remembered', async () => {
    await b.cache.remember(30)
    expect([b.cache.state(), await b.cache.unlock()]).toEqual(['on', 'unlocked'])
    expect(b.tried).toEqual([Array.from({ length: 32 }, () => 7)])
  })

  it('knows until when without asking the keychain, and nothing once the key is forgotten', async () => {
    expect(b.cache.until()).toBeNull()
    await b.cache.remember(30)
    b.keychain.state = 'locked'
    expect(b.cache.until()).toBe(b.clock.now() + 30 * dayMs)
    b.keychain.state = null
    await b.cache.forget()
    expect(b.cache.until()).toBeNull()
  })

  it('keeps the derived key with its slot and end, and nothing else', async () => {
    await b.cache.remember(30)
    const entry = JSON.parse(b.keychain.entries.get(uuid(1)) ?? '') as Record<string, unknown>
    expect(Object.keys(entry).sort()).toEqual(['kek', 'notAfter', 'saltHash', 'slot', 'v', 'vault'])
    expect(entry['notAfter']).toBe(b.clock.now() + 30 * dayMs)
  })

  it('ends by itself, after 90 days at the latest', async () => {
    await b.cache.remember(365)
    await b.clock.advance(90 * dayMs - 1)
    expect(await b.cache.unlock()).toBe('unlocked')
    await b.clock.advance(1)
    expect(await b.cache.unlock()).toBe('stale')
    expect(b.tried.length).toBe(1)
  })

  it.each([
    ['locked', 'locked'],
    ['unavailable', 'unavailable'],
    ['denied', 'locked'],
    ['absent', 'on'],
  ] as const)('says that the keychain is %s, and deletes and forgets nothing', async (state, shown) => {
    await b.cache.remember(30)
    b.keychain.state = state
    expect([await b.cache.unlock(), b.cache.state(), b.keychain.entries.size]).toEqual([state, shown, 1])
    b.keychain.state = null
    expect([await b.cache.unlock(), b.cache.state()]).toEqual(['unlocked', 'on'])
  })

  it('keeps an entry that no longer opens the vault, and says stale', async () => {
    await b.cache.remember(30)
    b.refuse.now = true
    expect([await b.cache.unlock(), b.keychain.entries.size]).toEqual(['stale', 1])
  })

  it('takes nothing for a key that it did not write', async () => {
    await b.cache.remember(30)
    for (const text of ['', '{}', 'null', '{"v":2}', JSON.stringify({ v: 1, vault: uuid(2) })]) {
      b.keychain.entries.set(uuid(1), text)
      expect(await b.cache.unlock()).toBe('stale')
    }
    expect(b.tried).toEqual([])
  })

  it('forgets on demand, and stays on when the keychain did not let it', async () => {
    await b.cache.remember(30)
    b.keychain.state = 'locked'
    await expect(b.cache.forget()).rejects.toMatchObject({ code: 'keychain-locked' })
    expect(b.cache.state()).toBe('on')
    b.keychain.state = null
    await b.cache.forget()
    expect([b.cache.state(), b.keychain.entries.size]).toEqual(['off', 0])
  })

  it('stays off when the keychain refuses to remember', async () => {
    b.keychain.state = 'denied'
    await expect(b.cache.remember(30)).rejects.toMatchObject({ code: 'keychain-denied' })
    expect(b.cache.state()).toBe('off')
  })

  it('renews the entry only while it is on', async () => {
    await b.cache.renew()
    expect(b.keychain.entries.size).toBe(0)
    await b.cache.remember(30)
    b.keychain.entries.clear()
    await b.cache.renew()
    expect(b.keychain.entries.size).toBe(1)
  })
})
