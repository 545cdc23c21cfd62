import type { CredentialType } from '../../model/credential.ts'

/** What the vault must know of a kind's fields; the connector declares the same of itself, and a test compares them. */
export type FieldRules = {
  /** Exist on one device only: kept in local.json, never replicated. */
  readonly deviceOnly: readonly string[]
  /** Name the server, with the value an absent field stands for: a change drops secrets and pin. */
  readonly identifiesServer: Readonly<Record<string, string>>
}

/** The vault's process holds no connector, so the rules it needs are data of its own. */
export const fieldRules: Readonly<Record<CredentialType, FieldRules>> = {
  sftp: { deviceOnly: ['keyFile', 'agent'], identifiesServer: { host: '', port: '22' } },
}

type Fields = Readonly<Record<string, string>>

export function splitFields(type: CredentialType, fields: Fields): { shared: Fields; device: Fields } {
  const { deviceOnly } = fieldRules[type]
  const entries = Object.entries(fields)
  return {
    shared: Object.fromEntries(entries.filter(([name]) => !deviceOnly.includes(name))),
    device: Object.fromEntries(entries.filter(([name]) => deviceOnly.includes(name))),
  }
}

/** True when both sets of fields send a credential to the same place. */
export function isSameServer(type: CredentialType, before: Fields, after: Fields): boolean {
  const defaults = Object.entries(fieldRules[type].identifiesServer)
  return defaults.every(([name, unset]) => (before[name] ?? unset) === (after[name] ?? unset))
}
