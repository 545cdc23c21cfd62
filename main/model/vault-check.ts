import * as z from 'zod'
import { IsoTime, Uuid } from './ids.ts'

const count = z.int().min(0)

/** What is wrong with vault.json as a whole. */
export const FileFault = z.enum([
  /** There is no vault.json. */
  'missing',
  /** It is not JSON any more, as after a cut; what could be read by line was. */
  'unreadable',
  /** Its top level (versions, counters, ways to unlock) cannot be used. */
  'header',
  /** It is not what a holder of the vault key wrote. */
  'changed',
  /** It is sound, and older than what this device has seen. */
  'rolled-back',
])
export type FileFault = z.infer<typeof FileFault>

/** What is wrong with one part of a record. */
export const RecordFault = z.enum([
  /** The record's text cannot be read. */
  'unreadable',
  /** Two records under one id. */
  'doubled',
  /** It does not decrypt: changed, or moved here from elsewhere. */
  'not-opened',
  /** It decrypts and holds something that no Fernsync writes there. */
  'wrong-content',
  /** The record is gone, and a copy has it or this device wrote it. */
  'missing',
  /** A copy has a later revision. */
  'older',
  /** This device wrote a later revision, and no copy has it. */
  'outdated',
  /** A sound copy has the same revision, or this device wrote it, with other content around it. */
  'differs',
])
export type RecordFault = z.infer<typeof RecordFault>

/** `record` = the whole of it; `history` = the past revision `rev`. */
export const FaultyPart = z.object({
  part: z.enum(['record', 'meta', 'secret', 'history']),
  rev: count.nullable(),
  fault: RecordFault,
})
export type FaultyPart = z.infer<typeof FaultyPart>

export const DamagedRecord = z.object({
  /** Null for a text in which no id can be read. */
  id: Uuid.nullable(),
  /** Null when neither the record nor a copy tells. */
  name: z.string().nullable(),
  /** credential, job, device, settings, or of a newer program; null when nothing tells. */
  kind: z.string().nullable(),
  parts: z.array(FaultyPart),
  /**
   * `restore` = from copy `generation`, or from its own history when that is null; `mend` = its present revision is sound, and past ones
   * are restored or dropped; `lost` = nothing intact is known.
   */
  remedy: z.enum(['restore', 'mend', 'lost']),
  generation: count.nullable(),
  /** Revision that is or would be in force afterwards; null when lost. */
  rev: count.nullable(),
  /** When that revision was written; null when unknown. */
  changed: IsoTime.nullable(),
  /** Past revisions that no copy has either. */
  dropped: count,
})
export type DamagedRecord = z.infer<typeof DamagedRecord>

/** `other-vault`, `other-key` = of another vault or sealed under another key; both say nothing about ours. */
export const CopyState = z.enum(['intact', 'damaged', 'unreadable', 'other-vault', 'other-key'])
export type CopyState = z.infer<typeof CopyState>

/** Everything `vault verify` finds; nothing in it is secret but the names. */
export const VaultCheck = z.object({
  /** Nothing at all is wrong, or, after a repair, nothing is any more. */
  ok: z.boolean(),
  vault: Uuid,
  faults: z.array(FileFault),
  /** Records in vault.json, removed ones included. */
  records: count,
  /** Encrypted parts that were opened in vault.json, its history included. */
  tokens: count,
  damaged: z.array(DamagedRecord),
  local: z.object({
    state: z.enum(['absent', 'intact', 'damaged']),
    records: count,
    /** Records whose device data cannot be read, and are not in the copy beside it. */
    lost: count,
  }),
  generations: z.array(z.object({ n: count, state: CopyState, records: count, damaged: count })),
  repaired: z.boolean(),
  /** Folder below the home that keeps the damaged files; null when nothing was repaired. */
  keptAs: z.string().nullable(),
})
export type VaultCheck = z.infer<typeof VaultCheck>

/** How far a check is; `total` grows while files are still read. */
export const CheckProgress = z.object({ done: count, total: count })
export type CheckProgress = z.infer<typeof CheckProgress>
