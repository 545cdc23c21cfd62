import type { CredentialFields, SecretValues } from '../../model/credential.ts'
import { Name } from '../../model/ids.ts'
import type { ImportNote, ImportProblem } from '../../model/import.ts'
import { utf8, wipe } from '../crypto/bytes.ts'
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
  /** `sftp`, or the lower-case name of a protocol that may have no connector. */
  readonly protocol: string
  readonly fields: CredentialFields
  /** A private key that the file names; not read yet. */
  readonly keyFile: string | null
  /** UTF-8 bytes; wiped by whoever got the item. */
  readonly secrets: SecretValues
  readonly tags: readonly string[]
  readonly problem: ImportProblem | null
  readonly notes: readonly ImportNote[]
}

/** An entry as a reader finds it. Texts are taken as they are and checked here. */
export type FoundEntry = {
  readonly name?: string | undefined
  readonly protocol: string
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly user?: string | undefined
  readonly agent?: boolean | undefined
  readonly keyFile?: string | undefined
  /** `null` is a secret that was there and could not be read. Bytes now belong to the item. */
  readonly password?: string | Uint8Array | null | undefined
  readonly privateKey?: string | Uint8Array | null | undefined
  readonly passphrase?: string | Uint8Array | null | undefined
  readonly tags?: readonly string[] | undefined
  /** The address as the file has it, for what is no server. */
  readonly url?: string | undefined
  /** What a person wrote about it. */
  readonly comment?: string | undefined
  readonly extras?: readonly ExtraField[] | undefined
  readonly problem?: ImportProblem | null
  readonly notes?: readonly ImportNote[]
}

/** A field that a person added. */
export type ExtraField = {
  readonly name: string
  readonly value: string | Uint8Array
  readonly isSecret: boolean
}

const MAX_SECRET_BYTES = 65_536
const MAX_TEXT = 4096
const hostName = /^[^\s/@\\\p{Cc}]{1,255}$/u

/** Checks one entry and counts it. Throws AppError('import-unreadable') when the file has too many. */
export function toItem(entry: FoundEntry, budget: ImportBudget): ImportedItem {
  budget.item()
  const host = trimmed(entry.host)?.replace(/^\[(.*)\]$/, '$1')
  const user = trimmed(entry.user)
  const port = trimmed(entry.port)
  const { secrets, isWhole } = secretsOf(entry)
  const fields = {
    ...(host === undefined ? {} : { host }),
    ...(host === undefined || entry.protocol !== 'sftp' ? {} : { port: port ?? '22' }),
    ...(user === undefined ? {} : { user }),
    ...(entry.agent === true ? { agent: 'true' } : {}),
  }
  for (const { value } of entry.extras ?? []) if (typeof value !== 'string') wipe(value)
  const problem = entry.problem ?? problemOf({ host, port, user, isWhole, entry, secrets })
  if (problem !== null) wipe(...Object.values(secrets))
  const protocol = /^[a-z0-9][a-z0-9 .+-]{0,39}$/.test(entry.protocol) ? entry.protocol : 'unknown'
  return {
    name: nameOf(entry.name, host, user),
    protocol,
    fields: problem === null ? fields : shown(fields),
    keyFile: trimmed(entry.keyFile) ?? null,
    secrets: problem === null ? secrets : {},
    tags: problem === null ? tagsOf(entry.tags ?? []) : [],
    problem,
    notes: problem === null ? notesOf(entry, { host, user, secrets }) : [],
  }
}

/** Wipes what items hold, for whoever owns them. */
export function wipeItems(items: readonly ImportedItem[]): void {
  for (const { secrets } of items) wipe(...Object.values(secrets))
}

type Checked = {
  readonly host: string | undefined
  readonly port: string | undefined
  readonly user: string | undefined
  readonly isWhole: boolean
  readonly entry: FoundEntry
  readonly secrets: SecretValues
}

function problemOf({ host, port, user, isWhole, entry, secrets }: Checked): ImportProblem | null {
  if (entry.protocol !== 'sftp') return 'unsupported'
  if (!isWhole) return 'bad-secret'
  if ((host !== undefined && !hostName.test(host)) || !isPort(port ?? '22')) return 'bad-server'
  if (user !== undefined && (user.length > MAX_TEXT || /\p{Cc}/u.test(user))) return 'bad-entry'
  const keyFile = trimmed(entry.keyFile)
  if (keyFile !== undefined && keyFile.length > MAX_TEXT) return 'bad-entry'
  if (host === undefined && Object.keys(secrets).length === 0) return 'nothing-in-it'
  return null
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
}

function secretsOf(entry: FoundEntry): { secrets: SecretValues; isWhole: boolean } {
  const secrets: SecretValues = {}
  let isWhole = true
  for (const field of ['password', 'privateKey', 'passphrase'] as const) {
    const value = entry[field]
    if (value === undefined || value === '') continue
    const bytes = typeof value === 'string' ? textBytes(value) : value
    if (bytes?.byteLength === 0) continue
    if (bytes !== null) secrets[field] = bytes
    if (bytes === null || bytes.byteLength > MAX_SECRET_BYTES || !isSecretText(bytes)) isWhole = false
  }
  return { secrets, isWhole }
}

function textBytes(text: string): Uint8Array | null {
  return text.isWellFormed() ? utf8(text) : null
}

type Present = Pick<Checked, 'host' | 'user' | 'secrets'>

function notesOf(entry: FoundEntry, { host, user, secrets }: Present): readonly ImportNote[] {
  const notes: ImportNote[] = []
  if (host === undefined) notes.push('no-server')
  if (user === undefined) notes.push('no-user')
  const hasKey = secrets['password'] !== undefined || secrets['privateKey'] !== undefined
  if (!hasKey && entry.agent !== true && trimmed(entry.keyFile) === undefined) notes.push('no-secret')
  if ((entry.comment ?? '').trim() !== '' || (entry.extras?.length ?? 0) > 0) notes.push('fields-left-out')
  return [...notes, ...(entry.notes ?? [])]
}

const MAX_TAGS = 50

/** As many and as long as a sign-in may have, each once. */
function tagsOf(found: readonly string[]): readonly string[] {
  const tags = found.map(cleanName).filter((tag) => tag !== '')
  return [...new Set(tags)].slice(0, MAX_TAGS)
}

/** Of an entry that is left out only what is short: it is shown, not kept. */
function shown(fields: Readonly<Record<string, string>>): CredentialFields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value.isWellFormed() && value.length <= MAX_TEXT),
  )
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

function cleanName(text: string): string {
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
