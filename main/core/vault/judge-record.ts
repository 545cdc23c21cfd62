import { IsoTime } from '../../model/ids.ts'
import type { DamagedRecord, FaultyPart, RecordFault } from '../../model/vault-check.ts'
import { isSound } from './check-record.ts'
import type { CheckedRecord, CheckedRevision, Told } from './check-record.ts'
import type { LatestRecord } from './device-memory.ts'
import { recordEntry } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import type { PastRevision, StoredRecord } from './record-schema.ts'

/** A record as a copy of the vault holds it. */
export type Copied = {
  readonly generation: number
  readonly checked: CheckedRecord
  /** The copy is whole and just as a holder of the key wrote it. */
  readonly isAuthentic: boolean
}

/** What is known of one record. */
export type Evidence = {
  readonly id: string
  /** As the file has it; more than one when the id is doubled, [] when it is not there. */
  readonly present: readonly CheckedRecord[]
  /** The record's text is there and cannot be read. */
  readonly isBroken: boolean
  /** Newest copy first. */
  readonly copies: readonly Copied[]
  /** As this device last wrote it, where no copy has that; null when a copy does, or nothing is remembered. */
  readonly latest: LatestRecord | null
  /**
   * The file is not the one last written, so that what it leaves out, an older revision or other clear fields are damage too. A
   * file that is just as written is right about all of these.
   */
  readonly isSuspect: boolean
  /** Generation of the vault key that every revision of a sound file names. */
  readonly vkGen: number
}

/** `entry` = the record to go on with, null = none; `damage` null = nothing is wrong. */
export type Judgement = { readonly entry: RecordEntry | null; readonly damage: DamagedRecord | null }

/** A sound revision that could be the record. `generation` null = the file itself. */
type Candidate = {
  readonly generation: number | null
  readonly rev: number
  readonly record: StoredRecord
  readonly told: Told
  readonly from: CheckedRecord
  readonly isHead: boolean
}

/**
 * Finds what is wrong with a record and the newest sound revision of it that is known. Only revisions that decrypt under this
 * very id are considered, so nothing is invented and nothing of another record taken.
 */
export function judgeRecord(evidence: Evidence): Judgement {
  const { present, copies, isSuspect } = evidence
  const [only] = present
  if (present.length === 1 && only !== undefined && isSound(only) && !isSuspect) {
    return { entry: only.entry, damage: null }
  }
  const own = present.flatMap((checked) => candidatesIn(checked, null))
  const known = copies.flatMap(({ checked, generation }) => candidatesIn(checked, generation))
  const best = newest([...own, ...known])
  const faults = faultsOf(evidence, best)
  const replacing = faults.some(({ fault }) => fault === 'differs') ? sameRevision(evidence, best) : null
  const chosen = replacing ?? best
  if (chosen === null) return { entry: null, damage: lost(evidence, faults) }
  const { record, dropped } = mended(chosen, evidence)
  if (faults.length === 0) return { entry: chosen.from.entry, damage: null }
  return {
    entry: recordEntry(record),
    damage: {
      ...described(evidence, chosen),
      parts: faults,
      remedy: chosen.generation === null && chosen.isHead ? 'mend' : 'restore',
      generation: chosen.generation,
      rev: chosen.rev,
      changed: timeOf(chosen.told.changed),
      dropped,
    },
  }
}

function candidatesIn(checked: CheckedRecord, generation: number | null): Candidate[] {
  const { record } = checked.entry
  const found: Candidate[] = []
  const add = (
    revision: PastRevision,
    hist: readonly PastRevision[],
    of: Pick<Candidate, 'told' | 'isHead'>,
  ) => {
    // A past revision without its secret cannot stand for the record.
    if (revision.meta === undefined || (revision.secret === undefined && revision.deleted !== true)) return
    const whole = { ...revision, id: record.id, hist: [...hist] }
    found.push({ generation, rev: revision.rev, record: whole, from: checked, ...of })
  }
  if (checked.faults.length === 0) add(record, record.hist, { told: checked, isHead: true })
  checked.past.forEach((past, index) => {
    if (past.fault === null) add(past.revision, record.hist.slice(index + 1), { told: past, isHead: false })
  })
  return found
}

/** The highest revision; among equals the file's own, then the newest copy's, and a present one before a past one. */
function newest(candidates: readonly Candidate[]): Candidate | null {
  let best: Candidate | null = null
  for (const candidate of candidates) {
    const isBetter =
      best === null ||
      candidate.rev > best.rev ||
      (candidate.rev === best.rev && candidate.isHead && !best.isHead)
    if (isBetter) best = candidate
  }
  return best
}

function faultsOf(evidence: Evidence, best: Candidate | null): FaultyPart[] {
  const { present, isBroken, isSuspect, latest, vkGen } = evidence
  const whole = (fault: RecordFault): FaultyPart[] => [{ part: 'record', rev: null, fault }]
  if (present.length === 0) return whole(isBroken ? 'unreadable' : 'missing')
  const parts = present.flatMap(({ faults, past }) => [...faults, ...past.flatMap(faultOf)])
  if (present.length > 1) parts.push(...whole('doubled'))
  if (!isSuspect) return parts
  const rev = Math.max(...present.map(({ entry }) => entry.record.rev))
  const hasHead = present.some(({ faults }) => faults.length === 0)
  if (hasHead && best !== null && best.rev > rev) parts.push(...whole('older'))
  else if (hasHead && latest !== null && latest.rev > rev) parts.push(...whole('outdated'))
  else if (hasHead && parts.length === 0 && isOtherThanKnown(evidence, vkGen)) parts.push(...whole('differs'))
  return parts
}

function faultOf({ fault }: CheckedRevision): FaultyPart[] {
  return fault === null ? [] : [fault]
}

/**
 * What stands in clear around the tokens is vouched for by the file's MAC alone: compared with a copy whose MAC is right, and with
 * what this device wrote last.
 */
function isOtherThanKnown({ present, copies, latest }: Evidence, vkGen: number): boolean {
  const [own] = present
  if (own === undefined) return false
  const { record, digest } = own.entry
  if (record.gen !== vkGen || record.hist.some(({ gen }) => gen !== vkGen)) return true
  if (latest?.rev === record.rev && latest.dev === record.dev && latest.digest !== digest) return true
  return copies.some(
    ({ checked, isAuthentic }) =>
      isAuthentic &&
      checked.entry.record.rev === record.rev &&
      checked.entry.record.dev === record.dev &&
      checked.entry.digest !== digest,
  )
}

/** The same revision from a copy that is just as it was written. */
function sameRevision({ copies }: Evidence, best: Candidate | null): Candidate | null {
  const sound = copies.filter(({ isAuthentic, checked }) => isAuthentic && isSound(checked))
  const candidates = sound.flatMap(({ checked, generation }) => candidatesIn(checked, generation))
  return (
    candidates.find(
      ({ isHead, rev, record }) => isHead && rev === best?.rev && record.dev === best.record.dev,
    ) ?? null
  )
}

/** The record with every past revision sound: as it is, from a copy, or left out. */
function mended(chosen: Candidate, evidence: Evidence): { record: StoredRecord; dropped: number } {
  const { record, from } = chosen
  // A past revision whose number was changed can be told from none that ever was; the whole record as it was written has it.
  const whole = chosen.isHead ? sameRevision(evidence, chosen) : null
  if (whole !== null) return { record: whole.record, dropped: 0 }
  const faulty = new Map(
    from.past.flatMap(({ revision, fault }) => (fault === null ? [] : [[revision, fault]])),
  )
  const hist: PastRevision[] = []
  let dropped = 0
  for (const past of record.hist) {
    const sound = faulty.has(past) ? copyOf(past, evidence) : past
    if (sound === null) dropped += 1
    else hist.push({ ...sound, gen: evidence.vkGen })
  }
  hist.sort((a, b) => b.rev - a.rev)
  const once = hist.filter(({ rev, dev }, index) => {
    const above = index === 0 ? record : hist[index - 1]
    return above === undefined || above.rev !== rev || above.dev !== dev
  })
  return { record: { ...record, gen: evidence.vkGen, hist: once }, dropped }
}

function copyOf({ rev, dev }: PastRevision, { copies }: Evidence): PastRevision | null {
  const isIt = (revision: PastRevision): boolean => revision.rev === rev && revision.dev === dev
  for (const { checked } of copies) {
    const { record } = checked.entry
    if (checked.faults.length === 0 && isIt(record)) return withoutRecordFields(record)
    const past = checked.past.find(({ revision, fault }) => fault === null && isIt(revision))
    if (past !== undefined) return past.revision
  }
  return null
}

function withoutRecordFields({ id: _id, hist: _hist, ...revision }: StoredRecord): PastRevision {
  return revision
}

function lost(evidence: Evidence, parts: readonly FaultyPart[]): DamagedRecord {
  const nothing = { remedy: 'lost' as const, generation: null, rev: null, changed: null, dropped: 0 }
  return { ...described(evidence, null), parts: [...parts], ...nothing }
}

/** The name as the record itself tells it, else as a copy knows it. */
function described(
  { id, present, copies }: Evidence,
  chosen: Candidate | null,
): Pick<DamagedRecord, 'id' | 'name' | 'kind'> {
  const past = present.flatMap((checked) => checked.past)
  const told: Told[] = [
    ...present,
    ...(chosen === null ? [] : [chosen.told]),
    ...copies.map(({ checked }) => checked),
    ...past,
  ]
  const known = told.find(({ name }) => name !== null)
  return { id, name: known?.name ?? null, kind: known?.kind ?? null }
}

function timeOf(text: string | null): string | null {
  return IsoTime.nullable().catch(null).parse(text)
}
