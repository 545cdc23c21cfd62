import { areFields, isCredentialType, isKnownSecretName, isTime } from '../../model/listed-credential.ts'
import type { CredentialMeta } from './record-kinds.ts'
import type { Payload } from './record-parts.ts'

/**
 * The meta of an ordinary credential, as its schema would answer, in a tenth of the time: 10,000 of them are read at each unlock.
 * Null means: ask the schema.
 */
export function plainCredential(payload: Payload): CredentialMeta | null {
  const filled: Payload = 'expires' in payload ? payload : { ...payload, expires: null }
  return isPlain(filled) ? filled : null
}

function isPlain(payload: Payload): payload is CredentialMeta {
  const { _v, _kind, title, type, fields, secrets, hostKey, tags, created, changed, expires } = payload
  return (
    _kind === 'credential' &&
    _v === 1 &&
    typeof title === 'string' &&
    title !== '' &&
    isCredentialType(type) &&
    areFields(fields) &&
    Array.isArray(secrets) &&
    secrets.every((secret) => isKnownSecretName(secret)) &&
    (hostKey === null || typeof hostKey === 'string') &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string') &&
    isTime(created) &&
    isTime(changed) &&
    expires === null
  )
}
