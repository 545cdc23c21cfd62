import type { LocalFile } from './local-file.ts'
import { recordEntry } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import { LocalMeta, SecretPayload } from './record-kinds.ts'
import { openPart } from './record-parts.ts'
import type { PartPlace } from './record-parts.ts'
import type { PastRevision, StoredRecord } from './record-schema.ts'
import { writeRevision } from './revisions.ts'
import type { Writer } from './revisions.ts'
import type { Session } from './session.ts'
import { damaged } from './vault-errors.ts'
import type { VaultFile } from './vault-file.ts'

/**
 * Device data of a record lies in local.json under the revision of the record that it belongs to. local.json is written first,
 * so after a crash between the two files the vault's revision still finds the device data it was made with.
 */
type LocalTexts = Readonly<Record<string, string>>

/** What a list may know of a record's device data. */
export type LocalData = { readonly fields: LocalTexts; readonly secretNames: readonly string[] }

/** The device data of `id` as of its revision `rev`, or null when this device has none. */
export function localDataAt(
  session: Session,
  local: LocalFile | null,
  id: string,
  rev: number,
): LocalData | null {
  const current = revisionAt(local, id, rev)
  if (current?.meta === undefined) return null
  const place = { ...placeOf(session, current), part: 'meta' } as const
  const parsed = LocalMeta.safeParse(openPart(session.vaultKey(), place, current.meta))
  if (!parsed.success) throw damaged('device data of another shape', parsed.error)
  return { fields: parsed.data.fields, secretNames: parsed.data.secrets }
}

/** The fields of `id` as of its revision `rev`, or null when this device has none. */
export function localFieldsAt(
  session: Session,
  local: LocalFile | null,
  id: string,
  rev: number,
): LocalTexts | null {
  return localDataAt(session, local, id, rev)?.fields ?? null
}

/** This device's own secrets of `id` as of its revision `rev`; empty when it has none or they are not kept any more. */
export function localSecretsAt(
  session: Session,
  local: LocalFile | null,
  id: string,
  rev: number,
): LocalTexts {
  const current = revisionAt(local, id, rev)
  if (current?.secret === undefined) return {}
  const place = { ...placeOf(session, current), part: 'secret' } as const
  const parsed = SecretPayload.safeParse(openPart(session.vaultKey(), place, current.secret))
  // Without the parser's cause: it may quote what it read.
  if (!parsed.success) throw damaged('device secrets of another shape')
  return parsed.data.fields
}

/**
 * True when this device has data of `id` above its revision `rev`: of a change that never reached vault.json, or one that a
 * restored copy took back. Whoever writes the next revision writes its device data too, or that would find these.
 */
export function hasLocalBeyond(local: LocalFile | null, id: string, rev: number): boolean {
  return (local?.records.get(id)?.record.rev ?? 0) > rev
}

function revisionAt(local: LocalFile | null, id: string, rev: number): StoredRecord | null {
  const record = local?.records.get(id)?.record
  return record === undefined ? null : upTo(record, rev)
}

function placeOf(session: Session, { id, rev, dev }: StoredRecord): Omit<PartPlace, 'part'> {
  return { scope: 'local', vault: session.vault, id, rev, dev }
}

/** The record that gives `id` this device data from its revision `rev` on. */
export function writeLocalFields(
  writer: Writer,
  old: StoredRecord | null,
  place: { readonly id: string; readonly rev: number },
  contents: { readonly kind: string; readonly fields: LocalTexts; readonly secrets: LocalTexts },
): RecordEntry {
  // A revision at or above `rev` belongs to a change that never reached vault.json.
  const before = old === null ? null : upTo(old, place.rev - 1)
  const { kind, fields, secrets } = contents
  const meta = { _v: 1, _kind: kind, fields, secrets: Object.keys(secrets).sort() }
  return writeRevision(writer, before, place, { meta, secret: { _v: 1, fields: secrets } })
}

/** Device data of what still exists in the vault; the rest has lost its record and goes with the next write. */
export function liveLocalRecords(local: LocalFile | null, file: VaultFile): Map<string, RecordEntry> {
  const isLive = (id: string): boolean => {
    const record = file.records.get(id)?.record
    return record !== undefined && record.deleted !== true
  }
  return new Map([...(local?.records ?? [])].filter(([id]) => isLive(id)))
}

/**
 * The record without what it was before `rev`, null when there is nothing to erase. Its revision stays, because vault.json
 * may still be the one of before when this device is killed between the two files.
 */
export function forgetLocalPast(old: StoredRecord, rev: number): RecordEntry | null {
  const current = upTo(old, rev)
  if (current === null || (old.rev === current.rev && old.hist.length === 0)) return null
  return recordEntry({ ...current, hist: [] })
}

/** The record as it was at `rev`, null when it is younger. */
function upTo({ id, hist, ...latest }: StoredRecord, rev: number): StoredRecord | null {
  const all: readonly PastRevision[] = [latest, ...hist]
  const [head, ...rest] = all.filter((revision) => revision.rev <= rev)
  return head === undefined ? null : { ...head, id, hist: rest }
}
