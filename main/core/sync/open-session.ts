import { AppError } from '../../model/app-error.ts'
import { toHex, utf8 } from '../crypto/bytes.ts'
import { hmacSha256, sha256Hex } from '../crypto/sha256.ts'
import type { Remote } from '../remote/remote.ts'
import type { SideName } from './file-state.ts'
import { openJobDatabase } from './job-database.ts'
import { createPlanStore } from './plan-store.ts'
import { createProgress } from './progress.ts'
import type { Session, Side } from './session.ts'
import type { SyncContext } from './sync-api.ts'

/** What a disk may still have lost in a power cut, although it said that it was written. */
const RECENT_MS = 60 * 60 * 1000

/** Checks what the job asks for and opens its database. Throws AppError `unsupported` or `bad-request`. */
export function openSession(
  context: SyncContext,
  { run, signal }: { readonly run: string; readonly signal: AbortSignal },
): Session {
  const { job, clock } = context
  if (job.mode === 'two-way') throw new AppError('unsupported', 'sync: two-way jobs cannot run yet')
  if (job.direction === null) throw new AppError('bad-request', 'sync: the job has no direction')
  if (job.safety !== null && (context.safety ?? null) === null) {
    throw new AppError('unsupported', 'sync: no place was opened for the safety folder of the job')
  }
  const local = side('local', context.local)
  const remote = side('remote', context.remote)
  const isPush = job.direction === 'push'
  const database = openJobDatabase(context.database)
  const pair = pairOf(context)
  if (database.fact('pair') !== pair) {
    // Another place: what is known about the old one says nothing about it and could delete its files.
    database.forgetPlaces()
    database.setFact('pair', pair)
  }
  return {
    context,
    database,
    plans: createPlanStore(context.database, context.planKey),
    source: isPush ? local : remote,
    target: isPush ? remote : local,
    mode: job.mode,
    foldCase: context.local.features.caseInsensitive || context.remote.features.caseInsensitive,
    signature: digest([pair, job.mode, job.direction, job.filters, job.safety]),
    prefix: run.slice(0, 8),
    startedAt: clock.now(),
    progress: createProgress({ run, job: job.id }, clock, (progress) => context.onProgress(progress)),
    signal,
  }
}

function side(name: SideName, remote: Remote): Side {
  return { name, remote, isCheap: name === 'local' || remote.kind === 'local' || remote.hash !== undefined }
}

/**
 * Names the two places. A credential that was moved to another server, or signs in as somebody else, leads to another place
 * under the same path. Under a key, because a plain hash of a host can be guessed: the baseline names no server and no root.
 */
function pairOf({ job, target, planKey }: SyncContext): string {
  const places = JSON.stringify([job.id, job.credential, target, job.local, job.remote])
  return toHex(hmacSha256(planKey, utf8(`fernsync-pair/1\n${places}`)))
}

function digest(value: unknown): string {
  return sha256Hex(utf8(JSON.stringify(value)))
}

/** From when on recorded files are hashed again: after an unclean boot, and after a run that did not come to its end. */
export function recheckTime({ database, context, prefix }: Session): number | null {
  const previous = database.previousRun(prefix)
  if (previous === null) return null
  if (context.recheck) return previous.startedAt - RECENT_MS
  return previous.hasEnded ? null : previous.startedAt
}
