import { canonicalJson } from '../../../main/core/vault/canonical-json.ts'
import { resum } from '../../unit/core/vault/tamper.ts'
import type { RawPart, RawRecord, RawRevision, RawVault } from '../../unit/core/vault/tamper.ts'
import type { Seeded } from './seeded-random.ts'

/** What an attacker or an accident has to work with. */
export type Material = {
  /** The vault as it is. */
  readonly current: Uint8Array
  /** The same vault as it was before its last writes, authentic then. */
  readonly older: readonly Uint8Array[]
  /** A vault of somebody else. */
  readonly foreign: Uint8Array
}

export type Damaged = { readonly kind: string; readonly bytes: Uint8Array }

type OnBytes = (material: Material, random: Seeded) => Uint8Array
type OnVault = (vault: RawVault, other: { older: RawVault; foreign: RawVault }, random: Seeded) => void

const anyRange = (length: number, random: Seeded, longest = 400): readonly [number, number] => {
  const start = random.int(length)
  return [start, Math.min(length, start + 1 + random.int(longest))]
}

const edited = (bytes: Uint8Array, edit: (copy: Uint8Array) => void): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  edit(copy)
  return copy
}

const onBytes: Readonly<Record<string, OnBytes>> = {
  'bit flip': ({ current }, random) =>
    edited(current, (copy) => {
      const at = random.int(copy.length)
      copy[at] = (copy[at] ?? 0) ^ (1 << random.int(8))
    }),
  'byte replaced': ({ current }, random) =>
    edited(current, (copy) => void (copy[random.int(copy.length)] = 32 + random.int(95))),
  truncation: ({ current }, random) => current.subarray(0, random.int(current.length)),
  'zero block': ({ current }, random) =>
    edited(current, (copy) => copy.fill(0, ...anyRange(copy.length, random, 4096))),
  'cut out': ({ current }, random) => {
    const [start, end] = anyRange(current.length, random)
    return Buffer.concat([current.subarray(0, start), current.subarray(end)])
  },
  'splice of itself': ({ current }, random) =>
    edited(current, (copy) => {
      const [start, end] = anyRange(current.length, random)
      copy.copyWithin(random.int(copy.length), start, end)
    }),
  'splice of an older file': ({ current, older }, random) => spliced(current, random.pick(older), random),
  'splice of another vault': ({ current, foreign }, random) => spliced(current, foreign, random),
  'doubled range': ({ current }, random) => {
    const [start, end] = anyRange(current.length, random)
    return Buffer.concat([current.subarray(0, end), current.subarray(start)])
  },
  'older file replayed': ({ older }, random) => random.pick(older),
  'head of one, tail of another': ({ current, older }, random) => {
    const other = random.pick(older)
    const at = random.int(Math.min(current.length, other.length))
    return Buffer.concat([current.subarray(0, at), other.subarray(at)])
  },
}

function spliced(target: Uint8Array, source: Uint8Array, random: Seeded): Uint8Array {
  const [start, end] = anyRange(source.length, random)
  return edited(target, (copy) => {
    const at = random.int(Math.max(1, copy.length - (end - start)))
    copy.set(source.subarray(start, Math.min(end, start + copy.length - at)), at)
  })
}

const revisions = ({ records }: RawVault): RawRevision[] =>
  records.flatMap((record) => [record, ...record.hist])
const parts = (vault: RawVault): RawPart[] =>
  revisions(vault).flatMap(({ meta, secret }) => (secret === undefined ? [meta] : [meta, secret]))
const withHistory = ({ records }: RawVault): RawRecord[] => records.filter(({ hist }) => hist.length > 0)
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** One character becomes another, never in the last four: the text stays canonical. */
const otherCharacter = (text: string, random: Seeded, alphabet: string): string => {
  const at = random.int(text.length - 4)
  return text.slice(0, at) + random.pick([...alphabet].filter((one) => one !== text[at])) + text.slice(at + 1)
}

const fromOlder = (record: RawRecord, older: RawVault): RawRecord | undefined =>
  older.records.find(({ id, rev }) => id === record.id && rev !== record.rev)

/** Each leaves JSON, base64 and all checksums that need no key as they should be. */
const onVault: Readonly<Record<string, OnVault>> = {
  'character of a token': (vault, _, random) => {
    const part = random.pick(parts(vault))
    part.token = otherCharacter(part.token, random, BASE64)
  },
  'character of a salt': (vault, _, random) => {
    const part = random.pick(parts(vault))
    part.salt = otherCharacter(part.salt, random, BASE64)
  },
  'parts swapped': (vault, _, random) => {
    const [one, other] = [random.pick(parts(vault)), random.pick(parts(vault))]
    const kept = { ...one }
    Object.assign(one, other)
    Object.assign(other, kept)
  },
  'tokens swapped': (vault, _, random) => {
    const [one, other] = [random.pick(parts(vault)), random.pick(parts(vault))]
    ;[one.token, other.token] = [other.token, one.token]
  },
  'ids swapped': (vault, _, random) => {
    const [one, other] = [random.pick(vault.records), random.pick(vault.records)]
    ;[one.id, other.id] = [other.id, one.id]
  },
  'bodies swapped': (vault, _, random) => {
    const [one, other] = [random.pick(vault.records), random.pick(vault.records)]
    const kept = { ...one }
    Object.assign(one, { ...other, id: one.id })
    Object.assign(other, { ...kept, id: other.id })
  },
  'older record replayed': (vault, { older }, random) => {
    const known = vault.records.filter((record) => fromOlder(record, older) !== undefined)
    const record = random.pick(known)
    vault.records[vault.records.indexOf(record)] = fromOlder(record, older) ?? record
  },
  'all older records replayed': (vault, { older }) => void (vault.records = older.records),
  'older header replayed': (vault, { older }) => Object.assign(vault, { ...older, records: vault.records }),
  'older MAC replayed': (vault, { older }) => void (vault.mac = older.mac),
  'older slots replayed': (vault, { older }) => void (vault.slots = older.slots),
  'slots of another vault': (vault, { foreign }) => void (vault.slots = foreign.slots),
  'record of another vault': (vault, { foreign }, random) =>
    void vault.records.push(random.pick(foreign.records)),
  'history moved out as a record': (vault, _, random) => {
    const past = random.pick(random.pick(withHistory(vault)).hist)
    vault.records.push({ ...past, id: random.port.uuid(), hist: [] })
  },
  'history in the place of its record': (vault, _, random) => {
    const record = random.pick(withHistory(vault))
    Object.assign(record, random.pick(record.hist), { hist: [] })
  },
  'history cut off': (vault, _, random) => {
    const record = random.pick(withHistory(vault))
    record.hist.splice(random.int(record.hist.length), 1)
  },
  'history doubled': (vault, _, random) => {
    const record = random.pick(withHistory(vault))
    record.hist.push(random.pick(record.hist))
  },
  'record dropped': (vault, _, random) => void vault.records.splice(random.int(vault.records.length), 1),
  'record doubled under another id': (vault, _, random) =>
    void vault.records.push({ ...random.pick(vault.records), id: random.port.uuid() }),
  'delete flag': (vault, _, random) => {
    const record = random.pick(vault.records)
    if (record.deleted === true) delete record.deleted
    else record.deleted = true
  },
  'revision counter': (vault, _, random) => void (random.pick(revisions(vault)).rev += 1 + random.int(3)),
  'device of a revision': (vault, _, random) =>
    void (random.pick(revisions(vault)).dev = `d${Buffer.from(random.bytes(8)).toString('hex')}`),
  'key generation': (vault, _, random) => {
    if (random.chance(0.5)) vault.vkGen += 1
    else random.pick(revisions(vault)).gen += 1
  },
  epoch: (vault, _, random) => {
    vault.epoch += 1 + random.int(5)
    vault.seen[vault.dev] = vault.epoch
  },
  'device seen': (vault, _, random) =>
    void (vault.seen[`d${'0'.repeat(12)}${1000 + random.int(9000)}`] = 1 + random.int(9)),
  MAC: (vault, _, random) => void (vault.mac = otherCharacter(vault.mac, random, '0123456789abcdef')),
  iterations: (vault, _, random) => {
    const slot = random.pick(vault.slots)
    slot.kdf.iterations = 100_000 + random.int(1_000_000)
    resum(slot)
  },
  'salt of a slot': (vault, _, random) => {
    const slot = random.pick(vault.slots)
    slot.kdf.salt = otherCharacter(slot.kdf.salt, random, BASE64)
    resum(slot)
  },
  'wrapped key': (vault, _, random) => {
    const slot = random.pick(vault.slots)
    slot.wrapped = otherCharacter(slot.wrapped, random, BASE64)
    resum(slot)
  },
  'unknown field': (vault, _, random) => {
    const places = [vault, vault.slotSet, ...vault.records, ...parts(vault)]
    random.pick<{ note?: unknown }>(places).note = random.word(3)
  },
  'vault id': (vault, _, random) => void (vault.vault = random.port.uuid()),
}

const WELL_FORMED = 0.65

/**
 * A vault with one random damage; never the vault as it is, nor, for a device that has never seen it, as it once was: nothing can
 * tell such a device that there is a newer one.
 */
export function damage(material: Material, random: Seeded, isKnown: boolean): Damaged {
  const legitimate = isKnown ? [material.current] : [material.current, ...material.older]
  for (;;) {
    const isWellFormed = random.chance(WELL_FORMED)
    const kind = random.pick(Object.keys(isWellFormed ? onVault : onBytes))
    const bytes = onBytes[kind]?.(material, random) ?? rewritten(kind, material, random)
    if (legitimate.every((file) => Buffer.compare(bytes, file) !== 0)) return { kind, bytes }
  }
}

function rewritten(kind: string, { current, older, foreign }: Material, random: Seeded): Uint8Array {
  const vault = parsed(current)
  onVault[kind]?.(vault, { older: parsed(random.pick(older)), foreign: parsed(foreign) }, random)
  // What changed nothing, such as a part swapped with itself, must come out as the file it was.
  if (canonicalJson(vault) === canonicalJson(parsed(current))) return current
  return Buffer.from(random.chance(0.5) ? asWeWrite(vault) : JSON.stringify(vault, null, random.int(3)))
}

function parsed(bytes: Uint8Array): RawVault {
  // A file that the vault under test has written.
  return JSON.parse(Buffer.from(bytes).toString()) as RawVault
}

/** The layout that the quick reader takes. */
function asWeWrite({ records, mac, ...top }: RawVault): string {
  const lines = records.map((record) => canonicalJson(record)).join(',\n')
  return `${canonicalJson(top).slice(0, -1)},"records":[\n${lines}\n],"mac":"${mac}"}\n`
}

/** Whether a text is JSON whose tokens and salts are all canonical base64url. */
export function isWellFormed(bytes: Uint8Array): boolean {
  try {
    const texts = parts(parsed(bytes)).flatMap(({ salt, token }) => [salt, token])
    return texts.every(
      (text) => Buffer.from(text, 'base64url').toString('base64url') === text.replace(/=+$/, ''),
    )
  } catch {
    return false
  }
}
