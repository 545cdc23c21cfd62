import { findCredential } from './credentials.ts'
import { hasLocalBeyond, liveLocalRecords, localDataAt } from './local-data.ts'
import type { OpenRecord } from './open-records.ts'
import type { Pacer } from './pacer.ts'
import type { CredentialMeta } from './record-kinds.ts'
import { openPart } from './record-parts.ts'
import type { Session } from './session.ts'
import { openSecret } from './transaction.ts'
import type { Transaction } from './transaction.ts'
import type { RecordEntry } from './record-file.ts'

/**
 * Erases the old states of one credential, or with null of all of them, removed ones included: from the vault, from this
 * device's own data and from the older copies of both files. Answers how many credentials had any.
 */
export async function purgeRevisions(
  session: Session,
  transaction: Transaction,
  id: string | null,
  pacer: Pacer,
): Promise<number> {
  const { open, file } = transaction.view
  transaction.replaceCopies()
  if (id === null) dropRemovedLocal(transaction)
  const credentials = id === null ? open.credentials : [findCredential(transaction.view, id)]
  let purged = 0
  for (const record of credentials) {
    if (purgeOne(session, transaction, record)) purged += 1
    await pacer.rest()
  }
  if (id !== null) return purged
  for (const entry of file.records.values()) {
    if (purgeRemoved(session, transaction, entry)) purged += 1
    await pacer.rest()
  }
  return purged
}

/** Device data, a cloud's token among them, outlive their credential until the next write of local.json: here is one. */
function dropRemovedLocal(transaction: Transaction): void {
  const { local, file } = transaction.view
  const live = liveLocalRecords(local, file)
  if (local !== null && live.size < local.records.size) transaction.replaceLocal(live)
}

function purgeOne(session: Session, transaction: Transaction, record: OpenRecord<CredentialMeta>): boolean {
  const { id, rev, hist } = record.entry.record
  const hadLocal = transaction.forgetLocal(id, rev)
  if (hist.length === 0) return hadLocal
  transaction.forget(record.entry, { meta: record.payload, secret: openSecret(session, record.entry) })
  const { local } = transaction.view
  // Else the revision that is written now would find device data of a change that never reached vault.json.
  if (hasLocalBeyond(local, id, rev) && localDataAt(session, local, id, rev) === null)
    transaction.putLocal(id, rev + 1, { kind: 'credential', fields: {}, secrets: {} })
  return true
}

/** What is left of a removed credential names it for other devices; its past says more than that. */
function purgeRemoved(session: Session, transaction: Transaction, entry: RecordEntry): boolean {
  const { id, rev, dev, hist, meta: part, deleted } = entry.record
  if (deleted !== true || part === undefined || hist.length === 0) return false
  const place = { scope: 'record', part: 'meta', vault: session.vault, id, rev, dev } as const
  const meta = openPart(session.vaultKey(), place, part)
  if (meta['_kind'] !== 'credential') return false
  transaction.forget(entry, { meta, secret: null })
  return true
}
