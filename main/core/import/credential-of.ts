import type { CredentialFields } from '../../model/credential.ts'
import { credentialTypeTable, fieldOf, isSecretName } from '../../model/credential-types.ts'
import type { CredentialType } from '../../model/credential-types.ts'
import { fieldProblem } from '../../model/field-values.ts'
import { concatBytes, utf8, wipe } from '../crypto/bytes.ts'
import type { ExtraField, FoundEntry, FoundSecret } from './found-entry.ts'
import type { ImportBudget } from './import-budget.ts'
import { addressOf, firstFolder } from './server-url.ts'

/** What a found entry would be as a credential, before its values are checked. Bytes belong to whoever asked. */
export type FoundCredential = {
  readonly type: CredentialType
  readonly fields: CredentialFields
  readonly secrets: Readonly<Record<string, FoundSecret>>
}

type Found = {
  readonly entry: FoundEntry
  readonly host: string | undefined
  readonly port: string | undefined
  readonly user: string | undefined
}
type Values = Readonly<Record<string, FoundSecret>>
type Placed = { readonly fields: Readonly<Record<string, string | undefined>>; readonly secrets: Values }

/** The one place that says where the parts of an entry go in each kind. `oauth` has no file that is read. */
const places: Readonly<Record<Exclude<CredentialType, 'oauth'>, (found: Found) => Placed>> = {
  sftp: ({ entry, host, port, user }) => ({
    fields: {
      host,
      port: port ?? (host === undefined ? undefined : '22'),
      user,
      agent: entry.agent === true ? 'true' : undefined,
    },
    secrets: { password: entry.password, privateKey: entry.privateKey, passphrase: entry.passphrase },
  }),
  ftp: ({ entry, host, port, user }) => ({
    fields: { host, port: port ?? (entry.details?.['tls'] === 'implicit' ? '990' : undefined), user },
    secrets: { password: entry.password },
  }),
  smb: ({ entry, host, port, user }) => {
    const [domain, name] = user?.includes('\\') === true ? splitOnce(user, '\\') : [undefined, user]
    return {
      fields: { host, port, domain, user: name, share: firstFolder(entry.path) },
      secrets: { password: entry.password },
    }
  },
  webdav: ({ entry, host, port, user }) => ({
    fields: { url: entry.url ?? addressOf({ host, port, path: entry.path }), user },
    secrets: { password: entry.password },
  }),
  s3: ({ entry, host, port, user }) => ({
    fields: {
      endpoint: entry.url ?? addressOf({ host, port }),
      bucket: firstFolder(entry.path),
      accessKeyId: user,
    },
    secrets: { secretAccessKey: entry.password },
  }),
  generic: ({ entry, user }) => ({
    fields: { url: isWebAddress(entry.url) ? entry.url : undefined, user },
    secrets: { password: entry.password, privateKey: entry.privateKey, passphrase: entry.passphrase },
  }),
}

/** A name that is taken is made, compared and kept once more. */
const STEPS_PER_TAKEN_NAME = 64

/** Null for a protocol that there is no kind for. Counts what names cost that others have already. */
export function credentialOf(found: Found, budget: ImportBudget): FoundCredential | null {
  const { entry } = found
  if (entry.own !== undefined) return entry.own
  // A key without a server is one that still needs it.
  const isLoneKey = entry.protocol === 'generic' && entry.url === undefined && entry.privateKey !== undefined
  const name = isLoneKey ? 'sftp' : entry.protocol
  if (!isPlaced(name)) return null
  const placed = places[name](found)
  const { fields } = placed
  const extras = [...(entry.extras ?? []), ...withoutPlace(entry, { name, ...placed })]
  const isFree = credentialTypeTable[name].hasFreeSecrets
  const secrets: Record<string, FoundSecret> = { ...placed.secrets, ...entry.more }
  if (isFree) addFreeSecrets(secrets, extras, budget)
  secrets['notes'] = notesWith(entry.comment, isFree ? [] : extras)
  return {
    type: name,
    fields: { ...present(fields), ...present(entry.details ?? {}) },
    secrets,
  }
}

/** What this kind has no field for: nothing that a file holds is lost without a word. */
function withoutPlace(
  entry: FoundEntry,
  { name, fields, secrets }: Placed & { readonly name: CredentialType },
): readonly ExtraField[] {
  const { url, privateKey, passphrase } = entry
  const rest: ExtraField[] = []
  // `androidapp://...`, or one that holds a password: not to be shown in lists, where addresses are.
  if (name === 'generic' && url && fields['url'] === undefined) rest.push({ name: 'address', value: url })
  if (privateKey && !('privateKey' in secrets)) rest.push({ name: 'private key', value: privateKey })
  if (passphrase && !('passphrase' in secrets)) rest.push({ name: 'passphrase', value: passphrase })
  return rest
}

function isWebAddress(url: string | undefined): boolean {
  const field = fieldOf('generic', 'url')
  return url !== undefined && field !== null && fieldProblem(field, url) === null
}

function isPlaced(name: string): name is keyof typeof places {
  return Object.hasOwn(places, name)
}

function present(fields: Placed['fields']): CredentialFields {
  const kept: CredentialFields = {}
  for (const [name, value] of Object.entries(fields)) {
    const text = value?.trim() ?? ''
    if (text !== '') kept[name] = text
  }
  return kept
}

/** Each under a name that a secret may have and nothing else has; an empty one is nothing. */
function addFreeSecrets(
  secrets: Record<string, FoundSecret>,
  extras: readonly ExtraField[],
  budget: ImportBudget,
): void {
  const known = new Set(credentialTypeTable.generic.fields.map(({ name }) => name))
  for (const name of ['privateKey', 'passphrase']) known.add(name)
  /** Where counting went on for names that begin like this: thousands of them must not each count from two. */
  const counts = new Map<string, number>()
  for (const { name, value } of extras) {
    const plain = secretName(name)
    const head = plain.slice(0, 56).trimEnd()
    let count = counts.get(head) ?? 1
    let free = plain
    while (known.has(free) || Object.hasOwn(secrets, free)) {
      budget.step(STEPS_PER_TAKEN_NAME)
      count += 1
      free = `${head} ${count}`
    }
    counts.set(head, count)
    secrets[free] = value
  }
}

function secretName(given: string): string {
  const plain = given
    .slice(0, 200)
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{C}=]+/gu, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 64)
    .trim()
  return isSecretName(plain) ? plain : 'field'
}

/** Notes of a person with the fields below, a line each: nothing that somebody wrote is lost. */
function notesWith(comment: string | undefined, extras: readonly ExtraField[]): FoundSecret {
  const written = comment?.trim() ?? ''
  if (extras.length === 0) return written
  const head = written === '' ? '' : `${written.toWellFormed()}\n\n`
  // Bytes are left bytes, to be wiped; what was text already is put together as such, in a tenth of the time.
  if (extras.every(isText))
    return head + extras.map(({ name, value }) => `${name}: ${value}\n`.toWellFormed()).join('')
  const parts = extras.map(({ name, value }) => {
    const bytes = typeof value === 'string' ? utf8(value.toWellFormed()) : value
    const line = concatBytes(utf8(`${name.toWellFormed()}: `), bytes, utf8('\n'))
    wipe(bytes)
    return line
  })
  const notes = concatBytes(utf8(head), ...parts)
  wipe(...parts)
  return notes
}

function isText(extra: ExtraField): extra is ExtraField & { readonly value: string } {
  return typeof extra.value === 'string'
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return [text.slice(0, at), text.slice(at + separator.length)]
}
