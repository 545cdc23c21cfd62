import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import type { VaultCheck } from '../../../../main/model/vault-check.ts'
import { codeOf, createUnlocked, credential, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'
import { at, rawVault, tampered } from './tamper.ts'
import type { RawVault } from './tamper.ts'

/** What the last write changed is in no copy: the vault itself is damaged right after it. */
async function written(): Promise<Kit & { readonly id: string }> {
  const kit = await createUnlocked()
  const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('first') })
  await kit.vault.addCredential(credential('web'), { password: utf8('other') })
  await kit.vault.editCredential(id, {}, { password: utf8('second') })
  await kit.vault.editCredential(id, {}, { password: utf8('third') })
  await kit.vault.lock()
  return { ...kit, id }
}

function verify(vault: VaultApi, repair = false): Promise<VaultCheck> {
  return vault.verify({ proof: { password: utf8(PASSWORD) }, repair, allowSlowKdf: false })
}

function edit(kit: Kit, change: (vault: RawVault) => void): void {
  kit.write('vault.json', tampered(kit.read('vault.json'), change))
}

/** The vault without any older copy. */
function alone(kit: Kit): void {
  for (const n of [1, 2, 3]) kit.files.content.delete(`vault.json.${n}`)
}

const faults = ({ damaged }: VaultCheck) =>
  damaged.map(({ id, remedy, rev, parts }) => [id, remedy, rev, parts.map(({ fault }) => fault).join()])

const record = (vault: RawVault, id: string) =>
  at(
    vault.records.filter((one) => one.id === id),
    0,
  )

describe('verify of what only the last write knows', () => {
  it('names an older revision put in its place, although no copy has the later one', async () => {
    const kit = await written()
    const old = record(rawVault(kit.read('vault.json.1')), kit.id)
    edit(
      kit,
      ({ records }) =>
        void records.splice(
          records.findIndex(({ id }) => id === kit.id),
          1,
          old,
        ),
    )
    expect(faults(await verify(kit.open(), true))).toEqual([[kit.id, 'mend', 2, 'outdated']])
    // It is the revision in force now: named once.
    expect(faults(await verify(kit.open()))).toEqual([])
  })

  it('names a record that is gone, or whose clear fields or history were changed', async () => {
    const gone = await written()
    alone(gone)
    edit(
      gone,
      ({ records }) =>
        void records.splice(
          records.findIndex(({ id }) => id === gone.id),
          1,
        ),
    )
    expect(faults(await verify(gone.open()))).toEqual([[gone.id, 'lost', null, 'missing']])

    const shortened = await written()
    edit(shortened, (vault) => void record(vault, shortened.id).hist.splice(0, 1))
    expect(faults(await verify(shortened.open()))).toEqual([[shortened.id, 'mend', 3, 'differs']])
  })

  it('remembers nothing against a copy that a person put back', async () => {
    const kit = await written()
    const vault = kit.open()
    await vault.restore(1)
    await unlock(vault)
    await vault.lock()
    alone(kit)
    edit(kit, (raw) => void (raw.mac = 'a'.repeat(64)))
    expect(faults(await verify(kit.open()))).toEqual([])
  })

  it('knows what a repair wrote that no copy has', async () => {
    const kit = await written()
    edit(kit, (raw) => void (raw.mac = 'a'.repeat(64)))
    await verify(kit.open(), true)
    edit(
      kit,
      ({ records }) =>
        void records.splice(
          records.findIndex(({ id }) => id === kit.id),
          1,
        ),
    )
    expect(faults(await verify(kit.open())).map(([id]) => id)).toEqual([kit.id])
  })

  it('gives a past revision back whose number was changed, from the copy that has the same revision', async () => {
    const kit = await written()
    const text = kit.read('vault.json')
    kit.write('vault.json.1', text)
    edit(kit, (vault) => void (at(record(vault, kit.id).hist, 0).rev += 7))
    await verify(kit.open(), true)
    expect(record(rawVault(kit.read('vault.json')), kit.id)).toEqual(record(rawVault(text), kit.id))
  })
})

describe('verify without any copy', () => {
  const bytewise: readonly (readonly [string, (text: string) => string])[] = [
    ['a first line that is no JSON', (text) => text.replace('"epoch":', '"epoch";')],
    ['a writer of the first line that is none', (text) => text.replace(/"dev":"d/, '"dev":"x')],
    [
      'slots that are there twice, once cut',
      (text) => text.replace('"slots":', '"slots":[{"id":"pw1"},"slots":'),
    ],
    ['a broken id of the vault', (text) => text.replace(/"vault":"./, '"vault":"z')],
    [
      'another id of the vault',
      (text) => text.replace(/"vault":"./, (id) => id.slice(0, -1) + (id.endsWith('1') ? '2' : '1')),
    ],
    ['no line feed behind the first line', (text) => text.replace('\n', ' ')],
    ['no line feed between two records', (text) => text.replace('},\n', '}, ')],
    ['no line feed before the last line', (text) => text.replace('\n],', '],')],
    ['a layout that is not ours, cut', (text) => JSON.stringify(JSON.parse(text), null, 2).slice(0, -20)],
  ]

  it.each(bytewise)('gives every record back from a file with %s', async (_, damage) => {
    const kit = await written()
    alone(kit)
    const text = kit.read('vault.json')
    kit.write('vault.json', damage(text))
    expect(kit.read('vault.json')).not.toBe(text)
    const report = await verify(kit.open(), true)
    expect([faults(report), report.ok]).toEqual([[], true])
    expect(rawVault(kit.read('vault.json')).records).toEqual(rawVault(text).records)
    await unlock(kit.open())
  })

  it('does not take an empty vault for a repair where no token decrypts', async () => {
    const kit = await written()
    alone(kit)
    kit.files.content.delete('device/device.json')
    edit(kit, (vault) => void (vault.vault = '00000000-0000-4000-8000-000000000000'))
    const before = kit.read('vault.json')
    expect(await codeOf(verify(kit.open(), true))).toBe('vault-damaged')
    expect(kit.read('vault.json')).toBe(before)
  })
})
