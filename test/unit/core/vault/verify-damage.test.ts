import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultCheck } from '../../../../main/model/vault-check.ts'
import { codeOf, createUnlocked, credential, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'
import { rawVault, tampered } from './tamper.ts'
import type { RawRecord } from './tamper.ts'

type World = {
  readonly kit: Kit
  /** Every value a credential's password ever had, by id; the last is the present one. */
  readonly values: ReadonlyMap<string, readonly string[]>
  /** The newest revision that some copy holds, by id. */
  readonly copied: ReadonlyMap<string, number>
}

/** Three credentials, edited in an order that leaves each of them with a history and in some of the copies. */
async function world(edits: readonly number[]): Promise<World> {
  const kit = await createUnlocked()
  const values = new Map<string, string[]>()
  for (const name of ['a', 'b', 'c']) {
    const { id } = await kit.vault.addCredential(credential(name), { password: utf8(`${name}0`) })
    values.set(id, [`${name}0`])
  }
  for (const [n, pick] of edits.entries()) {
    const [id, known] = [...values][pick] ?? ['', []]
    await kit.vault.editCredential(id, {}, { password: utf8(`edit ${n}`) })
    known.push(`edit ${n}`)
  }
  await kit.vault.lock()
  const copied = new Map<string, number>()
  for (const n of [1, 2, 3]) {
    for (const { id, rev } of rawVault(kit.read(`vault.json.${n}`)).records) {
      copied.set(id, Math.max(rev, copied.get(id) ?? 0))
    }
  }
  return { kit, values, copied }
}

type Damage = (text: string, copy: string) => string

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const spot = (text: string, where: number): number => Math.floor(where * text.length)
/** A place in the lines of records only: headers are another test's. */
const inRecords = (text: string, where: number): number => {
  const start = text.indexOf('\n') + 1
  return start + Math.floor(where * (text.length - start))
}

const flip = fc.tuple(share, fc.integer({ min: 0, max: 6 })).map(([where, bit]): Damage => (text) => {
  const at = inRecords(text, where)
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1)
})
const cut = share.map(
  (where): Damage =>
    (text) =>
      text.slice(0, spot(text, where)),
)
const zeros = fc.tuple(share, fc.integer({ min: 1, max: 600 })).map(([where, length]): Damage => (text) => {
  const at = spot(text, where)
  return text.slice(0, at) + '\0'.repeat(Math.min(length, text.length - at)) + text.slice(at + length)
})
const splice = fc.tuple(share, share).map(([where, from]): Damage => (text, copy) => {
  const [to, start] = [spot(text, where), spot(copy, from)]
  return text.slice(0, to) + copy.slice(start, start + 300) + text.slice(to)
})
const pair = fc.tuple(fc.nat(3), fc.nat(3))
const edited = (edit: (records: RawRecord[], old: RawRecord[]) => void): Damage => {
  return (text, copy) => tampered(text, (vault) => edit(vault.records, rawVault(copy).records))
}
const swapTokens = pair.map(([a, b]) =>
  edited((records) => {
    const [one, two] = [records[a], records[b]]
    if (one !== undefined && two !== undefined) [one.meta, two.meta] = [two.meta, one.meta]
  }),
)
const swapParts = fc.nat(3).map((a) =>
  edited((records) => {
    const one = records[a]
    if (one?.secret !== undefined) [one.meta, one.secret] = [one.secret, one.meta]
  }),
)
const drop = fc.nat(3).map((a) => edited((records) => void records.splice(a, 1)))
const replay = fc.nat(3).map((a) =>
  edited((records, old) => {
    const before = old.find(({ id }) => id === records[a]?.id)
    if (before !== undefined) records[a] = before
  }),
)
const movedOut = fc.nat(3).map((a) =>
  edited((records) => {
    const [past] = records[a]?.hist ?? []
    if (past !== undefined) records.push({ ...past, id: '11111111-1111-4111-8111-111111111111', hist: [] })
  }),
)
const damages = fc.oneof(flip, cut, zeros, splice, swapTokens, swapParts, drop, replay, movedOut)

/** What of a record its own tokens vouch for. */
function head(record: RawRecord): string {
  const { id, rev, dev, deleted = false, meta, secret } = record
  return JSON.stringify([id, rev, dev, deleted, meta.salt, meta.token, secret?.salt, secret?.token])
}

/** Records as a reader of whole lines or of whole JSON sees them. */
function readable(text: string): RawRecord[] {
  const all = attempt(() => rawVault(text).records)
  const byLine = text.split('\n').flatMap((line) => {
    const found = attempt(() => JSON.parse(line.replace(/,$/, '')) as RawRecord)
    return found?.id !== undefined && Array.isArray(found.hist) ? [found] : []
  })
  return all ?? byLine
}

function headsById(records: readonly RawRecord[]): ReadonlyMap<string, string | null> {
  return new Map(records.map((record) => [record.id, attempt(() => head(record))]))
}

type Seen = {
  readonly text: string
  readonly bad: string
  readonly present: ReadonlyMap<string, string | null>
}

/** Ids of damaged records that the report does not name: each is in a copy, or this device remembers that it wrote it. */
function untold({ text, bad, present }: Seen, report: VaultCheck): string[] {
  // A record whose line feed alone is gone is whole.
  const isThere = (id: string): boolean =>
    text.split('\n').some((line) => line.includes(`"id":"${id}"`) && bad.includes(line.replace(/,$/, '')))
  const changed = rawVault(text).records.filter((record) => present.get(record.id) !== head(record))
  const isNamed = (id: string): boolean => report.damaged.some((one) => one.id === id)
  return changed.map(({ id }) => id).filter((id) => !isNamed(id) && !isThere(id))
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}

const sorted = (text: string): string =>
  JSON.stringify(
    attempt(() =>
      rawVault(text)
        .records.map((record) => JSON.stringify(record))
        .sort(),
    ) ?? text,
  )

describe('verify of a vault damaged at random', () => {
  it('finds each damaged record, restores what a copy holds, invents nothing and keeps what is sound', async () => {
    const found = { damaged: 0, intact: 0 }
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(2), { minLength: 1, maxLength: 8 }),
        damages,
        fc.constantFrom(1, 2, 3),
        async (edits, damage, n) => {
          const { kit, values, copied } = await world(edits)
          const text = kit.read('vault.json')
          const bad = damage(text, kit.read(`vault.json.${n}`))
          kit.write('vault.json', bad)
          const input = () => ({ proof: { password: utf8(PASSWORD) }, repair: false, allowSlowKdf: false })
          const report = await kit.open().verify(input())
          const isSame = sorted(bad) === sorted(text) && bad.length > 0
          expect(report.ok).toBe(isSame && (await codeOf(unlock(kit.open()))) === null)
          found[report.ok ? 'intact' : 'damaged'] += 1

          const present = headsById(readable(bad))
          for (const id of untold({ text, bad, present }, report)) expect(id).toBeNull()

          await kit.open().verify({ ...input(), repair: true })
          const vault = kit.open()
          await unlock(vault)
          const held = new Map<string, { rev: number; value: string }>()
          for (const { id, rev } of await vault.listCredentials()) {
            held.set(id, { rev, value: fromUtf8(await vault.revealSecret(id, 'password')) })
          }
          for (const [id, { rev, value }] of held) expect(values.get(id)?.[rev - 1]).toBe(value)
          const before = headsById(rawVault(text).records)
          for (const [id, known] of values) {
            const least = present.get(id) === before.get(id) ? known.length : (copied.get(id) ?? 0)
            expect({ id, isThere: (held.get(id)?.rev ?? 0) >= least }).toEqual({ id, isThere: true })
          }
          expect((await kit.open().verify(input())).ok).toBe(true)
        },
      ),
      { numRuns: 250 },
    )
    expect(found.damaged).toBeGreaterThan(100)
  }, 120_000)

  it('takes damage of the first line for what it is: repaired, or refused as newer, never opened as another vault', async () => {
    await fc.assert(
      fc.asyncProperty(share, fc.integer({ min: 0, max: 6 }), async (where, bit) => {
        const { kit, values } = await world([0, 1])
        const text = kit.read('vault.json')
        const at = Math.floor(where * text.indexOf('\n'))
        kit.write(
          'vault.json',
          text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1),
        )
        const input = { proof: { password: utf8(PASSWORD) }, repair: true, allowSlowKdf: false }
        const code = await codeOf(kit.open().verify(input))
        if (code !== null) return expect(code).toBe('vault-newer')
        const vault = kit.open()
        await unlock(vault)
        const { vault: id, vkGen } = rawVault(kit.read('vault.json'))
        expect([id, vkGen]).toEqual([rawVault(text).vault, 1])
        for (const [one, known] of values) {
          expect(fromUtf8(await vault.revealSecret(one, 'password'))).toBe(known.at(-1))
        }
      }),
      { numRuns: 150 },
    )
  }, 60_000)

  const field = (pattern: RegExp, to: string) => (text: string) => text.replace(pattern, to)
  it.each([
    ['a device id too short in what was seen', field(/("seen":\{"d[0-9a-f]{15})[0-9a-f]/, '$1')],
    ['a counter that is none', field(/("seen":\{"d[0-9a-f]{16}":)\d+/, '$10')],
    ['a device id too short in the set of slots', field(/("slotSet":\{"dev":"d[0-9a-f]{15})[0-9a-f]/, '$1')],
    ['a key generation that is none', field(/"vkGen":1/, '"vkGen":0')],
    ['an epoch nobody saw', field(/"epoch":\d+/, '"epoch":99')],
  ])(
    'mends a first line with %s, without any copy, also where the vault was never seen',
    async (_name, edit) => {
      for (const isKnown of [true, false]) {
        const { kit, values } = await world([0, 1])
        for (const n of [1, 2, 3]) kit.files.content.delete(`vault.json.${n}`)
        if (!isKnown) kit.files.content.delete('device/device.json')
        const bad = edit(kit.read('vault.json'))
        expect(bad).not.toBe(kit.read('vault.json'))
        kit.write('vault.json', bad)
        expect(await codeOf(unlock(kit.open()))).toBe('vault-damaged')
        const report = await kit.open().verify({
          proof: { password: utf8(PASSWORD) },
          repair: true,
          allowSlowKdf: false,
        })
        expect([report.ok, report.damaged]).toEqual([true, []])
        const vault = kit.open()
        await unlock(vault)
        for (const [id, known] of values)
          expect(fromUtf8(await vault.revealSecret(id, 'password'))).toBe(known.at(-1))
      }
    },
  )
})
