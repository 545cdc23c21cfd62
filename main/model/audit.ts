import * as z from 'zod'
import { IsoTime, Name, Uuid } from './ids.ts'

const count = z.int().min(0)

/** What is written down. Reading lists is not: every look at the window would be one. */
export const AuditEvent = z.enum([
  'created',
  'unlocked',
  'password-changed',
  'settings-changed',
  'key-cached',
  'slot-added',
  'slot-removed',
  'key-rotated',
  'restored',
  'repaired',
  'added',
  'edited',
  'removed',
  'imported',
  'revealed',
  'copied',
  'history-revealed',
  'history-restored',
  'history-purged',
  'exported',
  'granted',
  'used',
])
export type AuditEvent = z.infer<typeof AuditEvent>

const Named = z.object({ id: Uuid, name: z.string() })

/** The sealed part of an entry: what happened, in names of that moment, and never a secret. */
export const AuditDetail = z.object({
  time: IsoTime,
  event: AuditEvent,
  credential: Named.nullable().default(null),
  /** Name of a secret field. */
  field: z.string().max(100).nullable().default(null),
  job: Named.nullable().default(null),
  /** Of credentials imported or exported, of slots, of records repaired. */
  count: count.nullable().default(null),
  /** Wrong passwords since the unlock before. */
  failures: count.nullable().default(null),
  /** One word more: a slot's type, an export's format, `keychain` for an unlock without a password, what proved a change. */
  detail: z.string().max(100).nullable().default(null),
  /** The writer found `torn` lines that a crash left, or its own end `lost` and began anew. */
  note: z.enum(['torn', 'lost']).nullable().default(null),
  /** Entries before this one that could not be written at all. */
  missed: count.default(0),
})
export type AuditDetail = z.infer<typeof AuditDetail>

export const AuditEntry = AuditDetail.extend({ n: count })
export type AuditEntry = z.infer<typeof AuditEntry>

/** What main knows and the vault does not. */
export const AuditNote = z.object({
  event: z.enum([
    'exported',
    'imported',
    'slot-added',
    'slot-removed',
    'key-rotated',
    'history-revealed',
    'history-restored',
    'history-purged',
  ]),
  /** Its name is looked up by the vault. */
  credentialId: Uuid.nullable().optional(),
  field: Name.nullable().optional(),
  count: count.nullable().optional(),
  detail: z.string().max(100).nullable().optional(),
})
export type AuditNote = z.infer<typeof AuditNote>

/**
 * What is wrong with the chain at entry `n`: `edited` = not what we wrote, `removed` = entries before it are gone, `moved` = not in
 * its place, `cut` = the newest are gone, `head` = the record of the end is gone or not ours, `lost` = both were gone and it began anew.
 */
export const AuditProblem = z.object({
  n: count.nullable(),
  what: z.enum(['edited', 'removed', 'moved', 'cut', 'head', 'lost']),
})
export type AuditProblem = z.infer<typeof AuditProblem>

export const AuditQuery = z.object({
  /** Only entries before this number; null = from the newest. */
  before: count.nullable(),
  limit: z.int().min(1).max(500),
  credential: Uuid.nullable(),
})
export type AuditQuery = z.infer<typeof AuditQuery>

/** A page, newest first, and what the whole record is worth. */
export const AuditPage = z.object({
  entries: z.array(AuditEntry),
  more: z.boolean(),
  /** Entries that are kept, of every credential. */
  total: count,
  problems: z.array(AuditProblem),
  /** A crash cut off the last line; what it said is not known. */
  torn: z.boolean(),
  /** Entries waiting to be written, because the disk refused them. */
  unwritten: count,
})
export type AuditPage = z.infer<typeof AuditPage>
