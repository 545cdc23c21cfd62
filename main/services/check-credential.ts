import { AppError } from '../model/app-error.ts'
import type { CredentialFields, SecretValues } from '../model/credential.ts'
import { credentialTypeTable, fieldOf } from '../model/credential-types.ts'
import type { CredentialType, FieldDefinition } from '../model/credential-types.ts'
import { fieldProblem, secretProblem } from '../model/field-values.ts'

/** What a credential would hold: field values as text, and the names of the secrets that are given. */
export type CredentialContent = {
  readonly type: CredentialType
  readonly fields: CredentialFields
  readonly secretNames: readonly string[]
}

/**
 * Refuses fields that the kind of server does not have, values that cannot be right, and required fields left out, while
 * somebody is there to correct them. Throws AppError('bad-request') naming the field, never its value.
 */
export function checkCredential({ type, fields, secretNames }: CredentialContent): void {
  checkFieldValues({ type, fields, secretNames })
  for (const { name, type: kind, required } of credentialTypeTable[type].fields) {
    const isMissing = fields[name] === undefined || fields[name] === ''
    if (kind !== 'secret' && required && isMissing) throw wrong(name, 'it is required')
  }
}

/** The same for what may be incomplete, such as an import: what is there must be right. */
export function checkFieldValues({ type, fields, secretNames }: CredentialContent): void {
  checkFieldNames({ type, fields, secretNames })
  for (const [name, value] of Object.entries(fields)) {
    const problem = fieldProblem(known(type, name), value)
    if (problem !== null) throw wrong(name, problem)
  }
}

/** Refuses secrets that cannot be right. Throws AppError('bad-request') naming the field, never its value. */
export function checkSecrets(type: CredentialType, secrets: SecretValues): void {
  checkFieldNames({ type, fields: {}, secretNames: Object.keys(secrets) })
  for (const [name, value] of Object.entries(secrets)) {
    const problem = secretProblem(known(type, name), value)
    if (problem !== null) throw wrong(name, problem)
  }
}

/** Refuses a pin for a kind of server that proves no identity: it would look trusted and be checked by nobody. */
export function checkIdentity(type: CredentialType, hostKey: string | null): void {
  if (hostKey !== null && !credentialTypeTable[type].hasIdentity)
    throw wrong('hostKey', 'this kind of server has no identity to trust')
}

/**
 * Refuses names alone: fields and secrets that the kind of server does not have, so that a secret is never kept or sent on
 * as a field that lists show. Throws AppError('bad-request') naming the field, never its value.
 */
export function checkFieldNames({ type, fields, secretNames }: CredentialContent): void {
  for (const name of Object.keys(fields)) {
    const field = fieldOf(type, name)
    if (field === null || field.type === 'secret') throw wrong(name, 'there is no such field')
  }
  for (const name of secretNames) {
    if (fieldOf(type, name)?.type !== 'secret') throw wrong(name, 'there is no such secret')
  }
}

function known(type: CredentialType, name: string): FieldDefinition {
  const field = fieldOf(type, name)
  if (field === null) throw wrong(name, 'there is no such field')
  return field
}

function wrong(field: string, why: string): AppError {
  return new AppError('bad-request', 'credential field', { details: { field, why } })
}
