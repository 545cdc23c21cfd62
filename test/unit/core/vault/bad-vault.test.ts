import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { codeOf, createUnlocked, credential, PASSWORD, unlock } from './kit.ts'
import { at, raiseEpoch, resum, tampered } from './tamper.ts'
import type { RawRecord, RawRevision, RawSlot, RawVault } from './tamper.ts'

type Row = readonly [fact: string, code: string, derivations: 0 | 1, edit: (text: string) => string]

const edited =
  (edit: (vault: RawVault) => void) =>
  (text: string): string =>
    tampered(text, edit)

const slot = (change: (slot: RawSlot) => void) =>
  edited(({ slots }) => {
    const first = at(slots, 0)
    change(first)
    resum(first)
  })

/** The second record, which has a history; the first is the device's. */
const record = (change: (record: RawRecord, next: RawRecord) => void) =>
  edited(({ records }) => change(at(records, 1), at(records, 2)))

const shortSalt = 'AAAAAAAAAAA='
const longSalt = `${'A'.repeat(87)}=`

const rows: readonly Row[] = [
  ['one iteration', 'vault-damaged', 0, slot(({ kdf }) => (kdf.iterations = 1))],
  ['iterations just below the bound', 'vault-damaged', 0, slot(({ kdf }) => (kdf.iterations = 99_999))],
  ['iterations just above the bound', 'vault-damaged', 0, slot(({ kdf }) => (kdf.iterations = 10_000_001))],
  ['iterations as text', 'vault-damaged', 0, slot(({ kdf }) => (kdf.iterations = '1200000'))],
  ['a salt of 8 bytes', 'vault-damaged', 0, slot(({ kdf }) => (kdf.salt = shortSalt))],
  ['a salt of 65 bytes', 'vault-damaged', 0, slot(({ kdf }) => (kdf.salt = longSalt))],
  ['a salt without padding', 'vault-damaged', 0, slot(({ kdf }) => (kdf.salt = kdf.salt.replace(/=+$/, '')))],
  ['a version of a newer program', 'vault-newer', 0, edited((v) => (v.version = 2))],
  ['a reader of a newer program required', 'vault-newer', 0, edited((v) => (v.minReader = 2))],
  ['version 0', 'vault-damaged', 0, edited((v) => (v.version = 0))],
  ['another format', 'vault-damaged', 0, edited((v) => (v.format = 'keepass'))],
  ['only a slot type of a newer program', 'vault-newer', 0, slot((s) => (s.type = 'passkey'))],
  ['only a derivation of a newer program', 'vault-newer', 0, slot(({ kdf }) => (kdf.name = 'balloon'))],
  ['no slot', 'vault-newer', 0, edited((v) => (v.slots = []))],
  ['nine slots', 'vault-damaged', 0, edited((v) => (v.slots = manySlots(at(v.slots, 0))))],
  ['two slots of one id', 'vault-damaged', 0, edited((v) => v.slots.push(at(v.slots, 0)))],
  ['a header over 64 KiB', 'vault-damaged', 0, edited((v) => (v.note = 'x'.repeat(65_536)))],
  ['an empty file', 'vault-damaged', 0, () => ''],
  ['half a file', 'vault-damaged', 0, (text) => text.slice(0, text.length / 2)],
  ['text that is not JSON', 'vault-damaged', 0, () => 'hello'],
  ['an array', 'vault-damaged', 0, () => '[]'],
  ['bytes after the end', 'vault-damaged', 0, (text) => `${text}x`],
  ['a doubled key', 'vault-damaged', 0, (text) => text.replace('{', '{"vault":"x",')],
  ['a doubled key in a record', 'vault-damaged', 0, (text) => text.replace('"gen":1,', '"gen":1,"gen":1,')],
  ['__proto__ as a key', 'vault-damaged', 0, (text) => text.replace('{', '{"__proto__":{},')],
  ['a null', 'vault-damaged', 0, (text) => text.replace('{', '{"note":null,')],
  ['a fraction', 'vault-damaged', 0, (text) => text.replace('{', '{"note":1.5,')],
  ['a number beyond 2^53', 'vault-damaged', 0, (text) => text.replace('{', '{"note":9007199254740993,')],
  ['nesting over 16', 'vault-damaged', 0, (text) => text.replace('{', `{"note":${nested(16)},`)],
  ['an epoch over 2^40', 'vault-damaged', 0, edited((v) => raiseEpoch(v, 2 ** 40))],
  ['an epoch that its own device has not seen', 'vault-damaged', 0, edited((v) => (v.epoch += 1))],
  ['two records of one id', 'vault-damaged', 0, edited((v) => v.records.push(at(v.records, 0)))],
  ['a record without its secret part', 'vault-damaged', 0, record((r) => delete r.secret)],
  ['a history of 21', 'vault-damaged', 0, record((r) => (r.hist = repeated(withoutSecret(r), 21)))],
  ['a history with 6 secrets', 'vault-damaged', 0, record((r) => (r.hist = repeated(at(r.hist, 0), 6)))],
  ['a token over 1 MiB', 'vault-damaged', 0, record((r) => (r.meta.token = 'A'.repeat(2 ** 20 + 1)))],
  ['a slot damaged by accident', 'vault-damaged', 0, edited((v) => (at(v.slots, 0).wrapped += 'A'))],
  ['another vault', 'vault-changed', 0, edited((v) => (v.vault = '00000000-0000-4000-8000-000000000000'))],
  ['another file under an epoch already seen', 'vault-changed', 0, edited((v) => (v.mac = 'f'.repeat(64)))],
  ['an older file', 'vault-changed', 0, edited((v) => raiseEpoch(v, -1))],
  [
    'a slot replaced on purpose',
    'vault-changed',
    1,
    slot((s) => (s.wrapped = `${s.wrapped.slice(0, -8)}AAAAAAA=`)),
  ],
  ['slot parameters changed on purpose', 'vault-changed', 1, slot(({ kdf }) => (kdf.iterations = 700_000))],
  ['a field added to a slot', 'vault-changed', 1, slot((s) => (s.note = 'x'))],
  ['a token of another record', 'vault-changed', 1, record((r, next) => (r.secret = next.meta))],
  ['a token of another part', 'vault-changed', 1, record((r) => (r.secret = r.meta))],
  ['a token of an older revision', 'vault-changed', 1, record((r) => (r.meta = at(r.hist, 0).meta))],
  ['a dropped record', 'vault-changed', 1, edited(({ records }) => records.pop())],
  ['two records swapped', 'vault-changed', 1, record((r, next) => ([r.id, next.id] = [next.id, r.id]))],
  [
    'a history entry in the place of its record',
    'vault-changed',
    1,
    record((r) => Object.assign(r, r.hist[0], { hist: [] })),
  ],
  [
    'a history entry moved out as a record',
    'vault-changed',
    1,
    edited((v) => v.records.push(movedOut(at(v.records, 1)))),
  ],
  ['a history cut off', 'vault-changed', 1, record((r) => (r.hist = []))],
  ['a delete flag set', 'vault-changed', 1, record((r) => (r.deleted = true))],
  ['an unknown field added', 'vault-changed', 1, record((r) => (r.note = 'x'))],
  ['an unknown top-level field added', 'vault-changed', 1, edited((v) => (v.note = 'x'))],
  ['an epoch raised with its trace', 'vault-changed', 1, edited((v) => raiseEpoch(v))],
  ['a device added to those seen', 'vault-changed', 1, edited((v) => (v.seen['d0000000000000000'] = 1))],
  ['another generation of the vault key', 'vault-changed', 1, edited((v) => (v.vkGen = 2))],
]

function manySlots(one: RawSlot): RawSlot[] {
  const slots = Array.from({ length: 9 }, (_, n) => ({ ...one, id: `s${n}` }))
  slots.forEach(resum)
  return slots
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

function withoutSecret(record: RawRecord): RawRevision {
  const past = { ...at(record.hist, 0) }
  delete past.secret
  return past
}

function repeated(past: RawRevision, times: number): RawRevision[] {
  return Array.from({ length: times }, () => past)
}

function movedOut(record: RawRecord): RawRecord {
  return { ...at(record.hist, 0), id: '11111111-1111-4111-8111-111111111111', hist: [] }
}

async function filled(): ReturnType<typeof createUnlocked> {
  const kit = await createUnlocked()
  const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('s3cret') })
  await kit.vault.editCredential(id, { tags: ['x'] }, {})
  await kit.vault.addCredential(credential('web'), { password: utf8('other') })
  await kit.vault.lock()
  return kit
}

describe('unlock of a bad vault', () => {
  it.each(rows)(
    'answers %s with %s after %d derivations and leaves the file alone',
    async (_fact, code, derivations, edit) => {
      const kit = await filled()
      const bad = edit(kit.read('vault.json'))
      kit.write('vault.json', bad)
      const before = kit.derived.length
      const vault = kit.open()

      expect(await codeOf(unlock(vault))).toBe(code)
      expect(kit.derived.length - before).toBe(derivations)
      expect(kit.read('vault.json')).toBe(bad)
      const status = await vault.status()
      expect([status.state === 'unlocked', status.generations.map(({ n, ok }) => [n, ok])]).toEqual([
        false,
        [
          [1, true],
          [2, true],
          [3, true],
        ],
      ])
    },
  )

  it.each(rows.filter(([, , derivations]) => derivations === 0))(
    'writes no file at all for %s',
    async (_fact, _code, _derivations, edit) => {
      const kit = await filled()
      kit.write('vault.json', edit(kit.read('vault.json')))
      const before = new Map(kit.files.content)
      await codeOf(unlock(kit.open()))
      expect(kit.files.content).toEqual(before)
    },
  )

  it('opens the untouched file in another layout and in ours', async () => {
    const kit = await filled()
    const ours = kit.read('vault.json')
    kit.write(
      'vault.json',
      tampered(ours, (v) => v.records.reverse()),
    )
    const vault = kit.open()
    await unlock(vault)
    const names = (await vault.listCredentials()).map(({ name }) => name)
    expect(names.sort()).toEqual(['nas', 'web'])
  })

  it('refuses a change of the file under an unlocked vault without writing', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('nas'), {})
    const bad = tampered(kit.read('vault.json'), (v) => v.records.pop())
    kit.write('vault.json', bad)
    expect([
      await codeOf(kit.vault.listCredentials()),
      await codeOf(kit.vault.addCredential(credential('x'), {})),
    ]).toEqual(['vault-changed', 'vault-changed'])
    expect(kit.read('vault.json')).toBe(bad)
  })

  it('locks when the file turns up under another vault key', async () => {
    const kit = await createUnlocked()
    kit.write(
      'vault.json',
      tampered(kit.read('vault.json'), (v) => {
        raiseEpoch(v)
        v.vkGen = 2
      }),
    )
    expect([await codeOf(kit.vault.listCredentials()), (await kit.vault.status()).state]).toEqual([
      'locked',
      'locked',
    ])
  })
})

describe('unlock with a wrong password', () => {
  it('derives exactly once and says so', async () => {
    const kit = await filled()
    const before = kit.derived.length
    expect([await codeOf(unlock(kit.open(), 'wrong')), kit.derived.slice(before)]).toEqual([
      'wrong-password',
      ['wrong'],
    ])
  })

  it('is throttled as 0, 0, 0, 1, 2, 4 .. 60 seconds, over restarts of the program', async () => {
    const kit = await filled()
    const waits: number[] = []
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const vault = kit.open()
      expect(await codeOf(unlock(vault, 'wrong'))).toBe('wrong-password')
      const { throttledForMs } = await vault.status()
      waits.push(throttledForMs / 1000)
      await kit.clock.advance(throttledForMs)
    }
    expect(waits).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
  })

  it('answers throttled without a derivation, and lets the right password in afterwards', async () => {
    const kit = await filled()
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await codeOf(unlock(kit.open(), 'wrong'))
      if (attempt === 2) await kit.clock.advance(1000)
    }
    const before = kit.derived.length
    await expect(unlock(kit.open())).rejects.toMatchObject({
      code: 'throttled',
      details: { retryAfterMs: 2000 },
    })
    expect(kit.derived.length).toBe(before)
    await kit.clock.advance(2000)
    const vault = kit.open()
    await unlock(vault)
    expect((await vault.status()).throttledForMs).toBe(0)
  })

  it('counts an attempt whose process was killed during the derivation', async () => {
    const kit = await filled()
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const killed = kit.open({ derive: () => Promise.reject(new Error('killed')) })
      await codeOf(unlock(killed))
    }
    expect((await kit.open().status()).throttledForMs).toBe(1000)
  })

  it('gains nothing from a clock set back, and never waits longer than the present wait', async () => {
    const kit = await filled()
    for (let attempt = 0; attempt < 3; attempt += 1) await codeOf(unlock(kit.open(), 'wrong'))
    kit.clock.setWallClock(kit.clock.now() - 365 * 86_400_000)
    expect(await codeOf(unlock(kit.open()))).toBe('throttled')
    await kit.clock.advance(999)
    expect(await codeOf(unlock(kit.open()))).toBe('throttled')
    await kit.clock.advance(1)
    expect(await codeOf(unlock(kit.open()))).toBeNull()
  })

  it.each([
    ['an empty password', new Uint8Array(0)],
    ['a NUL', utf8('a\0b')],
    ['bytes that are not UTF-8', Uint8Array.of(0xed, 0xa0, 0x80)],
    ['more than 1024 bytes', utf8('x'.repeat(1025))],
  ])('refuses %s without counting an attempt', async (_fact, password) => {
    const kit = await filled()
    const before = new Map(kit.files.content)
    expect([await codeOf(kit.open().unlock({ password }, {})), kit.files.content]).toEqual([
      'password-invalid',
      before,
    ])
  })

  it('asks before a derivation estimated over 5 s, and goes on when told to', async () => {
    const kit = await filled()
    const vault = kit.open({ estimateMs: () => Promise.resolve(5400) })
    const before = kit.derived.length
    await expect(unlock(vault)).rejects.toMatchObject({ code: 'slow-kdf', details: { seconds: 6 } })
    expect(kit.derived.length).toBe(before)
    await vault.unlock({ password: utf8(PASSWORD) }, { allowSlowKdf: true })
    expect((await vault.status()).state).toBe('unlocked')
  })

  it('takes a composed and a decomposed form for the same password', async () => {
    const kit = await createUnlocked()
    await kit.vault.changePassword({ password: utf8(PASSWORD) }, utf8('pa\u0308ssword with umlaut'))
    expect(await codeOf(unlock(kit.open(), 'p\u00e4ssword with umlaut'))).toBeNull()
  })
})
