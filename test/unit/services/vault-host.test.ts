import { describe, expect, it } from 'vitest'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { createVaultHost } from '../../../main/services/vault-host.ts'
import type { OpenVault, VaultHost } from '../../../main/services/vault-host.ts'

type Bench = {
  host: VaultHost
  entered: PromiseWithResolvers<void>
  ended: () => number
  die: () => void
  states: string[]
}

/** A host whose next unlock finishes when the test says so. */
function bench(): Bench {
  const entered = Promise.withResolvers<void>()
  const states: string[] = []
  let ends = 0
  let gone = (): void => {}
  // reason: the two methods that the host calls by itself
  const closed = { deviceId: () => Promise.resolve('d0123456789abcdef') } as unknown as VaultApi
  const open = (): OpenVault => ({
    api: { unlock: () => entered.promise } as unknown as VaultApi, // reason: as above
    end: () => {
      ends += 1
      return Promise.resolve()
    },
    onGone: (listener) => (gone = listener),
  })
  const host = createVaultHost(closed, open)
  host.onState((state) => states.push(state))
  return {
    host,
    entered,
    ended: () => ends,
    die: () => {
      gone()
    },
    states,
  }
}

const password = (): { password: Uint8Array } => ({ password: new Uint8Array(12) })

describe('createVaultHost', () => {
  it('stays locked when it is locked while the password is being tried', async () => {
    const { host, entered, ended, states } = bench()
    const unlocking = host.unlock(password(), {})
    await host.lock()
    entered.resolve()
    await expect(unlocking).rejects.toMatchObject({ code: 'locked' })
    expect([host.isUnlocked(), ended() > 0, states]).toEqual([false, true, []])
  })

  it('ends the process of a refused password and lets the next one try', async () => {
    const { host, entered, ended } = bench()
    const unlocking = host.unlock(password(), {})
    await expect(host.unlock(password(), {})).rejects.toMatchObject({ code: 'busy' })
    entered.reject(new Error('refused'))
    await expect(unlocking).rejects.toThrow('refused')
    expect([host.isUnlocked(), ended()]).toEqual([false, 1])
  })

  it('is locked, and says so once, when its process dies by itself', async () => {
    const { host, entered, die, states } = bench()
    entered.resolve()
    await host.unlock(password(), {})
    die()
    die()
    expect(() => host.unlocked()).toThrow(expect.objectContaining({ code: 'locked' }) as Error)
    expect(states).toEqual(['unlocked', 'locked'])
  })

  it('tells every listener of a lock although one of them fails', async () => {
    const { host, entered, states } = bench()
    entered.resolve()
    await host.unlock(password(), {})
    const heard: string[] = []
    host.onState(() => {
      throw new Error('window is gone')
    })
    host.onState((state) => heard.push(state))
    await expect(host.lock()).rejects.toMatchObject({ code: 'internal' })
    expect([host.isUnlocked(), states.at(-1), heard]).toEqual([false, 'locked', ['locked']])
  })
})
