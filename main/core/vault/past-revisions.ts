import { AppError } from '../../model/app-error.ts'
import type { RevisionInfo } from '../../model/revision.ts'
import {
  findCredential,
  openCredential,
  refuseTakenName,
  secretBytes,
  writeCredential,
} from './credentials.ts'
import type { CredentialContents, CredentialRecord } from './credentials.ts'
import { deviceLabels } from './device-records.ts'
import { isSameServer, keptOnly, splitFields } from './field-rules.ts'
import { localDataAt, localSecretsAt } from './local-data.ts'
import { parseMeta, SecretPayload } from './record-kinds.ts'
import type { CredentialMeta } from './record-kinds.ts'
import { openPart } from './record-parts.ts'
import type { Payload } from './record-parts.ts'
import type { PastRevision } from './record-schema.ts'
import type { Session } from './session.ts'
import type { Transaction, View } from './transaction.ts'
import type { Changed } from './vault-api.ts'
import { damaged, unknownName } from './vault-errors.ts'

/** One state of a credential, opened. */
type Revision = {
  readonly rev: number
  readonly dev: string
  readonly meta: CredentialMeta
  /** Everything it consisted of; `secrets` is null when it is too old to have kept them. */
  readonly contents: Omit<CredentialContents, 'secrets'> & {
    readonly secrets: CredentialContents['secrets'] | null
  }
}

/** All states of a credential that are kept, newest first; those of newer programs are left out. */
export function listRevisions(session: Session, view: View, id: string): readonly RevisionInfo[] {
  const all = openRevisions(session, view, findCredential(view, id))
  const labels = deviceLabels(view.open)
  return all.map((one, at) => {
    const older = all[at + 1]
    return {
      rev: one.rev,
      at: one.meta.changed,
      device: labels[one.dev] ?? one.dev,
      isCurrent: at === 0,
      name: one.meta.title,
      secrets: Object.keys(one.contents.secrets ?? {}).sort(),
      hasSecrets: one.contents.secrets !== null,
      changes: older === undefined ? [] : changesBetween(older, one),
    }
  })
}

/** One secret of an old state as UTF-8; the caller wipes it. Throws AppError('unknown-name'). */
export function revealRevision(
  session: Session,
  view: View,
  id: string,
  { rev, field }: { readonly rev: number; readonly field: string },
): Uint8Array {
  const { contents } = findRevision(session, view, findCredential(view, id), rev)
  return secretBytes(contents.secrets ?? {}, field)
}

/**
 * Makes an old state the present one, as a new revision. Its secrets come back with the server they were for; when they are
 * not kept any more, the present ones stay only if they are for that server too, as in an edit.
 */
export function restoreRevision(
  session: Session,
  transaction: Transaction,
  id: string,
  rev: number,
): Changed {
  const { view } = transaction
  const record = findCredential(view, id)
  if (record.entry.record.rev === rev) throw new AppError('bad-request', 'restore: present revision')
  const past = findRevision(session, view, record, rev)
  refuseTakenName(view.open.credentials, past.contents.title, id)
  const old = openCredential(session, view, record)
  return writeCredential(transaction, old, restored(session, view, { id, past, before: old.before }))
}

type Restore = { readonly id: string; readonly past: Revision; readonly before: CredentialContents }

function restored(session: Session, view: View, { id, past, before }: Restore): CredentialContents {
  const { contents, rev } = past
  const isSame =
    before.type === contents.type &&
    isSameServer(before.type, before.fields, contents.fields) &&
    (before.hostKey === null || before.hostKey === contents.hostKey)
  const present = isSame ? before.secrets : keptOnly(before.type, before.secrets)
  const secrets = contents.secrets ?? present
  if (!isSame || localDataAt(session, view.local, id, rev) !== null) return { ...contents, secrets }
  // This device knew nothing of its own yet at that time: what it learned since belongs to the same server.
  return {
    ...contents,
    fields: { ...contents.fields, ...splitFields(before.type, before.fields).device },
    secrets: { ...secrets, ...splitFields(before.type, before.secrets).device },
  }
}

function findRevision(session: Session, view: View, record: CredentialRecord, rev: number): Revision {
  const found = openRevisions(session, view, record).find((one) => one.rev === rev)
  if (found === undefined) throw unknownName('revision')
  return found
}

function openRevisions(session: Session, view: View, record: CredentialRecord): readonly Revision[] {
  const { id, hist, ...latest } = record.entry.record
  const all: readonly PastRevision[] = [latest, ...hist]
  return all.flatMap((past) => openRevision(session, view, id, past) ?? [])
}

function openRevision(session: Session, view: View, id: string, past: PastRevision): Revision | null {
  const { rev, dev, secret } = past
  if (past.deleted === true || past.meta === undefined) return null
  const open = (part: 'meta' | 'secret', sealed: typeof past.meta): Payload =>
    openPart(session.vaultKey(), { scope: 'record', part, vault: session.vault, id, rev, dev }, sealed)
  const meta = parseMeta(open('meta', past.meta))
  if (meta?._kind !== 'credential') return null
  const { title, type, hostKey, tags, expires } = meta
  const local = localDataAt(session, view.local, id, rev)
  const shared = secret === undefined ? null : SecretPayload.safeParse(open('secret', secret))
  // Without the parser's cause: it may quote what it read.
  if (shared?.success === false) throw damaged('secret of another shape')
  const secrets =
    shared === null ? null : { ...shared.data.fields, ...localSecretsAt(session, view.local, id, rev) }
  const fields = { ...meta.fields, ...local?.fields }
  return { rev, dev, meta, contents: { title, type, fields, secrets, hostKey, tags, expires } }
}

/** Names of what differs; where one of the two has lost its secrets, only those that came or went are known. */
function changesBetween(older: Revision, newer: Revision): string[] {
  const [a, b] = [older.contents, newer.contents]
  const own = [
    a.title === b.title ? [] : ['name'],
    JSON.stringify(a.tags) === JSON.stringify(b.tags) ? [] : ['tags'],
    a.expires === b.expires ? [] : ['expires'],
    a.hostKey === b.hostKey ? [] : ['hostKey'],
  ].flat()
  const secrets =
    a.secrets !== null && b.secrets !== null
      ? differing(a.secrets, b.secrets)
      : differing(present(older.meta.secrets), present(newer.meta.secrets))
  return [...own, ...differing(a.fields, b.fields), ...secrets]
}

type Texts = Readonly<Record<string, string>>

function present(names: readonly string[]): Texts {
  return Object.fromEntries(names.map((name) => [name, '']))
}

function differing(a: Texts, b: Texts): string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
  return names.filter((name) => a[name] !== b[name])
}
