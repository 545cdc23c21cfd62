import { credentialTypeTable, fieldOf } from '../../model/credential-types.ts'
import type { CredentialType } from '../../model/credential-types.ts'

type Fields = Readonly<Record<string, string>>

/** What is shared with other devices, and what exists on this one only. The same for fields and for secrets. */
export function splitFields(type: CredentialType, fields: Fields): { shared: Fields; device: Fields } {
  const isDeviceOnly = (name: string): boolean => fieldOf(type, name)?.deviceOnly === true
  const entries = Object.entries(fields)
  return {
    shared: Object.fromEntries(entries.filter(([name]) => !isDeviceOnly(name))),
    device: Object.fromEntries(entries.filter(([name]) => isDeviceOnly(name))),
  }
}

/** The fields that name the server, with the value an absent one stands for. */
export function serverFields(type: CredentialType): Fields {
  const fields = credentialTypeTable[type].fields.filter(({ identifiesServer }) => identifiesServer)
  return Object.fromEntries(fields.map(({ name, defaultValue }) => [name, defaultValue ?? '']))
}

/** True when both sets of fields send a credential to the same place. */
export function isSameServer(type: CredentialType, before: Fields, after: Fields): boolean {
  const unset = Object.entries(serverFields(type))
  return unset.every(([name, value]) => (before[name] ?? value) === (after[name] ?? value))
}

/** What a connector may be given: without what is kept for people only (notes). */
export function sentOnly(type: CredentialType, values: Fields): Fields {
  return Object.fromEntries(Object.entries(values).filter(([name]) => fieldOf(type, name)?.isSent !== false))
}

/** What stays when the server changes: what no server is ever given. */
export function keptOnly(type: CredentialType, values: Fields): Fields {
  return Object.fromEntries(Object.entries(values).filter(([name]) => fieldOf(type, name)?.isSent === false))
}

type KeyChange = {
  readonly before: Fields
  readonly after: Fields
  /** Names of fields that the same change states, so that they belong to the new secret. */
  readonly given: readonly string[]
}

/** The fields without those that describe a secret which is another one now, such as the public half of a key. */
export function withoutStale(
  type: CredentialType,
  fields: Fields,
  { before, after, given }: KeyChange,
): Fields {
  const isStale = (name: string): boolean => {
    const secret = fieldOf(type, name)?.describes ?? null
    return secret !== null && before[secret] !== after[secret] && !given.includes(name)
  }
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !isStale(name)))
}
