import { AppError } from '../../model/app-error.ts'
import type { Random } from '../ports/random.ts'
import { recordEntry } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import { sealPart } from './record-parts.ts'
import type { PartPlace, Payload } from './record-parts.ts'
import { PastRevision } from './record-schema.ts'
import type { StoredRecord } from './record-schema.ts'
import { MAX_COUNTER, MAX_HISTORY, MAX_SECRET_HISTORY } from './vault-limits.ts'

/** Who writes a revision, and under which key. */
export type Writer = {
  readonly scope: PartPlace['scope']
  readonly vaultKey: Uint8Array
  readonly vault: string
  readonly dev: string
  /** Generation of the vault key. */
  readonly gen: number
  readonly random: Random
}

export type Contents = { readonly meta: Payload; readonly secret: Payload }

/**
 * The record after a change: both parts sealed afresh at revision `rev`, the old revision at the head of the history (20, of
 * which the newest 5 keep their secrets). Fields of newer programs on the record and its parts are kept.
 */
export function writeRevision(
  writer: Writer,
  old: StoredRecord | null,
  place: { readonly id: string; readonly rev: number },
  contents: Contents,
): RecordEntry {
  checkCounter(place.rev)
  const kept: Partial<StoredRecord> = { ...old }
  delete kept.deleted
  return recordEntry({
    ...kept,
    id: place.id,
    rev: place.rev,
    dev: writer.dev,
    gen: writer.gen,
    meta: { ...old?.meta, ...seal(writer, 'meta', place, contents.meta) },
    secret: { ...old?.secret, ...seal(writer, 'secret', place, contents.secret) },
    hist: history(old),
  })
}

/**
 * The record after its removal: a tombstone for other devices. Secrets leave the history with it; who removes a password
 * means all of it.
 */
export function writeTombstone(writer: Writer, old: StoredRecord, meta: Payload): RecordEntry {
  const kept = { ...old }
  delete kept.secret
  const place = { id: old.id, rev: old.rev + 1 }
  checkCounter(place.rev)
  return recordEntry({
    ...kept,
    rev: place.rev,
    dev: writer.dev,
    gen: writer.gen,
    deleted: true,
    meta: { ...old.meta, ...seal(writer, 'meta', place, meta) },
    hist: history(old).map(withoutSecret),
  })
}

/**
 * The record after its past was erased: the same contents sealed at the next revision, so that other devices take it over, and
 * no history. `secret` is null for a tombstone.
 */
export function writeForgotten(
  writer: Writer,
  old: StoredRecord,
  contents: { readonly meta: Payload; readonly secret: Payload | null },
): RecordEntry {
  const { meta, secret } = contents
  const entry =
    secret === null
      ? writeTombstone(writer, old, meta)
      : writeRevision(writer, old, { id: old.id, rev: old.rev + 1 }, { meta, secret })
  return recordEntry({ ...entry.record, hist: [] })
}

function seal(
  writer: Writer,
  part: PartPlace['part'],
  { id, rev }: { readonly id: string; readonly rev: number },
  payload: Payload,
): ReturnType<typeof sealPart> {
  const { scope, vault, dev } = writer
  return sealPart(writer.vaultKey, { scope, part, vault, id, rev, dev }, payload, writer.random)
}

function history(old: StoredRecord | null): PastRevision[] {
  if (old === null) return []
  const latest: Partial<StoredRecord> = { ...old }
  delete latest.id
  delete latest.hist
  return [PastRevision.parse(latest), ...old.hist]
    .slice(0, MAX_HISTORY)
    .map((past, index) => (index < MAX_SECRET_HISTORY ? past : withoutSecret(past)))
}

function withoutSecret(revision: PastRevision): PastRevision {
  const past = { ...revision }
  delete past.secret
  return past
}

function checkCounter(rev: number): void {
  if (rev > MAX_COUNTER) throw new AppError('limit-reached', 'write record: revisions used up')
}
