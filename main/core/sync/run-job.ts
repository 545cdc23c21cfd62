import type { ErrorCode } from '../../model/error-codes.ts'
import type { GuardHit, RunSummary } from '../../model/run.ts'
import { createCommitter } from './committer.ts'
import { execute } from './execute.ts'
import { clockGuard, CLOCK_OFF_MS, rootMissingGuard } from './guards.ts'
import { openSession, recheckTime } from './open-session.ts'
import { createPlacer } from './place.ts'
import { totalsOf } from './plan.ts'
import type { PlanStep } from './plan.ts'
import { prepare } from './prepare.ts'
import type { Prepared } from './prepare.ts'
import { recoverReplacements, removeLeftovers } from './recover.ts'
import { claimRoots, expectSameRoots, inspectRoots, jobFolder } from './roots.ts'
import type { Roots } from './roots.ts'
import { createSafety, pruneSafety } from './safety.ts'
import type { SafetyOptions } from './safety.ts'
import { codeOf } from './session.ts'
import type { Session } from './session.ts'
import { storePlan } from './store-plan.ts'
import type { RunOutcome, RunRequest, SyncContext } from './sync-api.ts'
import { createTally } from './tally.ts'
import type { RunEnd, Tally } from './tally.ts'

/** Safety folders are looked through once a day. */
const PRUNE_EVERY_MS = 24 * 60 * 60 * 1000
/** Rows that need no transfer are recorded in larger batches; nothing waits for them. */
const QUIET_BATCH = 1000

/** How a run stands when it has ended, beside its tally. */
type Ending = {
  readonly end: RunEnd | null
  readonly plan: string | null
  readonly guards: readonly GuardHit[]
}

/** A run from start to end: what stops it, what it has counted. */
type Run = {
  readonly session: Session
  readonly request: RunRequest
  readonly tally: Tally
  readonly stop: (code: ErrorCode) => void
  readonly ended: () => RunEnd | null
}

/** Carries out one run. Never rejects for what the remotes, the database or the job do: the summary says it. */
export async function runJob(context: SyncContext, request: RunRequest): Promise<RunOutcome> {
  const started = context.clock.now()
  const startedTick = context.clock.monotonic()
  const tally = createTally()
  const { end, plan, guards } = await endOf(context, request, tally)
  const summary: RunSummary = {
    run: request.run,
    job: context.job.id,
    ...tally.result(end),
    moved: 0,
    conflicts: 0,
    durationMs: Math.max(0, Math.round(context.clock.monotonic() - startedTick)),
    started: new Date(started).toISOString(),
    ended: new Date(context.clock.now()).toISOString(),
    trigger: request.trigger,
    plan,
  }
  context.log.info('sync.ended', { run: summary.run, state: summary.state, reason: summary.reason })
  return { summary, guards: [...guards] }
}

async function endOf(context: SyncContext, request: RunRequest, tally: Tally): Promise<Ending> {
  const stopper = createStopper(context.signal)
  try {
    const session = openSession(context, { run: request.run, signal: stopper.signal })
    const run: Run = { session, request, tally, stop: stopper.stop, ended: stopper.ended }
    return await tracked(run)
  } catch (error) {
    const code = codeOf(error)
    const isOurs = code === 'internal' && error instanceof Error
    if (isOurs) context.log.error('sync.internal', { run: request.run, error: error.name })
    const end = stopper.ended() ?? { state: 'failed', reason: code }
    return { end, plan: null, guards: [] }
  } finally {
    stopper.release()
  }
}

/** Joins the caller's cancel and our own stop into one signal. The first reason wins. */
function createStopper(outer: AbortSignal): {
  readonly signal: AbortSignal
  readonly stop: (code: ErrorCode) => void
  readonly ended: () => RunEnd | null
  readonly release: () => void
} {
  const inner = new AbortController()
  let end: RunEnd | null = null
  const cancel = (): void => {
    end ??= { state: 'cancelled', reason: 'cancelled' }
    inner.abort()
  }
  if (outer.aborted) cancel()
  else outer.addEventListener('abort', cancel, { once: true })
  return {
    signal: inner.signal,
    stop(code) {
      end ??= { state: 'failed', reason: code }
      inner.abort()
    },
    ended: () => end,
    release: () => outer.removeEventListener('abort', cancel),
  }
}

/** Remembers the run in the job's database, so that its temp files and its interruption can be recognised. */
async function tracked(run: Run): Promise<Ending> {
  const { database, prefix, startedAt, context } = run.session
  const recheckFrom = recheckTime(run.session)
  database.beginRun(prefix, startedAt)
  try {
    return await planAndExecute(run, recheckFrom)
  } finally {
    database.endRun(prefix, context.clock.now())
  }
}

async function planAndExecute(run: Run, recheckFrom: number | null): Promise<Ending> {
  const { session, request } = run
  session.progress.phase('connecting')
  const roots = await inspectRoots(session)
  if (roots.missing !== null) {
    const guards = [rootMissingGuard(roots.missing)]
    return { end: { state: 'stopped', reason: 'root-missing' }, plan: null, guards }
  }
  if (request.approve !== null) return runStored(run, roots, request.approve)
  if (!roots.isReplaced) await recoverReplacements(session, run.tally)
  const prepared = await prepare(session, roots, recheckFrom)
  if (prepared.guards.length > 0) return stopAtGuards(run, { prepared, roots, guards: prepared.guards })
  const isIdle = prepared.draft.steps.every((step) => step.action === 'skip')
  // A run that changes nothing writes nothing, except for the marker that the next run has to find.
  const isClaimed = session.database.fact(`marker.${session.target.name}`) !== null
  const clockOffMs = isIdle && isClaimed ? 0 : await claimRoots(session, roots)
  const late = clockGuard(clockOffMs)
  if (late.length > 0) return stopAtGuards(run, { prepared, roots, guards: late })
  commitQuietly(session, prepared)
  await removeLeftovers(session, prepared.leftovers)
  for (const problem of prepared.draft.problems) run.tally.problem(problem)
  await carryOut(run, { steps: prepared.draft.steps, scannedAt: prepared.scannedAt, isStored: false })
  await finish(run, { isComplete: prepared.draft.isComplete, clockOffMs })
  return { end: run.ended(), plan: null, guards: [] }
}

function stopAtGuards(
  { session }: Run,
  { prepared, roots, guards }: { prepared: Prepared; roots: Roots; guards: readonly GuardHit[] },
): Ending {
  const id = session.context.random.uuid()
  storePlan(session, { id, prepared, roots, guards })
  const reason = guards.some((hit) => hit.code === 'root-replaced') ? 'root-replaced' : 'guard-stopped'
  return { end: { state: 'stopped', reason }, plan: id, guards }
}

/** Carries out exactly the plan that a person has seen. */
async function runStored(run: Run, roots: Roots, id: string): Promise<Ending> {
  const { session } = run
  const plan = session.plans.load(id, session.signature, session.context.clock.now())
  expectSameRoots(session, plan.header, roots)
  if (!roots.isReplaced) await recoverReplacements(session, run.tally)
  const clockOffMs = await claimRoots(session, roots)
  const { scannedAt, isComplete } = plan.header
  await carryOut(run, { steps: plan.steps, scannedAt, isStored: true })
  await finish(run, { isComplete, clockOffMs })
  if (run.ended() === null) session.plans.remove(id)
  return { end: run.ended(), plan: id, guards: [] }
}

function commitQuietly({ database, source }: Session, { changes }: Prepared): void {
  for (let start = 0; start < changes.length; start += QUIET_BATCH) {
    database.commit(source.name, changes.slice(start, start + QUIET_BATCH))
  }
}

function safetyOptions(session: Session): SafetyOptions {
  const { context, target, startedAt } = session
  const elsewhere = context.safety ?? null
  return { target: target.remote, elsewhere, jobFolder: jobFolder(session), startedAt }
}

type Work = { readonly steps: readonly PlanStep[]; readonly scannedAt: number; readonly isStored: boolean }

async function carryOut({ session, tally, stop, ended }: Run, work: Work): Promise<void> {
  const { counts, bytes } = totalsOf(work.steps, 0)
  session.progress.phase('transferring')
  session.progress.totals(counts.copy + counts.update + counts.delete, bytes)
  const safety = createSafety(safetyOptions(session))
  const placer = createPlacer({ session, safety, isStored: work.isStored })
  const committer = createCommitter(session, session.context.safety ?? null)
  const isStopped = (): boolean => ended() !== null
  try {
    await execute(
      { session, placer, committer, tally, scannedAt: work.scannedAt, stop, isStopped },
      work.steps,
    )
  } finally {
    session.progress.phase('finishing')
    await committer.finish()
  }
}

/** What follows a run that came to its end: the first run counts as done, and old safety folders go. */
async function finish(
  { session, ended }: Run,
  { isComplete, clockOffMs }: { readonly isComplete: boolean; readonly clockOffMs: number },
): Promise<void> {
  const { database, context, signal } = session
  if (ended() !== null) return
  // Deletions were off when something could not be read, so the first-run guard has not seen them yet.
  if (isComplete) database.setFact('first-run-done', session.signature)
  // Only here: a run that a guard stopped for the clock must not make the wrong time the measure of the next one.
  const now = context.clock.now()
  database.setFact('last-ended', String(now))
  const prunedAt = Number(database.fact('pruned') ?? 0)
  // With a wrong clock every safety folder looks old, or none.
  if (clockOffMs > CLOCK_OFF_MS || Math.abs(now - prunedAt) < PRUNE_EVERY_MS) return
  try {
    await pruneSafety(safetyOptions(session), now, signal)
    database.setFact('pruned', String(now))
  } catch (error) {
    // Old copies that stay for a day more are no reason to call a good run bad.
    context.log.warn('sync.prune-failed', { code: codeOf(error) })
  }
}
