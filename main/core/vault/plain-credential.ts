import { CredentialType, SecretName } from '../../model/credential-types.ts'
import type { CredentialMeta } from './record-kinds.ts'
import type { Payload } from './record-parts.ts'

const types: ReadonlySet<unknown> = new Set(CredentialType.options)
const FIELD_NAME = /^[a-zA-Z][a-zA-Z0-9]{0,31}$/
const MAX_FIELD_CHARS = 4096
/** Only times that are valid in every month: which others are is the schema's to know. */
const TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

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
    types.has(type) &&
    areFields(fields) &&
    Array.isArray(secrets) &&
    secrets.every(isSecretName) &&
    (hostKey === null || typeof hostKey === 'string') &&
    Array.isArray(tags) &&
    tags.every((tag) => typeof tag === 'string') &&
    isTime(created) &&
    isTime(changed) &&
    expires === null
  )
}

function areFields(fields: unknown): boolean {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return false
  return Object.entries(fields).every(
    ([name, value]: [string, unknown]) =>
      FIELD_NAME.test(name) && typeof value === 'string' && value.length <= MAX_FIELD_CHARS,
  )
}

/** The few names there are; others are asked about once. */
const secretNames = new Set<unknown>()
const MAX_NAMES = 100

function isSecretName(name: unknown): boolean {
  if (secretNames.has(name)) return true
  if (!SecretName.safeParse(name).success) return false
  if (secretNames.size < MAX_NAMES) secretNames.add(name)
  return true
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && TIME.test(value)
}
