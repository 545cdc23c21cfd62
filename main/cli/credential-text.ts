import { daysUntil, expiryTone, expiryWords } from '../messages/en/expiry.ts'
import { AppError } from '../model/app-error.ts'
import type { Credential } from '../model/credential.ts'
import { CredentialType, credentialTypeTable } from '../model/credential-types.ts'
import { canConnect } from '../services/credential-types.ts'

/** Where a credential leads, in one word; empty when it names no place. */
export function targetText({ type, fields }: Credential): string {
  const { host, port, user } = fields
  if (host !== undefined) return `${user ?? ''}@${host}:${port ?? ''}`
  if (type === 's3')
    return [fields['endpoint'], fields['bucket']].filter((one) => one !== undefined).join(' ')
  if (type === 'oauth')
    return [fields['provider'], fields['account']].filter((one) => one !== undefined).join(' ')
  return fields['url'] ?? user ?? ''
}

/** The one thing about a credential that a person should know first. `now` in milliseconds since 1970. */
export function stateText(one: Credential, now: number): string {
  if (one.blocked !== null) return 'needs sign-in'
  if (one.needsSignInHere) return 'needs sign-in on this device'
  const days = one.expires === null ? null : daysUntil(one.expires, now)
  if (days !== null && expiryTone(days) !== 'later') return expiryText(one.expires ?? '', now)
  if (hasIdentity(one.type) && one.hostKey === null) return 'identity not confirmed'
  return canConnect(one.type) ? 'ok' : 'kept'
}

export function expiryText(expires: string, now: number): string {
  return expiryWords(daysUntil(expires, now)).toLowerCase()
}

export function hasIdentity(type: CredentialType): boolean {
  return credentialTypeTable[type].hasIdentity
}

export function unknownType(type: string): AppError {
  const known = CredentialType.options.join(', ')
  return new AppError('unsupported', 'unknown type', { details: { type, known } })
}
