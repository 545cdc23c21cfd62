import * as z from 'zod'
import { DeviceId, Uuid } from '../../model/ids.ts'
import { MAX_COUNTER, MAX_HISTORY, MAX_SECRET_HISTORY, MAX_TOKEN_CHARS } from './vault-limits.ts'

/** Every counter of the format: revisions, epochs, generations. */
export const Counter = z.int().min(1).max(MAX_COUNTER)

/** One encrypted part of a record revision. Unknown fields are kept. */
export const SealedPart = z.looseObject({
  salt: z.string().max(128),
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
