import { AppError } from '../../model/app-error.ts'
import type { Credential, CredentialDraft, CredentialPatch, SecretValues } from '../../model/credential.ts'
import { credentialTypeTable } from '../../model/credential-types.ts'
import { nameKey } from '../../model/ids.ts'
import { fromUtf8, utf8, wipe } from '../crypto/bytes.ts'
import { refuseForeignCertificate } from './certified-key.ts'
import { isSameServer, keptOnly, splitFields, withoutStale } from './field-rules.ts'
import { hasLocalBeyond, localDataAt, localFieldsAt, localSecretsAt } from './local-data.ts'
import type { LocalData } from './local-data.ts'
import type { OpenRecord } from './open-records.ts'
import type { CredentialMeta } from './record-kinds.ts'
import type { Payload } from './record-parts.ts'
import type { Session } from './session.ts'
import { openSecret } from './transaction.ts'
import type { RecordMeta, Transaction, View } from './transaction.ts'
import type { Changed, DraftWithSecrets } from './vault-api.ts'
import { unknownName } from './vault-errors.ts'

type Texts = Readonly<Record<string, string>>
export type CredentialRecord = OpenRecord<CredentialMeta>

const noLocalData: LocalData = { fields: {}, secretNames: [] }

export function listCredentials(session: Session, view: View): readonly Credential[] {
  const users = new Map<string, { id: string; name: string }[]>()
  for (const { entry, meta } of view.open.jobs) {
    const user = { id: entry.record.id, name: meta.title }
    users.set(meta.fields.credential, [...(users.get(meta.fields.credential) ?? []), user])
  }
  return view.open.credentials.map(({ meta, entry }) => {
    const { id, rev } = entry.record
    const local = localDataAt(session, view.local, id, rev) ?? noLocalData
    const secrets = [...meta.secrets, ...local.secretNames].sort()
    const { signInSecret } = credentialTypeTable[meta.type]
    return {
      id,
      rev,
      name: meta.title,
      type: meta.type,
      fields: { ...meta.fields, ...local.fields },
      secrets,
      hostKey: meta.hostKey,
      tags: [...meta.tags],
      expires: meta.expires,
      needsSignInHere: signInSecret !== null && !secrets.includes(signInSecret),
      // Uses and blocks are facts of this device's runs, kept beside them, and joined by who shows them.
      lastUsed: null,
      usedBy: users.get(id) ?? [],
      created: meta.created,
      changed: meta.changed,
      blocked: null,
    }
  })
}

/** Shared fields and, over them, those of this device. */
export function allFields(session: Session, view: View, { entry, meta }: CredentialRecord): Texts {
  const { id, rev } = entry.record
  return { ...meta.fields, ...localFieldsAt(session, view.local, id, rev) }
}

/** Shared secrets and those of this device. The texts cannot be wiped: use them and drop them. */
export function allSecrets(session: Session, view: View, { entry }: CredentialRecord): Texts {
  const { id, rev } = entry.record
  return { ...openSecret(session, entry).fields, ...localSecretsAt(session, view.local, id, rev) }
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
  const { name: title, type, fields, hostKey, tags, expires = null } = draft
  refuseForeignCertificate(fields, given)
  const contents = { title, type, fields, secrets: given, hostKey, tags, expires }
  return writeCredential(transaction, null, contents)
}

/** Everything that an edit can change, whichever file it is kept in. */
export type CredentialContents = Pick<CredentialMeta, 'title' | 'type' | 'hostKey' | 'tags' | 'expires'> & {
  readonly fields: Texts
  readonly secrets: Texts
}

/** `before` is what stands there now; `payload` its secret part, of which unknown fields are kept. */
type Old = {
  readonly record: CredentialRecord
  readonly before: CredentialContents
  readonly payload: Payload
}

/** Writes the next revision, with what exists on this device only in a file of its own. */
export function writeCredential(
  transaction: Transaction,
  old: Old | null,
  contents: CredentialContents,
): Changed {
  const { title, type, hostKey, tags, expires } = contents
  const fields = splitFields(type, contents.fields)
  const secrets = splitFields(type, contents.secrets)
  const names = Object.keys(secrets.shared).sort()
  const meta: RecordMeta = {
    _kind: 'credential',
    title,
    type,
    fields: fields.shared,
    secrets: names,
    hostKey,
    tags: [...tags],
    expires,
  }
  const changed = transaction.put(old?.record ?? null, meta, { ...old?.payload, fields: secrets.shared })
  const device = { fields: fields.device, secrets: secrets.device }
  const isBeyond = hasLocalBeyond(transaction.view.local, changed.id, changed.rev - 1)
  if (isBeyond || !isSameDeviceData(old?.before ?? null, type, device))
    transaction.putLocal(changed.id, changed.rev, { kind: 'credential', ...device })
  return changed
}

type DeviceData = { readonly fields: Texts; readonly secrets: Texts }

function isSameDeviceData(
  before: CredentialContents | null,
  type: CredentialMeta['type'],
  now: DeviceData,
): boolean {
  const fields = before === null ? {} : splitFields(type, before.fields).device
  const secrets = before === null ? {} : splitFields(type, before.secrets).device
  return isEqual(fields, now.fields) && isEqual(secrets, now.secrets)
}

type Edit = { readonly id: string; readonly patch: CredentialPatch; readonly given: Texts }

export function editCredential(
  session: Session,
  transaction: Transaction,
  { id, patch, given }: Edit,
): Changed {
  const { view } = transaction
  const old = openCredential(session, view, findCredential(view, id))
  const { before } = old
  const title = patch.name ?? before.title
  refuseTakenName(view.open.credentials, title, id)

  const after = patched(before.fields, patch.fields ?? {})
  const isMoved = !isSameServer(before.type, before.fields, after)
  const hostKey = patch.hostKey === undefined ? (isMoved ? null : before.hostKey) : patch.hostKey
  // A first pin changes nobody's trust; replacing or taking away one does.
  const isRetrusted = before.hostKey !== null && hostKey !== before.hostKey
  const stays = isMoved || isRetrusted ? keptOnly(before.type, before.secrets) : before.secrets
  const secrets = { ...without(stays, patch.removeSecrets ?? []), ...given }
  const fields = withoutStale(before.type, after, {
    before: before.secrets,
    after: secrets,
    given: Object.keys(patch.fields ?? {}),
  })
  const isAsBefore =
    fields['certificate'] === before.fields['certificate'] &&
    secrets['privateKey'] === before.secrets['privateKey']
  // What is stored already stops no change of something else.
  if (!isAsBefore) refuseForeignCertificate(fields, secrets)
  const { tags = before.tags, expires = before.expires } = patch
  return writeCredential(transaction, old, {
    title,
    type: before.type,
    fields,
    secrets,
    hostKey,
    tags,
    expires,
  })
}

/** A stored credential as an edit starts from it. */
export function openCredential(session: Session, view: View, record: CredentialRecord): Old {
  const { title, type, hostKey, tags, expires } = record.meta
  const payload = openSecret(session, record.entry)
  const { id, rev } = record.entry.record
  const secrets = { ...payload.fields, ...localSecretsAt(session, view.local, id, rev) }
  const fields = allFields(session, view, record)
  return { record, payload, before: { title, type, fields, secrets, hostKey, tags, expires } }
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
  return secretBytes(allSecrets(session, view, findCredential(view, id)), field)
}

/** One of `secrets` as UTF-8; the caller wipes it. Throws AppError('unknown-name') when there is none of this name. */
export function secretBytes(secrets: Texts, field: string): Uint8Array {
  const text = Object.hasOwn(secrets, field) ? secrets[field] : undefined
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

function patched(before: Texts, patch: Readonly<Record<string, string | null>>): Texts {
  const after: Record<string, string> = { ...before }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete after[name]
    else after[name] = value
  }
  return after
}

function without(texts: Texts, names: readonly string[]): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([name]) => !names.includes(name)))
}

function isEqual(a: Texts, b: Texts): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
