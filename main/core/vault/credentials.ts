import { AppError } from '../../model/app-error.ts'
import type { Credential, CredentialDraft, CredentialPatch, SecretValues } from '../../model/credential.ts'
import { nameKey } from '../../model/ids.ts'
import { fromUtf8, utf8, wipe } from '../crypto/bytes.ts'
import { isSameServer, splitFields } from './field-rules.ts'
import { localFieldsAt } from './local-data.ts'
import type { OpenRecord } from './open-records.ts'
import type { CredentialMeta } from './record-kinds.ts'
import type { Payload } from './record-parts.ts'
import type { Session } from './session.ts'
import { openSecret } from './transaction.ts'
import type { RecordMeta, Transaction, View } from './transaction.ts'
import type { Changed, DraftWithSecrets } from './vault-api.ts'
import { unknownName } from './vault-errors.ts'

type Texts = Readonly<Record<string, string>>
type CredentialRecord = OpenRecord<CredentialMeta>

export function listCredentials(session: Session, view: View): readonly Credential[] {
  const users = new Map<string, { id: string; name: string }[]>()
  for (const { entry, meta } of view.open.jobs) {
    const user = { id: entry.record.id, name: meta.title }
    users.set(meta.fields.credential, [...(users.get(meta.fields.credential) ?? []), user])
  }
  return view.open.credentials.map((record) => {
    const { meta, entry } = record
    const { id, rev } = entry.record
    return {
      id,
      rev,
      name: meta.title,
      type: meta.type,
      fields: allFields(session, view, record),
      secrets: [...meta.secrets],
      hostKey: meta.hostKey,
      tags: [...meta.tags],
      usedBy: users.get(id) ?? [],
      created: meta.created,
      changed: meta.changed,
      // A block is a fact of this device's runs, kept beside them, and joined by who shows it.
      blocked: null,
    }
  })
}

/** Shared fields and, over them, those of this device. */
export function allFields(session: Session, view: View, { entry, meta }: CredentialRecord): Texts {
  const { id, rev } = entry.record
  return { ...meta.fields, ...localFieldsAt(session, view.local, id, rev) }
}

/** Throws AppError('unknown-name'). */
export function findCredential(view: View, id: string): CredentialRecord {
  const record = view.open.credentials.find(({ entry }) => entry.record.id === id)
  if (record === undefined) throw unknownName('credential')
  return record
}

export function addCredential(transaction: Transaction, draft: CredentialDraft, given: Texts): Changed {
  refuseTakenName(transaction.view.open.credentials, draft.name, null)
  return putNew(transaction, draft, given)
}

/** Adds all of `drafts`. Names are looked up once: one by one, thousands would each be compared with thousands. */
export function addCredentials(transaction: Transaction, drafts: readonly DraftWithSecrets[]): Changed[] {
  const taken = new Set(transaction.view.open.credentials.map(({ meta }) => nameKey(meta.title)))
  return drafts.map(({ draft, secrets }) => {
    const key = nameKey(draft.name)
    if (taken.has(key)) throw new AppError('name-taken', 'write records: name is taken')
    taken.add(key)
    return putNew(transaction, draft, secretTexts(secrets))
  })
}

function putNew(transaction: Transaction, draft: CredentialDraft, given: Texts): Changed {
  const { shared, device } = splitFields(draft.type, draft.fields)
  const meta = credentialMeta({
    title: draft.name,
    type: draft.type,
    fields: shared,
    secrets: Object.keys(given),
    hostKey: draft.hostKey,
    tags: draft.tags,
  })
  const changed = transaction.put(null, meta, { fields: given })
  if (Object.keys(device).length > 0) transaction.putLocal(changed.id, 'credential', changed.rev, device)
  return changed
}

type Edit = { readonly id: string; readonly patch: CredentialPatch; readonly given: Texts }

export function editCredential(
  session: Session,
  transaction: Transaction,
  { id, patch, given }: Edit,
): Changed {
  const { view } = transaction
  const old = findCredential(view, id)
  const { meta } = old
  const title = patch.name ?? meta.title
  refuseTakenName(view.open.credentials, title, id)

  const before = allFields(session, view, old)
  const after = patched(before, patch.fields ?? {})
  const isMoved = !isSameServer(meta.type, before, after)
  const hostKey = patch.hostKey === undefined ? (isMoved ? null : meta.hostKey) : patch.hostKey
  // A first pin changes nobody's trust; replacing or taking away one does.
  const isRetrusted = meta.hostKey !== null && hostKey !== meta.hostKey
  const secret: Payload = isMoved || isRetrusted ? {} : openSecret(session, old.entry)
  const secrets = { ...without(textsOf(secret), patch.removeSecrets ?? []), ...given }

  const { shared, device } = splitFields(meta.type, after)
  const next = credentialMeta({
    title,
    type: meta.type,
    fields: shared,
    secrets: Object.keys(secrets),
    hostKey,
    tags: patch.tags ?? meta.tags,
  })
  const changed = transaction.put(old, next, { ...secret, fields: secrets })
  const deviceBefore = splitFields(meta.type, before).device
  if (!isEqual(deviceBefore, device)) transaction.putLocal(id, 'credential', changed.rev, device)
  return changed
}

/** Throws AppError('in-use') naming the jobs. */
export function removeCredential(transaction: Transaction, id: string): Changed {
  const record = findCredential(transaction.view, id)
  const users = transaction.view.open.jobs.filter(({ meta }) => meta.fields.credential === id)
  if (users.length > 0) {
    const jobs = users.map(({ meta }) => meta.title).join(', ')
    throw new AppError('in-use', 'remove credential: jobs use it', { details: { jobs, count: users.length } })
  }
  return transaction.remove(record)
}

/** One secret as UTF-8; the caller wipes it. Throws AppError('unknown-name') when the field has no value. */
export function revealSecret(session: Session, view: View, id: string, field: string): Uint8Array {
  const { fields } = openSecret(session, findCredential(view, id).entry)
  const text = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (text === undefined) throw unknownName('secret field')
  return utf8(text)
}

/**
 * Secret values as the payload holds them, empty ones left out (an empty field of a form means "as it was"). Throws
 * AppError('bad-request') for bytes that are not UTF-8. The texts cannot be wiped: they live until the part is sealed.
 */
export function secretTexts(values: SecretValues): Texts {
  const entries = Object.entries(values).filter(([, bytes]) => bytes.byteLength > 0)
  try {
    return Object.fromEntries(entries.map(([name, bytes]) => [name, fromUtf8(bytes)]))
  } catch {
    throw new AppError('bad-request', 'secret value: not utf-8')
  }
}

export function wipeSecrets(values: SecretValues): void {
  wipe(...Object.values(values))
}

/** Names are unique per kind. `self` is the record that may keep its name. Throws AppError('name-taken'). */
export function refuseTakenName(
  records: readonly OpenRecord<{ readonly title: string }>[],
  name: string,
  self: string | null,
): void {
  const key = nameKey(name)
  const isTaken = records.some(({ entry, meta }) => entry.record.id !== self && keyOf(meta) === key)
  if (isTaken) throw new AppError('name-taken', 'write record: name is taken')
}

/** Keys of names that were looked at: folding 10,000 names for each edit would be most of its time on this thread. */
const nameKeys = new WeakMap<object, string>()

function keyOf(meta: { readonly title: string }): string {
  const known = nameKeys.get(meta)
  if (known !== undefined) return known
  const key = nameKey(meta.title)
  nameKeys.set(meta, key)
  return key
}

type MetaFields = Pick<CredentialMeta, 'title' | 'type' | 'fields' | 'secrets' | 'hostKey' | 'tags'>

function credentialMeta({ title, type, fields, secrets, hostKey, tags }: MetaFields): RecordMeta {
  return { _kind: 'credential', title, type, fields, secrets: [...secrets].sort(), hostKey, tags: [...tags] }
}

function patched(before: Texts, patch: Readonly<Record<string, string | null>>): Texts {
  const after: Record<string, string> = { ...before }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete after[name]
    else after[name] = value
  }
  return after
}

function textsOf(secret: Payload): Texts {
  const { fields } = secret
  return typeof fields === 'object' && fields !== null ? Object.fromEntries(Object.entries(fields)) : {}
}

function without(texts: Texts, names: readonly string[]): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => !names.includes(name)))
}

function isEqual(a: Texts, b: Texts): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
