import type { CredentialFields, SecretValues } from '../../model/credential.ts'
import { credentialTypeTable, fieldOf } from '../../model/credential-types.ts'
import type { CredentialType } from '../../model/credential-types.ts'
import { CalendarDate, fieldProblem, secretProblem } from '../../model/field-values.ts'
import { Name } from '../../model/ids.ts'
import type { ImportNote, ImportProblem } from '../../model/import.ts'
import { utf8, wipe } from '../crypto/bytes.ts'
import { isForeignCertificate } from '../vault/certified-key.ts'
import { credentialOf } from './credential-of.ts'
import type { FoundCredential } from './credential-of.ts'
import type { FoundEntry, FoundSecret } from './found-entry.ts'
import type { ImportBudget } from './import-budget.ts'
import { isSecretText } from './import-text.ts'

/** What a reader of a format is given. */
export type ImportContext = {
  readonly budget: ImportBudget
  /** Opens the file, where its format has that; null when none was given. The caller wipes it. */
  readonly password: Uint8Array | null
  /** A key file that opens it as well, where its format has that; null when none was given. The caller wipes it. */
  readonly keyFile: Uint8Array | null
  /** Whom programs sign in as when a file names no user; null when unknown. */
  readonly localUser: string | null
}

/** Reads the bytes of one format. Throws AppError and nothing else; whoever gets the items wipes their secrets. */
export type ImportReader = (bytes: Uint8Array, context: ImportContext) => readonly ImportedItem[]

/** One entry of a file, checked: only what a sign-in can hold. */
export type ImportedItem = {
  readonly name: string
  /** The kind it comes in as; null when it does not. */
  readonly type: CredentialType | null
  /** The kind, or the lower-case name of a protocol that there is no kind for. */
  readonly protocol: string
  readonly fields: CredentialFields
  /** A private key that the file names; not read yet. */
  readonly keyFile: string | null
  /** A certificate of the key that the file names; not read yet. */
  readonly certificateFile: string | null
  /** UTF-8 bytes; wiped by whoever got the item. */
  readonly secrets: SecretValues
  readonly tags: readonly string[]
  /** A day as YYYY-MM-DD, null when none is named. */
  readonly expires: string | null
  readonly problem: ImportProblem | null
  readonly notes: readonly ImportNote[]
}

const MAX_TEXT = 4096
/**
 * A field that a person added gets a name which is made, checked and compared, in ten to twenty microseconds; that of our own export is only
 * checked. More would refuse ten thousand entries of half a dozen such fields, which people have.
 */
const STEPS_PER_EXTRA = 32
const STEPS_PER_SECRET = 8
const hostName = /^[^\s/@\\\p{Cc}]{1,255}$/u

/** Checks one entry and counts it. Throws AppError('import-unreadable') when the file has too many. */
export function toItem(entry: FoundEntry, budget: ImportBudget): ImportedItem {
  budget.item()
  budget.step(costOfNames(entry))
  const host = trimmed(entry.host)?.replace(/^\[(.*)\]$/, '$1')
  const user = trimmed(entry.user)
  const port = trimmed(entry.port)
  const credential = credentialOf({ entry, host, port, user }, budget)
  const { secrets, isWhole } = secretsOf(credential?.secrets ?? leftOut(entry))
  const problem =
    entry.problem ?? problemOf({ entry, credential, host, port, secrets, isWhole }) ?? noKind(credential)
  const common = {
    name: nameOf(entry.name, host, user),
    keyFile: trimmed(entry.keyFile) ?? null,
    certificateFile: trimmed(entry.certificateFile) ?? null,
    expires: expiryOf(entry),
  }
  if (problem === null && credential !== null) {
    const { type, fields } = credential
    const notes = notesOf(entry, { type, fields, secrets })
    return {
      ...common,
      type,
      protocol: type,
      fields,
      secrets,
      tags: tagsOf(entry.tags ?? []),
      problem,
      notes,
    }
  }
  wipe(...Object.values(secrets))
  const fields = shown(credential?.fields ?? { host, user })
  const protocol = credential?.type ?? shownProtocol(entry.protocol)
  return { ...common, type: null, protocol, fields, secrets: {}, tags: [], problem, notes: [] }
}

function costOfNames({ extras = [], own }: FoundEntry): number {
  return extras.length * STEPS_PER_EXTRA + Object.keys(own?.secrets ?? {}).length * STEPS_PER_SECRET
}

function noKind(credential: FoundCredential | null): ImportProblem | null {
  return credential === null ? 'unsupported' : null
}

function shownProtocol(protocol: string): string {
  return /^[a-z0-9][a-z0-9 .+-]{0,39}$/.test(protocol) ? protocol : 'unknown'
}

/** Wipes what items hold, for whoever owns them. */
export function wipeItems(items: readonly ImportedItem[]): void {
  for (const { secrets } of items) wipe(...Object.values(secrets))
}

type Checked = {
  readonly entry: FoundEntry
  readonly credential: FoundCredential | null
  readonly host: string | undefined
  readonly port: string | undefined
  readonly secrets: SecretValues
  readonly isWhole: boolean
}

function problemOf({ entry, credential, host, port, secrets, isWhole }: Checked): ImportProblem | null {
  if (credential === null) return null
  if (!isWhole) return 'bad-secret'
  const { type, fields } = credential
  if (type !== 'generic' && host !== undefined && !isServer(type, host, port)) return 'bad-server'
  const wrong = wrongValue(type, fields, secrets)
  if (wrong !== null) return wrong
  for (const path of [entry.keyFile, entry.certificateFile])
    if ((trimmed(path)?.length ?? 0) > MAX_TEXT) return 'bad-entry'
  return serverOf(fields) === undefined && Object.keys(secrets).length === 0 ? 'nothing-in-it' : null
}

function wrongValue(
  type: CredentialType,
  fields: CredentialFields,
  secrets: SecretValues,
): ImportProblem | null {
  for (const [name, value] of Object.entries(fields)) {
    const field = fieldOf(type, name)
    const isPlain = field?.multiline === true || !/\p{Cc}/u.test(value)
    if (field === null || !isPlain || fieldProblem(field, value) !== null)
      return field?.identifiesServer === true ? 'bad-server' : 'bad-entry'
  }
  for (const [name, value] of Object.entries(secrets)) {
    const field = fieldOf(type, name)
    if (field === null || secretProblem(field, value) !== null) return 'bad-secret'
  }
  const { certificate } = fields
  const { privateKey } = secrets
  if (certificate !== undefined && privateKey !== undefined && isForeignCertificate(certificate, privateKey))
    return 'bad-entry'
  return null
}

function isServer(type: CredentialType, host: string, port: string | undefined): boolean {
  // Of addresses the table says what they look like.
  const isAddress = type === 'webdav' || type === 's3'
  return (isAddress || hostName.test(host)) && isPort(port ?? '22')
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
}

/** Of an entry that has no kind, for its owner to wipe. */
function leftOut({
  password,
  privateKey,
  passphrase,
  more,
  extras,
}: FoundEntry): Readonly<Record<string, FoundSecret>> {
  const others = (extras ?? []).map(({ value }, at) => [String(at), value] as const)
  return { password, privateKey, passphrase, ...more, ...Object.fromEntries(others) }
}

function secretsOf(found: Readonly<Record<string, FoundSecret>>): {
  secrets: SecretValues
  isWhole: boolean
} {
  const secrets: SecretValues = {}
  let isWhole = true
  for (const [name, value] of Object.entries(found)) {
    if (value === undefined || value === '') continue
    const bytes = typeof value === 'string' ? textBytes(value) : value
    if (bytes?.byteLength === 0) continue
    if (bytes !== null) secrets[name] = bytes
    // What was text is UTF-8 by how it became bytes.
    isWhole &&= bytes !== null && (typeof value === 'string' ? !bytes.includes(0) : isSecretText(bytes))
  }
  return { secrets, isWhole }
}

function textBytes(text: string): Uint8Array | null {
  return text.isWellFormed() ? utf8(text) : null
}

type Present = Pick<FoundCredential, 'type' | 'fields'> & { readonly secrets: SecretValues }

function notesOf(entry: FoundEntry, { type, fields, secrets }: Present): readonly ImportNote[] {
  if (type === 'generic') return entry.notes ?? []
  const notes: ImportNote[] = []
  if (serverOf(fields) === undefined && type !== 's3') notes.push('no-server')
  if (fields['user'] === undefined && fields['accessKeyId'] === undefined) notes.push('no-user')
  const required = credentialTypeTable[type].fields.filter(
    ({ name }) => name === 'share' || name === 'bucket',
  )
  if (required.some(({ name }) => fields[name] === undefined)) notes.push('no-place')
  const hasSecret = Object.keys(secrets).some((name) => name !== 'notes' && name !== 'passphrase')
  if (!hasSecret && entry.agent !== true && trimmed(entry.keyFile) === undefined) notes.push('no-secret')
  return [...notes, ...(entry.notes ?? [])]
}

/** What names the server, whatever the kind calls it. */
export function serverOf(fields: CredentialFields): string | undefined {
  return fields['host'] ?? fields['url'] ?? fields['endpoint']
}

function expiryOf({ own }: FoundEntry): string | null {
  const day = CalendarDate.safeParse(own?.expires)
  return day.success ? day.data : null
}

const MAX_TAGS = 50
const MAX_FOUND_TAGS = 100

/** As many and as long as a sign-in may have, each once. */
function tagsOf(found: readonly string[]): readonly string[] {
  const tags = new Set<string>()
  // Cleaning costs more than looking: no list may have it done for thousands.
  for (const raw of found.slice(0, MAX_FOUND_TAGS)) {
    const tag = cleanName(raw)
    if (tag !== '') tags.add(tag)
    if (tags.size === MAX_TAGS) break
  }
  return [...tags]
}

/** Of an entry that is left out only what is short: it is shown, not kept. */
function shown(fields: Readonly<Record<string, string | undefined>>): CredentialFields {
  const kept: CredentialFields = {}
  for (const [name, value] of Object.entries(fields))
    if (value?.isWellFormed() === true && value.length <= MAX_TEXT) kept[name] = value
  return kept
}

/** A name that a sign-in may have, made of what the file says: never refused, so that a strange name stops nothing. */
function nameOf(given: string | undefined, host: string | undefined, user: string | undefined): string {
  const server = host === undefined ? undefined : user === undefined ? host : `${user}@${host}`
  for (const candidate of [given, server, user, host]) {
    const parsed = Name.safeParse(cleanName(candidate ?? ''))
    if (parsed.success) return parsed.data
  }
  return 'imported'
}

/** At most a hundred characters on one line; of a clean one the same, and soon. */
export function cleanName(text: string): string {
  // What is cut is never looked at: a name of megabytes would cost as much to normalise.
  const plain = text
    .slice(0, 400)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .normalize('NFC')
    .trim()
  return plain.slice(0, 100).toWellFormed().trim()
}

function trimmed(text: string | undefined): string | undefined {
  const plain = text?.trim() ?? ''
  return plain === '' ? undefined : plain
}
