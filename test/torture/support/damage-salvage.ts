import { isDeepStrictEqual } from 'node:util'
import { machineIdHash } from '../../../main/adapters/machine-id.ts'
import { fromUtf8, utf8 } from '../../../main/core/crypto/bytes.ts'
import { DEVICE_PATH } from '../../../main/core/vault/device-memory.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { generationPath, VAULT_PATH } from '../../../main/core/vault/vault-ports.ts'
import type { VaultCheck } from '../../../main/model/vault-check.ts'
import { describeError } from '../proof.ts'
import { createKit } from '../../unit/core/vault/kit.ts'
import type { Kit } from '../../unit/core/vault/kit.ts'
import type { RawRecord } from '../../unit/core/vault/tamper.ts'
import { PASSWORD } from './commands.ts'

/** What a check and a repair of damaged files came to, in records; of all trials the sum. */
export type Salvaged = {
  /** Records that the damage left as they were, and how many of them could still be read with all they held. */
  readonly untouched: number
  readonly readable: number
  /** Records that it did not, and how many of them the report names. */
  readonly touched: number
  readonly named: number
  /** Named, and to the letter what they were after the repair, from an older copy. */
  readonly restored: number
  /**
   * Not named because nothing can tell, and only that the file is damaged is said: no text is left, no copy has them and the device
   * did not write them last; or what is there is an authentic older revision or lacks some history.
   */
  readonly untold: number
  /** Trials whose file says it is of a newer program, which is never written to, or whose only slots are what was damaged. */
  readonly shut: number
}

export const NOTHING: Salvaged = {
  untouched: 0,
  readable: 0,
  touched: 0,
  named: 0,
  restored: 0,
  untold: 0,
  shut: 0,
}

export function sumOf(all: readonly Salvaged[]): Salvaged {
  const sum = (key: keyof Salvaged): number => all.reduce((total, one) => total + one[key], 0)
  return {
    untouched: sum('untouched'),
    readable: sum('readable'),
    touched: sum('touched'),
    named: sum('named'),
    restored: sum('restored'),
    untold: sum('untold'),
    shut: sum('shut'),
  }
}

/** The files of a home by their path in it. */
export type Home = ReadonlyMap<string, Uint8Array>

/** The vault as it was before any damage: its text, and what people see of it. */
export type Sound = {
  readonly kek: Uint8Array
  readonly records: ReadonlyMap<string, SoundRecord>
  /** The JSON of its slots: without it and without a copy no key opens anything. */
  readonly slots: string
  readonly vault: string
  /** Every part that an authentic file of this vault ever held, with what it is bound to. */
  readonly parts: ReadonlySet<string>
  /** Records that the newest copy does not have as they are. */
  readonly latest: ReadonlySet<string>
}

type SoundRecord = { readonly text: string; readonly value: unknown }

type RawFile = {
  readonly records: readonly RawRecord[]
  readonly slots: unknown
  readonly vault: unknown
}

/** Read with nothing of the product but the knowledge that its writer puts each record on a line. */
export function soundOf(
  bytes: Uint8Array,
  {
    older,
    copy,
    kek,
  }: { readonly older: readonly Uint8Array[]; readonly copy: Uint8Array; readonly kek: Uint8Array },
): Sound {
  const text = Buffer.from(bytes).toString()
  const records = new Map<string, SoundRecord>()
  for (const line of recordLines(text)) {
    const value = JSON.parse(line) as { id: string }
    records.set(value.id, { text: line, value })
  }
  const slots = /"slots":\[.*?\}\]/.exec(text)?.[0] ?? ''
  const vault = /"vault":"[^"]*"/.exec(text)?.[0] ?? ''
  const parts = new Set([bytes, ...older].flatMap((file) => rawFile(file)?.records.flatMap(partsOf) ?? []))
  const copied = Buffer.from(copy).toString()
  const latest = new Set([...records].flatMap(([id, record]) => (copied.includes(record.text) ? [] : [id])))
  return { kek, records, slots, vault, parts, latest }
}

/** A device with a home of its own in memory, where a trial costs a few milliseconds. */
async function deviceWith(home: Home): Promise<Kit> {
  const kit = await createKit({ machineIdHash: machineIdHash() })
  for (const [path, bytes] of home) kit.files.content.set(path, bytes)
  return kit
}

/** What a device with this home shows a person who unlocks it: an undamaged home, to compare with. */
export async function valuesIn(home: Home, kek: Uint8Array): Promise<Values> {
  return unlockedValues((await deviceWith(home)).open(), kek)
}

function recordLines(text: string): string[] {
  return text
    .split('\n')
    .slice(1, -2)
    .map((line) => line.replace(/,$/, ''))
}

/** What each record shows a person, by id. */
export type Values = ReadonlyMap<string, unknown>

async function valuesOf(vault: VaultApi): Promise<Values> {
  const values = new Map<string, unknown>()
  for (const credential of await vault.listCredentials()) {
    const secrets: Record<string, string> = {}
    for (const field of credential.secrets)
      secrets[field] = fromUtf8(await vault.revealSecret(credential.id, field))
    const { id, rev, name, fields, tags, hostKey } = credential
    values.set(id, { rev, name, fields, tags, hostKey, secrets })
  }
  for (const { id, name, local, remote, filters } of await vault.listJobs())
    values.set(id, { name, local, remote, filters })
  return values
}

/** Ids of the records that a damage left alone: their text is somewhere in the file, or their JSON in another layout. */
export function untouchedBy(sound: Sound, bytes: Uint8Array): ReadonlySet<string> {
  const text = Buffer.from(bytes).toString('latin1')
  const parsed = rawFile(bytes)
  // One member twice is damage that JavaScript's reader does not see.
  const isPlain =
    parsed !== null && JSON.stringify(JSON.parse(text)).length === text.replace(/\s/g, '').length
  const ids = [...sound.records].filter(
    ([id, record]) =>
      text.includes(record.text) ||
      (isPlain && parsed.records.some((one) => one?.id === id && isDeepStrictEqual(one, record.value))),
  )
  return new Set(ids.map(([id]) => id))
}

function rawFile(bytes: Uint8Array): RawFile | null {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString()) as Partial<RawFile> | null
    return Array.isArray(value?.records)
      ? { records: value.records, slots: value.slots, vault: value.vault }
      : null
  } catch {
    return null
  }
}

export type Case = {
  readonly bytes: Uint8Array
  /** The device that the damaged vault.json is put on. */
  readonly home: Home
  /** What that device shows of the undamaged vault; null = the repaired one is not unlocked, which takes as long as all the rest. */
  readonly values: Values | null
}

type Result = { readonly salvaged: Salvaged; readonly problems: readonly string[] }

/** Checks, repairs and opens a damaged vault, as `vault verify --repair` and an unlock do. */
export async function salvageOf(sound: Sound, { bytes, home, values: expected }: Case): Promise<Result> {
  const device = await deviceWith(home)
  device.files.content.set(VAULT_PATH, bytes)
  const vault = device.open()
  const left = untouchedBy(sound, bytes)
  const mayOpen = hasKey(sound, bytes, home)
  try {
    const proof = { password: utf8(PASSWORD) }
    const report = await vault.verify({ proof, repair: true, allowSlowKdf: true })
    if (!mayOpen) return { salvaged: { ...NOTHING, shut: 1 }, problems: [] }
    const repaired = rawFile(device.files.content.get(VAULT_PATH) ?? new Uint8Array())
    const values = expected === null ? null : { expected, found: await unlockedValues(vault, sound.kek) }
    const isKnown = home.has(DEVICE_PATH)
    return compared(sound, { bytes, left, copies: copiesOf(home), isKnown, report, values, repaired })
  } catch (error) {
    const code = describeError(error)
    const isShut = code === 'vault-newer' || !mayOpen
    if (isShut && !code.startsWith('!')) return { salvaged: { ...NOTHING, shut: 1 }, problems: [] }
    return {
      salvaged: { ...NOTHING, untouched: left.size },
      problems: [`${left.size} undamaged records, and verify and unlock answer ${code}`],
    }
  } finally {
    await vault.lock()
  }
}

async function unlockedValues(vault: VaultApi, kek: Uint8Array): Promise<Values> {
  await vault.unlock({ cachedKey: Uint8Array.from(kek) }, {})
  return valuesOf(vault)
}

function copiesOf(home: Home): Uint8Array[] {
  return [1, 2, 3].flatMap((n) => home.get(generationPath(n)) ?? [])
}

/** Whether anything is left that the vault key can be had from, and that says which vault this is. */
function hasKey({ slots, vault }: Sound, bytes: Uint8Array, home: Home): boolean {
  if (copiesOf(home).length > 0) return true
  const text = Buffer.from(bytes).toString('latin1')
  const found = rawFile(bytes)
  const { slots: slotsValue, vault: vaultValue } = JSON.parse(`{${slots},${vault}}`) as RawFile
  return (
    (text.includes(slots) || isDeepStrictEqual(found?.slots, slotsValue)) &&
    (home.has(DEVICE_PATH) || text.includes(vault) || found?.vault === vaultValue)
  )
}

type Found = {
  readonly bytes: Uint8Array
  readonly left: ReadonlySet<string>
  readonly copies: readonly Uint8Array[]
  /** The device has this vault's memory. */
  readonly isKnown: boolean
  readonly report: VaultCheck
  readonly values: { readonly expected: Values; readonly found: Values } | null
  readonly repaired: RawFile | null
}

function compared(sound: Sound, found: Found): Result {
  const { left, copies, report, values, repaired } = found
  const now = new Map(repaired?.records.map((record) => [record.id, record]))
  const isWhole = (id: string): boolean =>
    isDeepStrictEqual(now.get(id), sound.records.get(id)?.value) &&
    (values === null || isDeepStrictEqual(values.found.get(id), values.expected.get(id)))
  const inCopies = copies.map((copy) => Buffer.from(copy).toString())
  const counts = { ...NOTHING, untouched: left.size, touched: sound.records.size - left.size }
  const judge = (id: string, text: string): string | null => {
    if (left.has(id)) {
      if (!isWhole(id)) return `undamaged record ${id} cannot be read`
      counts.readable += 1
      return null
    }
    const isCopied = inCopies.some((copy) => copy.includes(text))
    if (isCopied && !isWhole(id)) return `record ${id} is in a copy and does not come back`
    if (report.damaged.some((one) => one.id === id)) {
      counts.named += 1
      if (isCopied) counts.restored += 1
    } else if (isCopied || isTold(sound, found, id)) return `damaged record ${id} is not named`
    else counts.untold += 1
    return null
  }
  const problems = [...sound.records].flatMap(([id, { text }]) => judge(id, text) ?? [])
  for (const id of now.keys())
    if (!sound.records.has(id)) problems.push(`${id} is nobody's record and is kept`)
  if (report.faults.length === 0) problems.push('no word about the file')
  return { salvaged: counts, problems }
}

/** Whether something without a copy can tell that a record is damaged: what the device wrote last, or its text. */
function isTold(sound: Sound, { bytes, isKnown }: Found, id: string): boolean {
  return (isKnown && sound.latest.has(id)) || isForged(sound, bytes, id)
}

/** Whether there is a text of the record in which something was never written by a holder of the key. */
function isForged({ parts }: Sound, bytes: Uint8Array, id: string): boolean {
  const text = Buffer.from(bytes).toString()
  if (!text.includes(id)) return false
  // Also what is whole on a line that is not: two files may have met within one record.
  const pieces = text.split('\n').flatMap((line) => [line.replace(/,$/, ''), ...balancedIn(line)])
  const files = [rawFile(bytes), ...pieces.map((piece) => rawFile(Buffer.from(`{"records":[${piece}]}`)))]
  const records = files.flatMap((file) => file?.records ?? []).filter((record) => record?.id === id)
  return records.length === 0 || records.some((record) => partsOf(record).some((part) => !parts.has(part)))
}

/** From each beginning of a record to where its braces are closed; what we write has none in its strings. */
function balancedIn(line: string): string[] {
  return [...line.matchAll(/\{"dev":/g)].flatMap(({ index }) => {
    let depth = 0
    for (let at = index; at < line.length; at += 1) {
      if (line[at] === '{') depth += 1
      if (line[at] === '}') depth -= 1
      if (depth === 0) return [line.slice(index, at + 1)]
    }
    return []
  })
}

function partsOf(record: RawRecord): string[] {
  return [record, ...record.hist].flatMap((revision) => {
    const { rev, dev, deleted = false } = revision
    return (['meta', 'secret'] as const).flatMap((part) => {
      const { salt, token } = revision[part] ?? {}
      return token === undefined ? [] : [JSON.stringify([record.id, rev, dev, deleted, part, salt, token])]
    })
  })
}
