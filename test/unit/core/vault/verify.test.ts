import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import type { DamagedRecord, VaultCheck } from '../../../../main/model/vault-check.ts'
import { codeOf, createUnlocked, credential, dyingAt, job, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'
import { at, raiseEpoch, rawVault, resum, tampered } from './tamper.ts'
import type { RawRecord } from './tamper.ts'

const OTHER = '00000000-0000-4000-8000-000000000000'

type Filled = Kit & { readonly ids: Record<'nas' | 'web' | 'last', string> }

/** `nas` at revision 2 and `web` in all copies but the oldest, `last` in none. */
async function filled(): Promise<Filled> {
  const kit = await createUnlocked()
  const nas = await kit.vault.addCredential(credential('nas'), { password: utf8('first') })
  await kit.vault.editCredential(nas.id, { tags: ['x'] }, { password: utf8('second') })
  const web = await kit.vault.addCredential(credential('web'), { password: utf8('other') })
  await kit.vault.addJob(job('photos', nas.id))
  const last = await kit.vault.addCredential(credential('last'), { password: utf8('newest') })
  await kit.vault.lock()
  return { ...kit, ids: { nas: nas.id, web: web.id, last: last.id } }
}

function verify(vault: VaultApi, repair = false, password = PASSWORD): Promise<VaultCheck> {
  return vault.verify({ proof: { password: utf8(password) }, repair, allowSlowKdf: false })
}

/** The file in our own layout, one record changed by `edit`. */
function editRecord(kit: Kit, id: string, edit: (record: RawRecord) => void): void {
  kit.write(
    'vault.json',
    tampered(kit.read('vault.json'), ({ records }) => {
      const record = records.find((one) => one.id === id)
      if (record === undefined) throw new Error('no such record')
      edit(record)
    }),
  )
}

/** The lines of vault.json as our writer laid them out. */
function editLines(kit: Kit, edit: (lines: string[]) => string[]): void {
  kit.write('vault.json', edit(kit.read('vault.json').split('\n')).join('\n'))
}

const flipped = (token: string): string =>
  `${token.slice(0, 40)}${token[40] === 'A' ? 'B' : 'A'}${token.slice(41)}`

async function secretsOf(vault: VaultApi): Promise<Record<string, string>> {
  const held: Record<string, string> = {}
  for (const { id, name } of await vault.listCredentials()) {
    held[name] = fromUtf8(await vault.revealSecret(id, 'password'))
  }
  return held
}

const short = ({ name, parts, remedy, generation, rev }: DamagedRecord) => ({
  name,
  parts: parts.map(({ part, fault }) => `${part} ${fault}`),
  remedy,
  generation,
  rev,
})

describe('verify', () => {
  it('says that all is intact, with figures, and leaves the vault locked and its files alone', async () => {
    const kit = await filled()
    const before = kit.read('vault.json')
    const vault = kit.open()
    const report = await verify(vault)
    expect(report).toMatchObject({
      ok: true,
      faults: [],
      records: 5,
      // Two parts each, and those of one past revision.
      tokens: 12,
      damaged: [],
      local: { state: 'intact', records: 1, lost: 0 },
      repaired: false,
      keptAs: null,
    })
    expect(report.generations.map(({ n, state }) => [n, state])).toEqual([
      [1, 'intact'],
      [2, 'intact'],
      [3, 'intact'],
    ])
    expect([(await vault.status()).state, kit.read('vault.json')]).toEqual(['locked', before])
  })

  it('needs no password while unlocked, and reports progress that ends at its total', async () => {
    const kit = await createUnlocked()
    for (let n = 0; n < 40; n += 1) await kit.vault.addCredential(credential(`c${n}`), {})
    const told: number[] = []
    const onProgress = ({ done, total }: { done: number; total: number }): void =>
      void told.push(done / total)
    const report = await kit.vault.verify({ proof: null, repair: false, allowSlowKdf: false, onProgress })
    expect([report.ok, report.records, (await kit.vault.status()).state]).toEqual([true, 41, 'unlocked'])
    expect(told.length).toBeGreaterThan(0)
    expect(told.every((part, index) => part <= 1 && part >= (told[index - 1] ?? 0))).toBe(true)
  })

  it('costs one derivation and is throttled as an unlock is', async () => {
    const kit = await filled()
    const before = kit.derived.length
    for (let n = 0; n < 3; n += 1)
      expect(await codeOf(verify(kit.open(), false, 'wrong'))).toBe('wrong-password')
    expect(kit.derived.slice(before)).toEqual(['wrong', 'wrong', 'wrong'])
    expect(await codeOf(verify(kit.open()))).toBe('throttled')
    await kit.clock.advance(1000)
    await verify(kit.open())
    expect((await kit.open().status()).throttledForMs).toBe(0)
  })

  it('answers locked without a password, and no-vault where there is none', async () => {
    const kit = await filled()
    const options = { proof: null, repair: false, allowSlowKdf: false }
    expect(await codeOf(kit.open().verify(options))).toBe('locked')
    kit.files.content.clear()
    expect(await codeOf(verify(kit.open()))).toBe('no-vault')
  })

  it('names each damaged record, which part it is and which copy can restore it', async () => {
    const kit = await filled()
    const { nas, web, last } = kit.ids
    editRecord(kit, nas, (record) => (at(record.hist, 0).meta.token = flipped(at(record.hist, 0).meta.token)))
    editRecord(kit, web, (record) => (record.secret = { ...record.meta }))
    editRecord(kit, last, (record) => (record.meta.token = flipped(record.meta.token)))
    const report = await verify(kit.open())
    expect([report.ok, report.faults]).toEqual([false, ['changed']])
    expect(report.damaged.map(short)).toEqual([
      { name: 'nas', parts: ['history not-opened'], remedy: 'mend', generation: null, rev: 2 },
      { name: 'web', parts: ['secret not-opened'], remedy: 'restore', generation: 1, rev: 1 },
      { name: null, parts: ['meta not-opened'], remedy: 'lost', generation: null, rev: null },
    ])
  })

  it('tells damage of a sound-looking kind: a flag, a record gone, one put back, history moved out as a record', async () => {
    const kit = await filled()
    const { nas, web, last } = kit.ids
    kit.write(
      'vault.json',
      tampered(kit.read('vault.json'), (vault) => {
        const find = (id: string): RawRecord =>
          at(
            vault.records.filter((one) => one.id === id),
            0,
          )
        Object.assign(find(nas), find(nas).hist[0], { hist: [] })
        find(last).deleted = true
        vault.records = vault.records.filter(({ id }) => id !== web)
        vault.records.push({ ...find(nas), id: OTHER })
      }),
    )
    const { damaged } = await verify(kit.open())
    expect(damaged.map(short)).toEqual([
      { name: 'nas', parts: ['record older'], remedy: 'restore', generation: 1, rev: 2 },
      {
        name: 'last',
        parts: ['meta wrong-content', 'secret wrong-content'],
        remedy: 'lost',
        generation: null,
        rev: null,
      },
      {
        name: null,
        parts: ['meta not-opened', 'secret not-opened'],
        remedy: 'lost',
        generation: null,
        rev: null,
      },
      { name: 'web', parts: ['record missing'], remedy: 'restore', generation: 1, rev: 1 },
    ])
  })

  it('checks the copies too, and says of which vault or key they are', async () => {
    const kit = await filled()
    kit.write('vault.json.1', kit.read('vault.json.1').slice(0, -200))
    kit.write('vault.json.2', (await createUnlocked()).read('vault.json'))
    kit.write('vault.json.3', 'rubbish')
    const report = await verify(kit.open())
    expect([report.ok, report.faults, report.damaged]).toEqual([false, [], []])
    expect(report.generations.map(({ n, state }) => [n, state])).toEqual([
      [1, 'damaged'],
      [2, 'other-vault'],
      [3, 'unreadable'],
    ])
  })

  it('knows records of its own by their tokens, whatever vault the first line names', async () => {
    const kit = await filled()
    kit.write(
      'vault.json',
      tampered(kit.read('vault.json'), (v) => (v.vault = OTHER)),
    )
    const report = await verify(kit.open(), true)
    expect([report.faults, report.damaged, report.ok]).toEqual([['header', 'changed'], [], true])
    const vault = kit.open()
    await unlock(vault)
    expect(await secretsOf(vault)).toEqual({ nas: 'second', web: 'other', last: 'newest' })
  })

  it('says vault-newer to a file of a newer program and vault-changed to slots edited by hand', async () => {
    const kit = await filled()
    const good = kit.read('vault.json')
    kit.write(
      'vault.json',
      tampered(good, (v) => (v.version = 2)),
    )
    expect(await codeOf(verify(kit.open()))).toBe('vault-newer')
    const forged = tampered(good, (v) => {
      const slot = at(v.slots, 0)
      slot.wrapped = `${slot.wrapped.slice(0, -8)}AAAAAAA=`
      resum(slot)
      v.slotSet.rev += 1
    })
    kit.write('vault.json', forged)
    expect(await codeOf(verify(kit.open()))).toBe('vault-changed')
  })
})

describe('verify with repair', () => {
  it('restores what a copy has, drops history that nobody has, keeps the damaged file and writes above everything seen', async () => {
    const kit = await filled()
    const { nas, web, last } = kit.ids
    const { epoch } = rawVault(kit.read('vault.json'))
    const copies = [1, 2, 3].map((n) => kit.read(`vault.json.${n}`))
    editRecord(kit, nas, (record) => (record.hist = [{ ...at(record.hist, 0), rev: 1, meta: record.meta }]))
    editRecord(kit, web, (record) => (record.meta.token = flipped(record.meta.token)))
    editRecord(kit, last, (record) => (at([record.secret], 0)!.token = 'x'))
    const bad = kit.read('vault.json')

    const report = await verify(kit.open(), true)
    expect([report.ok, report.repaired, report.keptAs]).toEqual([
      false,
      true,
      'old-vaults/20260102-030405-damaged',
    ])
    expect(kit.read(`${report.keptAs}/vault.json`)).toBe(bad)
    expect([1, 2, 3].map((n) => kit.read(`vault.json.${n}`))).toEqual(copies)
    expect(report.damaged.map(({ name, remedy, dropped }) => [name, remedy, dropped])).toEqual([
      ['nas', 'mend', 0],
      ['web', 'restore', 0],
      ['last', 'lost', 0],
    ])

    const vault = kit.open()
    await unlock(vault)
    expect(await secretsOf(vault)).toEqual({ nas: 'second', web: 'other' })
    expect((await vault.listJobs()).map(({ name, local }) => [name, local])).toEqual([
      ['photos', '/home/ana/photos'],
    ])
    expect(rawVault(kit.read('vault.json')).epoch).toBeGreaterThan(epoch)
    expect((await verify(kit.open())).ok).toBe(true)
  })

  it('falls back on the history of the record itself when no copy has it', async () => {
    const kit = await filled()
    for (const n of [1, 2, 3]) kit.files.content.delete(`vault.json.${n}`)
    editRecord(kit, kit.ids.nas, (record) => (record.meta.token = flipped(record.meta.token)))
    const report = await verify(kit.open(), true)
    expect(report.damaged.map(short)).toEqual([
      { name: 'nas', parts: ['meta not-opened'], remedy: 'restore', generation: null, rev: 1 },
    ])
    const vault = kit.open()
    await unlock(vault)
    expect(await secretsOf(vault)).toEqual({ last: 'newest', web: 'other', nas: 'first' })
  })

  it.each([
    ['cut in the middle of the last record', (text: string) => text.slice(0, -400)],
    ['cut in the first line', (text: string) => text.slice(0, 300)],
    ['overwritten with zeros at its start', (text: string) => '\0'.repeat(200) + text.slice(200)],
    ['empty', () => ''],
  ])('salvages a file %s by line, with the slots of a copy where its own are gone', async (_fact, damage) => {
    const kit = await filled()
    kit.write('vault.json', damage(kit.read('vault.json')))
    const report = await verify(kit.open(), true)
    expect([report.faults.includes('unreadable'), report.repaired]).toEqual([true, true])
    const vault = kit.open()
    await unlock(vault)
    expect(await secretsOf(vault)).toMatchObject({ nas: 'second', web: 'other' })
  })

  it('takes text that never was a record for what it is, and no record for lost', async () => {
    const kit = await filled()
    kit.write('vault.json', `${kit.read('vault.json')}no longer JSON`)
    const report = await verify(kit.open(), true)
    expect([report.faults, report.damaged, report.ok]).toEqual([['unreadable', 'changed'], [], true])
  })

  it('rebuilds a missing vault.json from the copies', async () => {
    const kit = await filled()
    kit.files.content.delete('vault.json')
    const report = await verify(kit.open(), true)
    expect(report.faults).toEqual(['missing'])
    // Which no copy has: this device knows that it wrote it.
    const lost = report.damaged.filter(({ remedy }) => remedy === 'lost')
    expect(lost.map(({ id }) => id)).toEqual([kit.ids.last])
    expect(report.ok).toBe(false)
    const vault = kit.open()
    await unlock(vault)
    expect(await secretsOf(vault)).toEqual({ nas: 'second', web: 'other' })
  })

  it('brings a file that was put back up to what the copies know', async () => {
    const kit = await filled()
    kit.write('vault.json', kit.read('vault.json.3'))
    const report = await verify(kit.open(), true)
    expect(report.faults).toEqual(['rolled-back'])
    expect(report.damaged.map(({ id, remedy }) => [id, remedy])).toContainEqual([kit.ids.last, 'lost'])
    const vault = kit.open()
    await unlock(vault)
    expect(await secretsOf(vault)).toEqual({ nas: 'second', web: 'other' })
  })

  it('does not let slots come back that were replaced, nor use up the counters of a file that claims too much', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('s3cret') })
    const old = rawVault(kit.read('vault.json'))
    await kit.vault.changePassword({ password: utf8(PASSWORD) }, utf8('another long password'))
    kit.write(
      'vault.json',
      tampered(kit.read('vault.json'), (v) => {
        v.slots = old.slots
        v.slotSet = old.slotSet
        raiseEpoch(v, 2 ** 39)
      }),
    )
    expect(await codeOf(verify(kit.open(), true))).toBe('wrong-password')
    await verify(kit.open(), true, 'another long password')
    const repaired = rawVault(kit.read('vault.json'))
    expect([repaired.slotSet.rev, repaired.epoch < 2 ** 20]).toEqual([2, true])
    const vault = kit.open()
    await unlock(vault, 'another long password')
    expect(fromUtf8(await vault.revealSecret(id, 'password'))).toBe('s3cret')
  })

  it('sets damaged copies aside and leaves a sound vault.json as it is', async () => {
    const kit = await filled()
    const before = kit.read('vault.json')
    kit.write('vault.json.2', 'rubbish')
    const report = await verify(kit.open(), true)
    expect([report.ok, kit.read('vault.json'), kit.read(`${report.keptAs}/vault.json.2`)]).toEqual([
      true,
      before,
      'rubbish',
    ])
    expect(kit.files.content.has('vault.json.2')).toBe(false)
  })

  it('mends the data of this device from the copy beside it', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('nas'), {})
    await kit.vault.addJob(job('photos', id))
    await kit.vault.addJob(job('music', id, { local: '/home/ana/music' }))
    await kit.vault.lock()
    kit.write('device/local.json', kit.read('device/local.json').replace(/"token":"gAAA/, '"token":"hAAA'))
    const found = await verify(kit.open())
    expect([found.ok, found.local.state]).toEqual([false, 'damaged'])
    await verify(kit.open(), true)
    const vault = kit.open()
    await unlock(vault)
    expect((await vault.listJobs()).map(({ local }) => local)).toEqual([
      '/home/ana/photos',
      '/home/ana/music',
    ])
    expect((await verify(kit.open())).ok).toBe(true)
  })

  it('works on the vault that is unlocked, which goes on with the repaired file', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('s3cret') })
    await kit.vault.addCredential(credential('web'), {})
    editRecord(kit, id, (record) => (record.meta.token = flipped(record.meta.token)))
    expect(await codeOf(kit.vault.listCredentials())).toBe('vault-changed')
    const report = await kit.vault.verify({ proof: null, repair: true, allowSlowKdf: false })
    expect(report.ok).toBe(true)
    expect(fromUtf8(await kit.vault.revealSecret(id, 'password'))).toBe('s3cret')
  })

  it('leaves a vault that can still be repaired wherever it is killed', async () => {
    for (let nth = 1; nth <= 6; nth += 1) {
      const kit = await filled()
      editLines(kit, (lines) => lines.filter((_, index) => index !== 2))
      await codeOf(verify(kit.open({ files: dyingAt(kit.files, nth) }), true))
      await verify(kit.open(), true)
      const vault = kit.open()
      await unlock(vault)
      expect({ nth, held: await secretsOf(vault) }).toEqual({
        nth,
        held: expect.objectContaining({ nas: 'second', web: 'other' }) as unknown,
      })
    }
  })
})
