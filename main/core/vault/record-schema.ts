import * as z from 'zod'
import { DeviceId, Uuid } from '../../model/ids.ts'
import { MAX_COUNTER, MAX_HISTORY, MAX_SECRET_HISTORY, MAX_TOKEN_CHARS } from './vault-limits.ts'

const MAX_SALT_CHARS = 128

/** Every counter of the format: revisions, epochs, generations. */
export const Counter = z.int().min(1).max(MAX_COUNTER)

/** One encrypted part of a record revision. Unknown fields are kept. */
export const SealedPart = z.looseObject({
  salt: z.string().max(MAX_SALT_CHARS),
  token: z.string().max(MAX_TOKEN_CHARS),
})
export type SealedPart = z.infer<typeof SealedPart>

const revisionShape = {
  /** Lamport counter of the record. */
  rev: Counter,
  /** Device that wrote this revision. */
  dev: DeviceId,
  /** Generation of the vault key it is sealed under. */
  gen: Counter,
  deleted: z.literal(true).optional(),
  meta: SealedPart.optional(),
  secret: SealedPart.optional(),
}

export const PastRevision = z.looseObject(revisionShape)
export type PastRevision = z.infer<typeof PastRevision>

/** A record as it lies in the file. Unknown fields are kept at every level. */
export const StoredRecord = z
  .looseObject({ id: Uuid, ...revisionShape, hist: z.array(PastRevision).max(MAX_HISTORY) })
  .refine((record) => record.deleted === true || (record.meta !== undefined && record.secret !== undefined), {
    message: 'a part is missing',
  })
  .refine((record) => record.hist.filter((past) => past.secret !== undefined).length <= MAX_SECRET_HISTORY, {
    message: 'too many secrets in history',
  })
export type StoredRecord = z.infer<typeof StoredRecord>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const DEVICE_ID = /^d[0-9a-f]{16}$/

/**
 * True for a live record without history and without fields of newer programs, which is what nearly all of 10,000 records are; the
 * schema says the same of them in ten times the time. False means: ask {@link StoredRecord}.
 */
export function isPlainRecord(value: unknown): value is StoredRecord {
  if (!isObject(value) || Object.keys(value).length !== PLAIN_FIELDS) return false
  const { id, rev, dev, gen, meta, secret, hist } = value
  return (
    typeof id === 'string' &&
    UUID.test(id) &&
    typeof dev === 'string' &&
    DEVICE_ID.test(dev) &&
    isCounter(rev) &&
    isCounter(gen) &&
    isPlainPart(meta) &&
    isPlainPart(secret) &&
    Array.isArray(hist) &&
    hist.length === 0
  )
}
/** id, rev, dev, gen, meta, secret, hist. */
const PLAIN_FIELDS = 7

function isPlainPart(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== 2) return false
  const { salt, token } = value
  return (
    typeof salt === 'string' &&
    salt.length <= MAX_SALT_CHARS &&
    typeof token === 'string' &&
    token.length <= MAX_TOKEN_CHARS
  )
}

function isCounter(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_COUNTER
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
