import { describe, expect, it } from 'vitest'
import { nodeRandom } from '../../../../main/adapters/node-random.ts'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { FileStore } from '../../../../main/core/ports/file-store.ts'
import { wrapSlot } from '../../../../main/core/vault/slots.ts'
import { unlockVault } from '../../../../main/core/vault/unlock.ts'
import { createVaultStore } from '../../../../main/core/vault/vault-store.ts'
import { AppError } from '../../../../main/model/app-error.ts'
import {
  codeOf,
  createKit,
  createUnlocked,
  credential,
  dyingAt,
  ITERATIONS,
  PASSWORD,
  unlock,
} from './kit.ts'
import type { Kit } from './kit.ts'
import { at, rawVault } from './tamper.ts'

const NEXT = 'another long password'

/** Passwords that open any file with a slot in this home. */
async function openedBy(kit: Kit, password: string): Promise<string[]> {
  const opened: string[] = []
  for (const path of ['vault.json', 'vault.json.1', 'vault.json.2', 'vault.json.3']) {
    const bytes = kit.files.content.get(path)
    if (bytes === undefined) continue
    const other = await createKit()
    other.files.content.set('vault.json', bytes)
    if ((await codeOf(unlock(other.open(), password))) === null) opened.push(path)
  }
  return opened
}

describe('changePassword', () => {
  it('opens with the new password only, in the vault and in every generation', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('nas'), { password: utf8('s3cret') })
    await kit.vault.changePassword({ password: utf8(PASSWORD) }, utf8(NEXT))
    const all = ['vault.json', 'vault.json.1', 'vault.json.2']
    expect([await openedBy(kit, PASSWORD), await openedBy(kit, NEXT)]).toEqual([[], all])
  })

  it('verifies the present password with one derivation, throttled like an unlock', async () => {
    const kit = await createUnlocked()
    const before = kit.read('vault.json')
    const codes: (string | null)[] = []
    for (let attempt = 0; attempt < 4; attempt += 1) {
      codes.push(await codeOf(kit.vault.changePassword({ password: utf8('wrong') }, utf8(NEXT))))
    }
    expect([codes, kit.derived.slice(1), kit.read('vault.json')]).toEqual([
      ['wrong-password', 'wrong-password', 'wrong-password', 'throttled'],
      ['wrong', 'wrong', 'wrong'],
      before,
    ])
  })

  it.each([
    ['password-too-short', 'elevenchars'],
    ['password-too-short', ''],
    ['password-invalid', 'long enough but\0'],
    ['password-invalid', 'x'.repeat(1025)],
  ])('answers %s to a new password that is not acceptable, before any derivation', async (code, next) => {
    const kit = await createUnlocked()
    const before = kit.derived.length
    expect([
      await codeOf(kit.vault.changePassword({ password: utf8(PASSWORD) }, utf8(next))),
      kit.derived.length,
    ]).toEqual([code, before])
  })

  it('uses a new salt, never fewer iterations, and counts up the slot register', async () => {
    const kit = await createUnlocked()
    const slotOf = () => {
      const { slots, slotSet } = rawVault(kit.read('vault.json'))
      return { ...at(slots, 0).kdf, rev: slotSet.rev }
    }
    const before = slotOf()
    await kit.vault.changePassword({ password: utf8(PASSWORD) }, utf8(PASSWORD))
    const after = slotOf()
    expect([after.salt === before.salt, after.iterations, after.rev]).toEqual([
      false,
      ITERATIONS,
      before.rev + 1,
    ])
  })

  it('finishes an interrupted purge at the next unlock, wherever it was killed', async () => {
    const killedAt = Array.from({ length: 12 }, (_, n) => n + 1)
    for (const nth of killedAt) {
      const kit = await createUnlocked()
      await kit.vault.addCredential(credential('a'), {})
      await kit.vault.addCredential(credential('b'), {})
      await kit.vault.lock()
      const dying = kit.open({ files: dyingAt(kit.files, nth) })
      await codeOf(unlock(dying).then(() => dying.changePassword({ password: utf8(PASSWORD) }, utf8(NEXT))))

      const isNew = (await codeOf(unlock(kit.open(), NEXT))) === null
      if (!isNew) expect(await codeOf(unlock(kit.open()))).toBeNull()
      const stale = isNew ? PASSWORD : NEXT
      expect({ nth, stale: await openedBy(kit, stale) }).toEqual({ nth, stale: [] })
      expect(JSON.parse(kit.read('device/device.json'))).toMatchObject({ purge: null })
    }
  })

  it('calls the old password wrong, not the vault changed, after a kill between vault.json and device.json', async () => {
    const kit = await createUnlocked()
    const isVault = { seen: false }
    const files: FileStore = {
      ...kit.files,
      writeDurably: async (path, bytes, options) => {
        if (isVault.seen) throw new Error('killed')
        isVault.seen = path === 'vault.json'
        await kit.files.writeDurably(path, bytes, options)
      },
    }
    const dying = kit.open({ files })
    await unlock(dying)
    isVault.seen = false
    await codeOf(dying.changePassword({ password: utf8(PASSWORD) }, utf8(NEXT)))
    expect(await codeOf(unlock(kit.open()))).toBe('wrong-password')
  })
})

/** Rewrites the slot as another program would have: same password, `iterations` of its choice. */
async function rewriteSlot(kit: Kit, iterations: number, chosen: boolean): Promise<void> {
  const store = createVaultStore(kit.ports)
  const session = await unlockVault(kit.ports, store, { password: utf8(PASSWORD) }, {})
  const salt = nodeRandom.bytes(16)
  const kdf = { kdf: { name: 'pbkdf2-hmac-sha256' as const, salt, iterations, length: 32 as const }, chosen }
  const kek = await kit.ports.derive({ ...kdf.kdf, password: utf8(PASSWORD) })
  await store.mutate(session, (transaction) => {
    const slot = wrapSlot(kek, session.vaultKey(), kdf, { random: nodeRandom })
    transaction.replaceSlots([slot], { purge: true })
  })
  session.close()
}

describe('raising iterations', () => {
  const line = (iterations: number): string => `pbkdf2-hmac-sha256 iterations=${iterations}`

  it.each([
    ['raises what an older program wrote', 100_000, false, 1_200_000],
    ['leaves a number above the default alone', 5_000_000, false, 5_000_000],
    ['leaves a number a person chose alone', 600_000, true, 600_000],
    ['raises a chosen number that no program may write', 100_000, true, 1_200_000],
  ])('%s', async (_fact, iterations, chosen, expected) => {
    const kit = await createUnlocked()
    await rewriteSlot(kit, iterations, chosen)
    const derivedBefore = kit.derived.length
    const vault = kit.open()
    await unlock(vault)
    const isRaised = expected !== iterations
    expect([(await vault.status()).slots[0]?.iterations, kit.derived.length - derivedBefore]).toEqual([
      expected,
      isRaised ? 2 : 1,
    ])
    expect(
      kit.lines.filter(({ event }) => event === 'vault.derivation-raised').map(({ fields }) => fields),
    ).toEqual(isRaised ? [{ slot: 'pw1', from: line(iterations), to: line(expected) }] : [])
    expect(await codeOf(unlock(kit.open()))).toBeNull()
  })

  it('lets the person in when the disk is full', async () => {
    const kit = await createUnlocked()
    await rewriteSlot(kit, 100_000, false)
    const files: FileStore = {
      ...kit.files,
      writeDurably: (path, bytes, options) =>
        path === 'vault.json'
          ? Promise.reject(new AppError('no-space', 'full'))
          : kit.files.writeDurably(path, bytes, options),
    }
    const vault = kit.open({ files })
    await unlock(vault)
    expect([(await vault.status()).slots[0]?.iterations, kit.lines.at(-1)?.event]).toEqual([
      100_000,
      'vault.derivation-not-raised',
    ])
  })
})

describe('exportCacheableKey', () => {
  it('gives a key that unlocks without a derivation until the password changes', async () => {
    const kit = await createUnlocked()
    const { kek, saltHash, slot } = await kit.vault.exportCacheableKey()
    const derivedBefore = kit.derived.length
    const cached = kit.open()
    await cached.unlock({ cachedKey: kek.slice() }, {})
    expect([slot, saltHash.length, kit.derived.length]).toEqual(['pw1', 64, derivedBefore])

    await kit.vault.changePassword({ password: utf8(PASSWORD) }, utf8(PASSWORD))
    expect(await codeOf(kit.open().unlock({ cachedKey: kek.slice() }, {}))).toBe('wrong-password')
    expect(await codeOf(cached.exportCacheableKey())).toBe('vault-changed')
    const renewed = await kit.vault.exportCacheableKey()
    expect(await codeOf(kit.open().unlock({ cachedKey: renewed.kek }, {}))).toBeNull()
  })
})
