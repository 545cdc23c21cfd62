import type { Logger } from '../ports/logger.ts'
import type { Pacer } from './pacer.ts'
import type { RecordEntry } from './record-file.ts'
import { parseMeta } from './record-kinds.ts'
import type {
  AnyMeta,
  CredentialMeta,
  DeviceMeta,
  JobMeta,
  RecordKind,
  RetiredKeyMeta,
  SettingsMeta,
} from './record-kinds.ts'
import { openPart } from './record-parts.ts'
import type { RecordIndex } from './record-index.ts'
import type { Payload } from './record-parts.ts'
import type { SealedPart, StoredRecord } from './record-schema.ts'
import type { Session } from './session.ts'

/** A live record with its meta part decrypted. `meta` is null for kinds and shapes of newer programs. */
export type OpenRecord<Meta = AnyMeta | null> = {
  readonly entry: RecordEntry
  /** The whole payload, to be written back with what this program does not know. */
  readonly payload: Payload
  readonly meta: Meta
}

/** All live records by kind, in the order of the file. */
export type OpenRecords = {
  readonly credentials: readonly OpenRecord<CredentialMeta>[]
  readonly jobs: readonly OpenRecord<JobMeta>[]
  readonly devices: readonly OpenRecord<DeviceMeta>[]
  readonly settings: readonly OpenRecord<SettingsMeta>[]
  readonly retiredKeys: readonly OpenRecord<RetiredKeyMeta>[]
}

/**
 * Decrypts the meta parts of all live records, reusing what the session and this device's index have of them; `decrypted` is
 * how many that left. Throws AppError('vault-damaged') when one does not decrypt, AppError('locked') when a lock overtakes it.
 */
export async function openRecords(
  session: Session,
  records: ReadonlyMap<string, RecordEntry>,
  pacer: Pacer,
  log: Logger,
): Promise<{ readonly open: OpenRecords; readonly decrypted: number }> {
  const { records: known, index, lists } = session.cache
  if (lists?.of === records) return { open: lists.open, decrypted: 0 }
  const opened = new Map<string, OpenRecord>()
  let decrypted = 0
  for (const entry of records.values()) {
    const record = known.get(entry.digest) ?? openRecord(session, entry, index, log)
    if (record === null) continue
    if (!known.has(entry.digest) && !index.has(entry.digest)) decrypted += 1
    opened.set(entry.digest, record)
    const rest = pacer.rest()
    if (rest !== null) await rest
  }
  const open = byKind(opened.values())
  if (session.isOpen()) {
    session.cache.records = opened
    session.cache.lists = { of: records, open }
    session.cache.index = new Map()
  }
  return { open, decrypted }
}

function openRecord(
  session: Session,
  entry: RecordEntry,
  index: RecordIndex,
  log: Logger,
): OpenRecord | null {
  const { meta: part, deleted, id } = entry.record
  if (deleted === true || part === undefined) return null
  const payload = indexed(index, entry) ?? openMeta(session, entry.record, part)
  const meta = parseMeta(payload)
  if (meta === null) log.info('vault.record-of-newer-kind', { id })
  return { entry, payload, meta }
}

/** What this device has decrypted from exactly this record before. */
function indexed(index: RecordIndex, { digest, record }: RecordEntry): Payload | null {
  const payload = index.get(digest)
  return payload?.['_id'] === record.id && payload['_rev'] === record.rev ? payload : null
}

function openMeta(session: Session, { id, rev, dev }: StoredRecord, part: SealedPart): Payload {
  const place = { scope: 'record', part: 'meta', vault: session.vault, id, rev, dev } as const
  return openPart(session.vaultKey(), place, part)
}

function byKind(records: Iterable<OpenRecord>): OpenRecords {
  const credentials: OpenRecord<CredentialMeta>[] = []
  const jobs: OpenRecord<JobMeta>[] = []
  const devices: OpenRecord<DeviceMeta>[] = []
  const settings: OpenRecord<SettingsMeta>[] = []
  const retiredKeys: OpenRecord<RetiredKeyMeta>[] = []
  for (const record of records) {
    if (isOf(record, 'credential')) credentials.push(record)
    else if (isOf(record, 'job')) jobs.push(record)
    else if (isOf(record, 'device')) devices.push(record)
    else if (isOf(record, 'settings')) settings.push(record)
    else if (isOf(record, 'retired-key')) retiredKeys.push(record)
  }
  return { credentials, jobs, devices, settings, retiredKeys }
}

function isOf<Kind extends RecordKind>(
  record: OpenRecord,
  kind: Kind,
): record is OpenRecord<Extract<AnyMeta, { _kind: Kind }>> {
  return record.meta?._kind === kind
}
