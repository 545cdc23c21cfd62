import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { createVaultStore } from '../../../../main/core/vault/vault-store.ts'
import { unlockVault } from '../../../../main/core/vault/unlock.ts'
import { VaultSettings } from '../../../../main/model/vault.ts'
import { codeOf, createUnlocked, PASSWORD } from './kit.ts'
import type { Kit } from './kit.ts'

/** Writes a settings record as another version of the program does, and reads back all fields of the one there is. */
async function records(kit: Kit) {
  const store = createVaultStore(kit.ports)
  const session = await unlockVault(kit.ports, store, { password: utf8(PASSWORD) }, {})
  return {
    write: (fields: Readonly<Record<string, unknown>>) =>
      store.mutate(session, (transaction) => {
        transaction.put(null, { _kind: 'settings', title: 'settings', fields }, { fields: {} })
      }),
    read: async () => (await store.view(session)).open.settings.map(({ meta }) => meta.fields),
  }
}

describe('the settings of the vault', () => {
  it('take defaults for what an older program did not know', async () => {
    const kit = await createUnlocked()
    await (await records(kit)).write({ lockAfterIdleMs: 60_000, lockOnScreenLock: false })
    expect(await kit.vault.settings()).toEqual({
      ...VaultSettings.parse({}),
      lockAfterIdleMs: 60_000,
      lockOnScreenLock: false,
    })
    expect(await kit.vault.settings()).toMatchObject({
      lockAfterSessionMs: 12 * 3_600_000,
      lockAfterClosedMs: 5 * 60_000,
    })
  })

  it('keep what a newer program wrote when one of them changes', async () => {
    const kit = await createUnlocked()
    const { write, read } = await records(kit)
    await write({ lockAfterIdleMs: null, lockAtLunch: true })
    const changed = await kit.vault.changeSettings({ lockAfterSessionMs: 3_600_000 })
    expect(changed).toEqual({
      ...VaultSettings.parse({}),
      lockAfterIdleMs: null,
      lockAfterSessionMs: 3_600_000,
    })
    expect(await read()).toEqual([{ ...changed, lockAtLunch: true }])
  })

  it.for([
    ['a session under an hour', { lockAfterSessionMs: 3_599_999 }],
    ['a session over a day', { lockAfterSessionMs: 86_400_001 }],
    ['a closed window under a minute', { lockAfterClosedMs: 59_999 }],
    ['a time that is not whole', { lockAfterClosedMs: 60_000.5 }],
  ] as const)('refuse %s and stay as they are', async ([, patch]) => {
    const kit = await createUnlocked()
    const before = await kit.vault.settings()
    expect(await codeOf(kit.vault.changeSettings(patch))).not.toBeNull()
    expect(await kit.vault.settings()).toEqual(before)
  })
})
