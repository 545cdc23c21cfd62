import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { manifestMac } from '../../../../main/core/vault/manifest.ts'
import { openSecret } from '../../../../main/core/vault/transaction.ts'
import type { RecordMeta } from '../../../../main/core/vault/transaction.ts'
import { unlockVault } from '../../../../main/core/vault/unlock.ts'
import { readVaultFile } from '../../../../main/core/vault/vault-file.ts'
import { createVaultStore } from '../../../../main/core/vault/vault-store.ts'
import { codeOf, createUnlocked, credential, PASSWORD, unlock } from './kit.ts'
import { at, raiseEpoch, rawVault, resum } from './tamper.ts'

const NEXT = 'another long password'

describe('two processes on one home', () => {
  it('see each other and lose no update', async () => {
    const kit = await createUnlocked()
    const other = kit.open()
    await unlock(other)
    const names = Array.from({ length: 20 }, (_, n) => `c${n}`)
    await Promise.all(names.map((name, n) => (n % 2 ? other : kit.vault).addCredential(credential(name), {})))
    const listed = (await kit.vault.listCredentials()).map(({ name }) => name)
    expect([listed.sort(), (await other.listCredentials()).length]).toEqual([[...names].sort(), 20])
  })

  it('go on after a password change by the other', async () => {
    const kit = await createUnlocked()
    const other = kit.open()
    await unlock(other)
    await other.changePassword({ password: utf8(PASSWORD) }, utf8(NEXT))
    await kit.vault.addCredential(credential('nas'), {})
    expect((await other.listCredentials()).map(({ name }) => name)).toEqual(['nas'])
  })
})

describe('what newer programs wrote', () => {
  it('survives every kind of rewrite, at every level', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('s3cret') })
    const store = createVaultStore(kit.ports)
    const session = await unlockVault(kit.ports, store, { password: utf8(PASSWORD) }, {})
    const note = { deep: ['kept'] }
    await store.mutate(session, (transaction) => {
      const old = transaction.view.open.credentials.find(({ entry }) => entry.record.id === id)
      if (old === undefined) throw new Error('unreachable')
      transaction.put(
        old,
        { _kind: 'credential', title: 'nas', note },
        { fields: { password: 's3cret' }, note },
      )
      // A kind that this program does not know; no type of ours names it.
      const _kind = 'passkey' as RecordMeta['_kind']
      const meta: RecordMeta = { _kind, title: 'unknown', note }
      transaction.put(null, meta, { fields: {}, note })
    })
    // Unknown fields in clear, authenticated by who knows the key.
    const raw = rawVault(kit.read('vault.json'))
    raw.note = note
    raw.slotSet.note = 'kept'
    const slot = at(raw.slots, 0)
    slot.note = 'kept'
    resum(slot)
    raiseEpoch(raw)
    for (const record of raw.records) {
      record.note = note
      record.meta.note = 'kept'
      if (record.secret) record.secret.note = 'kept'
    }
    const file = await readVaultFile(utf8(JSON.stringify(raw)), kit.ports.pacer())
    raw.mac = manifestMac(session.manifestKey(), 'vault', file)
    kit.write('vault.json', JSON.stringify(raw))
    kit.write('device/device.json', kit.read('device/device.json').replace('{', '{"note":"kept",'))

    const vault = kit.open()
    await unlock(vault)
    await vault.editCredential(id, { name: 'renamed' }, {})
    await vault.changePassword({ password: utf8(PASSWORD) }, utf8(NEXT))
    await vault.changeSettings({ lockOnSuspend: false })

    const after = rawVault(kit.read('vault.json'))
    const edited = after.records.find((record) => record.id === id)
    expect([
      after.note,
      after.slotSet.note,
      after.slots[0]?.note,
      edited?.note,
      edited?.meta.note,
      edited?.secret?.note,
    ]).toEqual([note, 'kept', 'kept', note, 'kept', 'kept'])
    expect(JSON.parse(kit.read('device/device.json'))).toMatchObject({ note: 'kept' })
    const view = await store.view(session)
    const payloads = [...session.cache.records.values()].map(({ payload }) => payload['note'])
    expect(payloads.filter((kept) => kept !== undefined)).toEqual([note, note])
    const record = view.file.records.get(id)
    expect(record && openSecret(session, record)['note']).toEqual(note)
    const unknown = at(raw.records, -1)
    expect(after.records.find((other) => other.id === unknown.id)).toEqual(unknown)
  })
})

describe('history', () => {
  it('keeps 20 older revisions newest first, 5 of them with secrets, and none after removal', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('s0') })
    for (let n = 1; n <= 25; n += 1) await kit.vault.editCredential(id, {}, { password: utf8(`s${n}`) })
    const recordOf = () =>
      at(
        rawVault(kit.read('vault.json')).records.filter((record) => record.id === id),
        0,
      )
    const record = recordOf()
    expect(record.hist.map(({ rev }) => rev)).toEqual(Array.from({ length: 20 }, (_, n) => 25 - n))
    expect(record.hist.filter((past) => 'secret' in past)).toHaveLength(5)
    await kit.vault.removeCredential(id)
    const tombstone = recordOf()
    expect([
      tombstone.deleted,
      tombstone.rev,
      'secret' in tombstone,
      JSON.stringify(tombstone).includes('secret'),
    ]).toEqual([true, 27, false, false])
    expect(await codeOf(kit.vault.revealSecret(id, 'password'))).toBe('unknown-name')
    await kit.vault.addCredential(credential('nas'), {})
  })

  it('never uses a salt twice', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('s') })
    for (let n = 0; n < 5; n += 1) await kit.vault.editCredential(id, {}, {})
    const salts = kit.read('vault.json').match(/"salt":"[^"]+"/g) ?? []
    expect(new Set(salts).size).toBe(salts.length)
  })
})

describe('a failed write', () => {
  it('leaves the old vault in place and the process usable', async () => {
    const kit = await createUnlocked()
    const before = kit.read('vault.json')
    kit.files.failNextWrite('no-space')
    expect(await codeOf(kit.vault.addCredential(credential('nas'), {}))).toBe('no-space')
    expect([kit.read('vault.json'), (await kit.vault.listCredentials()).length]).toEqual([before, 0])
    await kit.vault.addCredential(credential('nas'), {})
    expect((await kit.vault.listCredentials()).length).toBe(1)
  })
})
