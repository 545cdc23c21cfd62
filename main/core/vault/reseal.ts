import { AppError } from '../../model/app-error.ts'
import type { Random } from '../ports/random.ts'
import type { Pacer } from './pacer.ts'
import { recordEntry } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import { resealPart } from './record-parts.ts'
import type { PartPlace } from './record-parts.ts'
import type { PastRevision, StoredRecord } from './record-schema.ts'
import { newer } from './vault-errors.ts'

/** From one vault key to another. Both keys stay the caller's. */
export type Reseal = {
  readonly from: Uint8Array
  readonly to: Uint8Array
  /** Generation of the key that is sealed to. */
  readonly gen: number
  readonly scope: PartPlace['scope']
  readonly vault: string
  readonly random: Random
  readonly pacer: Pacer
  /** Told after each record, how many are done; throws to stop. */
  readonly onRecord: (done: number) => void
}

const KNOWN = new Set(['id', 'rev', 'dev', 'gen', 'deleted', 'meta', 'secret', 'hist'])

/**
 * Every part of every revision under the other key, everything else as it is: revisions and devices stay, since nothing of the
 * contents changed. Throws AppError('vault-newer') for parts of newer programs, which would be unreadable afterwards, and
 * ('vault-damaged') for one that does not decrypt: a rotation must not bury it.
 */
export async function resealRecords(
  records: ReadonlyMap<string, RecordEntry>,
  reseal: Reseal,
): Promise<Map<string, RecordEntry>> {
  const sealed = new Map<string, RecordEntry>()
  for (const [id, { record }] of records) {
    sealed.set(id, recordEntry(resealRecord(record, reseal)))
    reseal.onRecord(sealed.size)
    const rest = reseal.pacer.rest()
    if (rest !== null) await rest
  }
  return sealed
}

function resealRecord(record: StoredRecord, reseal: Reseal): StoredRecord {
  const { id, hist } = record
  return {
    ...record,
    ...resealed(id, record, reseal),
    hist: hist.map((past): PastRevision => ({ ...past, ...resealed(id, past, reseal) })),
  }
}

type Parts = Pick<PastRevision, 'gen' | 'meta' | 'secret'>

function resealed(id: string, revision: PastRevision, reseal: Reseal): Parts {
  const { scope, vault, gen, random } = reseal
  const { rev, dev, meta, secret } = revision
  if (Object.entries(revision).some(([name, value]) => !KNOWN.has(name) && isPart(value)))
    throw newer('part of another kind')
  const place = { scope, vault, id, rev, dev } as const
  return {
    gen,
    ...(meta === undefined ? {} : { meta: resealPart(reseal, { ...place, part: 'meta' }, meta, random) }),
    ...(secret === undefined
      ? {}
      : { secret: resealPart(reseal, { ...place, part: 'secret' }, secret, random) }),
  }
}

/** Unlike the fields it cannot know, a sealed part of a newer program shows by its token. */
function isPart(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'token' in value
}

/** Throws AppError('cancelled') once `signal` has aborted. */
export function stopIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('cancelled', 'rotation: cancelled before anything was written')
}
