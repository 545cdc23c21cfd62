import * as z from 'zod'
import { Credential } from './credential.ts'
import { CredentialType, isSecretName } from './credential-types.ts'

const types: ReadonlySet<unknown> = new Set(CredentialType.options)
const FIELD_NAME = /^[a-zA-Z][a-zA-Z0-9]{0,31}$/
const MAX_FIELD_CHARS = 4096
const MAX_NAME_CHARS = 100
const MAX_TAGS = 50
const MAX_TAG_CHARS = 100
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const WITHOUT_CONTROL = /^\P{Cc}+$/u
/** Only days and times that are valid in every month: which others are is the schema's to know. */
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$/
const TIME = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/**
 * True for an ordinary credential as a list of the vault holds it, which its schema takes as it is; in a tenth of the time, for lists
 * of 10,000. False means: ask the schema.
 */
export function isPlainListed(value: unknown): value is Credential {
  return (
    isObject(value) && Object.keys(value).length === LISTED_FIELDS && areContents(value) && areFacts(value)
  )
}

/** What a person entered. */
function areContents({ name, type, fields, secrets, hostKey, tags, expires }: Fields): boolean {
  return (
    isName(name) &&
    isCredentialType(type) &&
    areFields(fields) &&
    Array.isArray(secrets) &&
    secrets.every((secret) => isKnownSecretName(secret)) &&
    (hostKey === null || typeof hostKey === 'string') &&
    areTags(tags) &&
    (expires === null || (typeof expires === 'string' && DAY.test(expires)))
  )
}

/** What the program knows of it. */
function areFacts({
  id,
  rev,
  needsSignInHere,
  lastUsed,
  usedBy,
  created,
  changed,
  blocked,
}: Fields): boolean {
  return (
    isUuid(id) &&
    isRevision(rev) &&
    typeof needsSignInHere === 'boolean' &&
    lastUsed === null &&
    Array.isArray(usedBy) &&
    usedBy.every(isUser) &&
    isTime(created) &&
    isTime(changed) &&
    blocked === null
  )
}

type Fields = Readonly<Record<string, unknown>>
/** id, rev, name, type, fields, secrets, hostKey, tags, expires, needsSignInHere, lastUsed, usedBy, created, changed, blocked. */
const LISTED_FIELDS = 15

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isUuid(value: unknown): boolean {
  return typeof value === 'string' && UUID.test(value)
}

function isRevision(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}

/** One that the schema would not change: it puts names in the normal form C. */
function isName(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value.length <= MAX_NAME_CHARS &&
    WITHOUT_CONTROL.test(value) &&
    value.trim() === value &&
    value.normalize('NFC') === value
  )
}

function areTags(value: unknown): boolean {
  const isTag = (tag: unknown): boolean => typeof tag === 'string' && tag.length <= MAX_TAG_CHARS
  return Array.isArray(value) && value.length <= MAX_TAGS && value.every(isTag)
}

function isUser(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.keys(value).length === 2 &&
    isUuid(value['id']) &&
    typeof value['name'] === 'string'
  )
}

/** A credential as lists hold it: the same as {@link Credential}, whose schema is asked only about what is not ordinary. */
export const ListedCredential = z.union([z.custom<Credential>(isPlainListed), Credential])

/** One of the types this program knows. */
export function isCredentialType(value: unknown): boolean {
  return types.has(value)
}

export function areFields(fields: unknown): boolean {
  if (!isObject(fields)) return false
  // Without an array for each field: this is most of what reading 10,000 of them takes.
  for (const name of Object.keys(fields)) {
    const value = fields[name]
    if (typeof value !== 'string' || value.length > MAX_FIELD_CHARS || !isFieldName(name)) return false
  }
  return true
}

/** The few names there are; others are asked about once. */
const isFieldName = remembered((name) => FIELD_NAME.test(name))
export const isKnownSecretName = remembered(isSecretName)
const MAX_NAMES = 100

function remembered(judge: (name: string) => boolean): (name: unknown) => boolean {
  const good = new Set<unknown>()
  return (name) => {
    if (good.has(name)) return true
    if (typeof name !== 'string' || !judge(name)) return false
    if (good.size < MAX_NAMES) good.add(name)
    return true
  }
}

export function isTime(value: unknown): boolean {
  return typeof value === 'string' && TIME.test(value)
}
