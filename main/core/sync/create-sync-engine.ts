import { AppError } from '../../model/app-error.ts'
import type { Preview } from '../../model/run.ts'
import { rootMissingGuard } from './guards.ts'
import { storePlan } from './store-plan.ts'
import { toPlanItem, totalsOf } from './plan.ts'
import { prepare } from './prepare.ts'
import { inspectRoots } from './roots.ts'
import { runJob } from './run-job.ts'
import { openSession, recheckTime } from './open-session.ts'
import { codeOf } from './session.ts'
import type { SyncContext, SyncEngine } from './sync-api.ts'

/** Items of a preview that are sent to a screen; the stored plan has all of them. */
const MAX_SHOWN = 5000

/** The sync engine: scan, compare, plan, guards, execute, verify, commit. It keeps no state between calls. */
export function createSyncEngine(): SyncEngine {
  return { previewJob, runJob }
}

/**
 * Plans without touching either side and stores the plan, so that exactly what is shown can be run. Rejects with AppError of the
 * code that a run would have ended with.
 */
async function previewJob(context: SyncContext, planId: string): Promise<Preview> {
  try {
    const session = openSession(context, { run: planId, signal: context.signal })
    const roots = await inspectRoots(session)
    const none = { plan: planId, job: context.job.id, ...totalsOf([], 0), items: [], itemsTotal: 0 }
    if (roots.missing !== null) return { ...none, guards: [rootMissingGuard(roots.missing)] }
    const prepared = await prepare(session, roots, recheckTime(session))
    storePlan(session, { id: planId, prepared, roots, guards: prepared.guards })
    const { steps, unchanged } = prepared.draft
    const sides = { source: session.source.name, target: session.target.name }
    return {
      ...none,
      ...totalsOf(steps, unchanged),
      guards: [...prepared.guards],
      items: steps.slice(0, MAX_SHOWN).map((step) => toPlanItem(step, sides)),
      itemsTotal: steps.length,
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError(codeOf(error), 'preview: could not be made', { cause: error })
  }
}
