import { AppError } from '../../model/app-error.ts'
import type { JobDefinition, JobDraft, JobPatch } from '../../model/job.ts'
import { findCredential, refuseTakenName } from './credentials.ts'
import { hasLocalBeyond, localFieldsAt } from './local-data.ts'
import type { OpenRecord } from './open-records.ts'
import type { JobMeta } from './record-kinds.ts'
import type { Session } from './session.ts'
import type { RecordMeta, Transaction, View } from './transaction.ts'
import type { Changed } from './vault-api.ts'
import { unknownName } from './vault-errors.ts'

type JobRecord = OpenRecord<JobMeta>

export function listJobs(session: Session, view: View): readonly JobDefinition[] {
  return view.open.jobs.map((record) => jobDefinition(session, view, record))
}

/** The definition; `local` is '' when this device does not know the folder. */
export function jobDefinition(session: Session, view: View, { entry, meta }: JobRecord): JobDefinition {
  const { id, rev } = entry.record
  const { fields } = meta
  return {
    id,
    rev,
    name: meta.title,
    credential: fields.credential,
    local: localFieldsAt(session, view.local, id, rev)?.['local'] ?? '',
    remote: fields.remote,
    mode: fields.mode,
    direction: fields.direction,
    schedule: fields.schedule,
    zone: fields.zone,
    enabled: fields.enabled,
    device: fields.device,
    whenLocked: fields.whenLocked,
    filters: [...fields.filters],
    maxDelete: fields.maxDelete,
    safety: fields.safety,
    created: meta.created,
    changed: meta.changed,
  }
}

/** Throws AppError('unknown-name'). */
export function findJob(view: View, id: string): JobRecord {
  const record = view.open.jobs.find(({ entry }) => entry.record.id === id)
  if (record === undefined) throw unknownName('job')
  return record
}

export function addJob(transaction: Transaction, draft: JobDraft): Changed {
  const { view } = transaction
  refuseTakenName(view.open.jobs, draft.name, null)
  findCredential(view, draft.credential)
  const { name, local, ...fields } = draft
  const meta: RecordMeta = { _kind: 'job', title: name, fields: { ...fields, device: view.device.device } }
  const changed = transaction.put(null, meta, { fields: {} })
  transaction.putLocal(changed.id, changed.rev, { kind: 'job', fields: { local }, secrets: {} })
  return changed
}

/** Throws AppError('other-device') for the local folder of a job that another device runs. */
export function editJob(session: Session, transaction: Transaction, id: string, patch: JobPatch): Changed {
  const { view } = transaction
  const old = findJob(view, id)
  const { name = old.meta.title, local, ...fields } = patch
  refuseTakenName(view.open.jobs, name, id)
  if (fields.credential !== undefined) findCredential(view, fields.credential)
  if (local !== undefined && old.meta.fields.device !== view.device.device) {
    throw new AppError('other-device', 'edit job: another device runs it')
  }
  const meta: RecordMeta = { _kind: 'job', title: name, fields: { ...old.meta.fields, ...defined(fields) } }
  const changed = transaction.put(old, meta, { fields: {} })
  const before = jobDefinition(session, view, old).local
  const after = local ?? before
  if (after !== before || hasLocalBeyond(view.local, id, changed.rev - 1))
    transaction.putLocal(id, changed.rev, { kind: 'job', fields: { local: after }, secrets: {} })
  return changed
}

export function removeJob(transaction: Transaction, id: string): Changed {
  return transaction.remove(findJob(transaction.view, id))
}

/** A patch leaves out what stays; an explicit undefined means the same. */
function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
