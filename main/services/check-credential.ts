import { AppError } from '../model/app-error.ts'
import type { CredentialFields, CredentialType } from '../model/credential.ts'
import type { FieldInfo } from '../contract/calls.ts'
import { credentialTypes } from './credential-types.ts'

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
  checkFieldNames({ type, fields, secretNames })
  for (const field of fieldsOf(type)) {
    const value = field.type === 'secret' ? undefined : fields[field.name]
    const problem = value === undefined || value === '' ? missing(field) : misfit(field, value)
    if (problem !== null) throw wrong(field.name, problem)
  }
}

/**
 * Refuses names alone: fields and secrets that the kind of server does not have, so that a secret is never kept or sent on
 * as a field that lists show. Throws AppError('bad-request') naming the field, never its value.
 */
export function checkFieldNames({ type, fields, secretNames }: CredentialContent): void {
  const known = fieldsOf(type)
  for (const name of Object.keys(fields)) {
    if (!known.some((field) => field.name === name && field.type !== 'secret')) {
      throw wrong(name, 'there is no such field')
    }
  }
  for (const name of secretNames) {
    if (!known.some((field) => field.name === name && field.type === 'secret')) {
      throw wrong(name, 'there is no such secret')
    }
  }
}

function fieldsOf(type: CredentialType): readonly FieldInfo[] {
  return credentialTypes().find((one) => one.type === type)?.fields ?? []
}

function missing(field: FieldInfo): string | null {
  return field.required && field.type !== 'secret' ? 'it is required' : null
}

function misfit(field: FieldInfo, value: string): string | null {
  if (field.name === 'port' && !(/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535))
    return 'a number from 1 to 65535 is expected'
  if (field.type === 'number' && !/^\d{1,15}$/.test(value)) return 'a whole number is expected'
  if (field.type === 'boolean' && value !== 'true' && value !== 'false') return 'true or false is expected'
  if (field.choices.length > 0 && !field.choices.includes(value))
    return `one of ${field.choices.join(', ')} is expected`
  return null
}

function wrong(field: string, why: string): AppError {
  return new AppError('bad-request', 'credential field', { details: { field, why } })
}
