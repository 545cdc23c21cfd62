import type { CredentialTypeInfo, FieldInfo } from '../../../main/contract/calls.ts'
import type { Credential } from '../../../main/model/credential.ts'
import { texts } from '../../i18n/en.ts'
import type { SecretGiven } from './made-secret.ts'

/** What a form says of the secrets that were given, as calls take them. Bytes are wiped by whoever sends it. */
export type GivenSecrets = {
  readonly secrets: Record<string, Uint8Array>
  readonly generated: Record<string, string>
}

/** Fields that a form shows as text, in the order of the table. Local paths never come from a page. */
export function plainFields({ fields }: CredentialTypeInfo): FieldInfo[] {
  return fields.filter(({ type }) => type !== 'secret' && type !== 'file')
}

export function secretFields({ fields }: CredentialTypeInfo): FieldInfo[] {
  return fields.filter(({ type, name }) => type === 'secret' && name !== 'notes')
}

/** What stands in a new form, or in one of a stored credential. */
export function startValues(kind: CredentialTypeInfo, stored: Credential | null): Record<string, string> {
  return Object.fromEntries(
    plainFields(kind).map(({ name, defaultValue }) => [name, stored?.fields[name] ?? defaultValue ?? '']),
  )
}

const webAddress = /^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/i

/** What is wrong, by field; empty when nothing is. The main side checks again, by its own table. */
export function formProblems(
  kind: CredentialTypeInfo,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const words = texts.credentials
  const problems: Record<string, string> = {}
  for (const { name, required } of plainFields(kind)) {
    const value = (values[name] ?? '').trim()
    if (value === '' && required) problems[name] = words.required(name)
    else if (value !== '' && !fits(name, value)) problems[name] = words.problem(name)
  }
  return problems
}

function fits(name: string, value: string): boolean {
  if (name === 'host') return /^[^\s/\\@?#]{1,255}$/.test(value)
  if (name === 'port') return /^[1-9]\d{0,4}$/.test(value) && Number(value) <= 65_535
  return name === 'url' || name === 'endpoint' ? webAddress.test(value) : true
}

/** Values as a draft holds them: trimmed, empty ones left out. */
export function draftFields(values: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(values).map(([name, value]): [string, string] => [name, value.trim()])
  return Object.fromEntries(entries.filter(([, value]) => value !== ''))
}

/** The change from what is stored: emptied fields are taken away. */
export function patchFields(
  values: Readonly<Record<string, string>>,
  stored: Credential,
): Record<string, string | null> {
  const after = draftFields(values)
  const gone = Object.keys(values).filter((name) => !(name in after) && stored.fields[name] !== undefined)
  return { ...after, ...Object.fromEntries(gone.map((name) => [name, null])) }
}

/** Sorts what secret fields hold by how it crosses. */
export function collectSecrets(given: Iterable<readonly [string, SecretGiven | null]>): GivenSecrets {
  const secrets: Record<string, Uint8Array> = {}
  const generated: Record<string, string> = {}
  for (const [name, one] of given) {
    if (one?.kind === 'typed') secrets[name] = one.bytes
    else if (one?.kind === 'made') generated[name] = one.token
  }
  return { secrets, generated }
}

export const secretNamePattern = /^[\p{L}\p{N}](?:[^\p{C}=]{0,62}[^\p{C}\s=])?$/u
