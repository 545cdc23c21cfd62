import * as z from 'zod'

/**
 * The kinds of credential as data: one table that form, CLI, validation, vault, import and export are all derived from. A kind
 * that is not here belongs to a newer program and is carried along untouched.
 */
export const CredentialType = z.enum(['sftp', 'smb', 'webdav', 'ftp', 's3', 'oauth', 'generic'])
export type CredentialType = z.infer<typeof CredentialType>

/** What a value must look like, beyond its type. Absent values are always allowed here. */
export type FieldFormat = 'line' | 'host' | 'port' | 'url' | 'date' | 'certificate'

export type FieldDefinition = {
  readonly name: string
  readonly type: 'text' | 'secret' | 'number' | 'boolean' | 'file' | 'choice'
  readonly required: boolean
  /** Shown only to who asks for more. */
  readonly advanced: boolean
  /** True when the text may span lines (a private key, notes). */
  readonly multiline: boolean
  readonly choices: readonly string[]
  /** What an absent field stands for; null = nothing. */
  readonly defaultValue: string | null
  /** Exists on one device only (key-file path, agent use, sign-in token): kept in local.json, never replicated. */
  readonly deviceOnly: boolean
  /** Names the server or how it is reached: a change drops secrets and pin. */
  readonly identifiesServer: boolean
  /** False for what no connector is ever given: it stays in the vault and survives a change of server. */
  readonly isSent: boolean
  /** The secret that this says something about; a new one without this given again drops it. */
  readonly describes: string | null
  readonly format: FieldFormat
  /** Most UTF-16 units of a field, most bytes of a secret. */
  readonly maxLength: number
}

export type TypeDefinition = {
  readonly fields: readonly FieldDefinition[]
  /** True when secrets of any name may be added (`SecretName`). */
  readonly hasFreeSecrets: boolean
  /** True when the server proves an identity that can be pinned. */
  readonly hasIdentity: boolean
  /** A secret without which this device cannot sign in, null when there is no single one. */
  readonly signInSecret: string | null
}

const MAX_LINE = 1000
const MAX_TEXT = 4096
const MAX_SECRET = 65_536

const base: Omit<FieldDefinition, 'name'> = {
  type: 'text',
  required: false,
  advanced: false,
  multiline: false,
  choices: [],
  defaultValue: null,
  deviceOnly: false,
  identifiesServer: false,
  isSent: true,
  describes: null,
  format: 'line',
  maxLength: MAX_LINE,
}

type Rules = Partial<Omit<FieldDefinition, 'name' | 'type'>>

const text = (name: string, rules: Rules = {}): FieldDefinition => ({ ...base, ...rules, name })
const secret = (name: string, rules: Rules = {}): FieldDefinition => ({
  ...base,
  maxLength: MAX_SECRET,
  ...rules,
  name,
  type: 'secret',
})
const choice = (
  name: string,
  choices: readonly [string, ...string[]],
  rules: Rules = {},
): FieldDefinition => ({
  ...base,
  defaultValue: choices[0],
  ...rules,
  name,
  type: 'choice',
  choices,
})
const flag = (name: string, rules: Rules = {}): FieldDefinition => ({
  ...base,
  defaultValue: 'false',
  ...rules,
  name,
  type: 'boolean',
})

const host = text('host', { required: true, identifiesServer: true, format: 'host' })
const port = (usual: string): FieldDefinition => ({
  ...base,
  name: 'port',
  type: 'number',
  defaultValue: usual,
  identifiesServer: true,
  format: 'port',
})
const url = (name: string, rules: Rules = {}): FieldDefinition =>
  text(name, { format: 'url', maxLength: MAX_TEXT, ...rules })
const user = (rules: Rules = {}): FieldDefinition => text('user', rules)
const password = secret('password')

const ofKey: Rules = { advanced: true, describes: 'privateKey', maxLength: MAX_TEXT }

/** Free text of a person about a credential. It may well hold secrets, so it is kept and revealed as one. */
const notes = secret('notes', { multiline: true, isSent: false })

const type = (
  fields: readonly FieldDefinition[],
  rules: Partial<Omit<TypeDefinition, 'fields'>> = {},
): TypeDefinition => ({
  hasFreeSecrets: false,
  hasIdentity: false,
  signInSecret: null,
  ...rules,
  fields: [...fields, notes],
})

export const credentialTypeTable: Readonly<Record<CredentialType, TypeDefinition>> = {
  sftp: type(
    [
      host,
      port('22'),
      user({ required: true }),
      password,
      secret('privateKey', { multiline: true }),
      secret('passphrase'),
      text('certificate', { ...ofKey, multiline: true, format: 'certificate' }),
      text('publicKey', { ...ofKey, isSent: false }),
      { ...base, name: 'keyFile', type: 'file', advanced: true, deviceOnly: true, maxLength: MAX_TEXT },
      flag('agent', { advanced: true, deviceOnly: true }),
    ],
    { hasIdentity: true },
  ),
  smb: type([
    host,
    port('445'),
    text('share', { required: true }),
    text('domain', { advanced: true }),
    user({ required: true }),
    password,
  ]),
  webdav: type([
    url('url', { required: true, identifiesServer: true }),
    user(),
    password,
    secret('bearerToken'),
  ]),
  ftp: type([
    host,
    port('21'),
    // Without encryption the password would travel readable: choosing that is as good as another server.
    choice('tls', ['explicit', 'implicit', 'none'], { identifiesServer: true }),
    user({ required: true }),
    password,
  ]),
  s3: type([
    url('endpoint', { identifiesServer: true }),
    text('region'),
    text('bucket', { required: true }),
    text('accessKeyId', { required: true }),
    secret('secretAccessKey'),
    secret('sessionToken', { advanced: true, multiline: true }),
    flag('pathStyle', { advanced: true }),
  ]),
  oauth: type(
    [
      choice('provider', ['google-drive', 'onedrive', 'dropbox', 'box', 'other'], { identifiesServer: true }),
      text('account', { identifiesServer: true }),
      text('clientId', { advanced: true }),
      secret('clientSecret', { advanced: true }),
      // A refresh token has exactly one owner: two devices refreshing the same one would log each other out.
      secret('token', { multiline: true, deviceOnly: true }),
    ],
    { signInSecret: 'token' },
  ),
  generic: type([user(), url('url'), password], { hasFreeSecrets: true }),
}

/**
 * What a free secret may be called: 1 to 64 characters, beginning with a letter or digit, without control characters, `=`
 * (which parts name and value on a command line) or spaces at the end; NFC.
 */
export const SecretName = z.string().refine(isSecretName)

/** The same by hand: an import asks it of a hundred thousand names. */
export function isSecretName(name: string): boolean {
  return /^[\p{L}\p{N}](?:[^\p{C}=]{0,62}[^\p{C}\s=])?$/u.test(name) && name.normalize('NFC') === name
}

/** The definition of a field or secret of this kind; that of a free secret when there is none by this name. Null when unknown. */
export function fieldOf(kind: CredentialType, name: string): FieldDefinition | null {
  const { fields, hasFreeSecrets } = credentialTypeTable[kind]
  const known = fields.find((field) => field.name === name)
  if (known !== undefined) return known
  return hasFreeSecrets && isSecretName(name) ? secret(name, { multiline: true }) : null
}
