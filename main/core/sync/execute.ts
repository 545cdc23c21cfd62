import type { ErrorCode } from '../../model/error-codes.ts'
import { reactionOf } from '../../model/error-codes.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { Remote } from '../remote/remote.ts'
import type { Committer } from './committer.ts'
import { isRacy } from './compare.ts'
import type { BaselineRow } from './compare.ts'
import type { Placed, Placer } from './place.ts'
import type { PlanStep } from './plan.ts'
import { runPool } from './pool.ts'
import { codeOf, endsRun, keyOf, stale } from './session.ts'
import type { Session } from './session.ts'
import type { Tally } from './tally.ts'

/** Small files are bound by round trips and go many at a time, big ones by bandwidth. */
const MAX_IN_FLIGHT = 64
const BIG_BYTES = 4 * 1024 * 1024
const MAX_BIG_IN_FLIGHT = 4
/** A server that fails this often in a row is not going to recover within the run. */
const MAX_FAILURES_IN_A_ROW = 20

/** Failures that say nothing about the rest: they do not put deletions off. */
const harmless: ReadonlySet<ErrorCode> = new Set([
  'stale-item',
  'source-changed',
  'too-large',
  'invalid-name',
])

export type ExecuteOptions = {
  readonly session: Session
  readonly placer: Placer
  readonly committer: Committer
  readonly tally: Tally
  /** The scan that the steps come from, for telling which files were written too close to it. */
  readonly scannedAt: number
  /** Called once with the first code that ends the run; aborts `session.signal`. */
  readonly stop: (code: ErrorCode) => void
  readonly isStopped: () => boolean
}

/**
 * Carries out a plan: clear names, make folders, transfer, delete, remove folders. A step that fails is a problem in the tally; a
 * code that ends the run goes to `stop`. Rejects only when the baseline cannot be written.
 */
export async function execute(options: ExecuteOptions, steps: readonly PlanStep[]): Promise<void> {
  const { tally, placer } = options
  const of = (action: PlanStep['action'], isEarly = false): PlanStep[] =>
    steps.filter((step) => step.action === action && step.isEarly === isEarly)
  tally.add('skipped', of('skip').length)
  await eachFile(options, of('delete', true))
  await eachFolder(options, of('rmdir', true), 'deepest-first')
  await eachFolder(options, of('mkdir'), 'top-first')
  const before = new Set(tally.codes)
  await transferAll(options, steps.filter(isTransfer))
  const hasFailed = [...tally.codes].some((code) => !before.has(code) && !harmless.has(code))
  if (hasFailed || placer.hasReadFailed()) return
  await eachFile(options, of('delete'))
  await eachFolder(options, of('rmdir'), 'deepest-first')
}

function isTransfer({ action }: PlanStep): boolean {
  return action === 'copy' || action === 'update' || action === 'set-time'
}

async function transferAll(options: ExecuteOptions, steps: readonly PlanStep[]): Promise<void> {
  const sizeOf = (step: PlanStep): number => (step.action === 'set-time' ? 0 : (step.source?.size ?? 0))
  const big = steps.filter((step) => sizeOf(step) > BIG_BYTES)
  const small = steps.filter((step) => sizeOf(step) <= BIG_BYTES)
  const hasUpdates = steps.some((step) => step.action === 'update')
  // A replacement looks at the target while it writes: if writes took every place, each would wait for the others.
  const limit = Math.max(1, Math.floor(inFlight(options.session) / (hasUpdates ? 2 : 1)))
  if (limit === 1 || big.length === 0) return eachFile(options, steps, limit)
  const bigLimit = Math.min(MAX_BIG_IN_FLIGHT, big.length, limit - 1)
  await Promise.all([eachFile(options, big, bigLimit), eachFile(options, small, limit - bigLimit)])
}

function inFlight({ source, target }: Session): number {
  const { maxConcurrency } = source.remote.features
  return Math.max(1, Math.min(MAX_IN_FLIGHT, maxConcurrency, target.remote.features.maxConcurrency))
}

async function eachFile(
  options: ExecuteOptions,
  steps: readonly PlanStep[],
  limit = inFlight(options.session),
): Promise<void> {
  const failures = { inARow: 0 }
  await runPool(steps, Math.max(1, limit), (step) => oneFile(options, step, failures), options.isStopped)
}

async function oneFile(options: ExecuteOptions, step: PlanStep, failures: { inARow: number }): Promise<void> {
  const { session, tally, committer } = options
  session.progress.current(step.path)
  let placed: Placed
  try {
    placed = await act(options.placer, step)
  } catch (error) {
    report(options, step.path, error, failures)
    return
  }
  failures.inARow = 0
  tally.bytes(placed.bytes)
  if (step.action === 'copy') tally.add('copied')
  if (step.action === 'update') tally.add('updated')
  if (step.action === 'delete') tally.add('deleted')
  if (step.action !== 'set-time') session.progress.fileDone()
  await committer.add({
    key: keyOf(session, step.path),
    row: rowOf(options, step, placed),
    written: placed.target === null ? null : step.path,
    kept: placed.kept,
  })
}

function act(placer: Placer, step: PlanStep): Promise<Placed> {
  switch (step.action) {
    case 'copy':
      return placer.copy(step)
    case 'update':
      return placer.update(step)
    case 'set-time':
      return placer.setTime(step)
    case 'delete':
      return placer.remove(step)
    case 'move':
    case 'mkdir':
    case 'rmdir':
    case 'skip':
      throw new RangeError(`${step.action} is no step on a file`)
  }
}

function rowOf(
  { session, scannedAt }: ExecuteOptions,
  step: PlanStep,
  { target, sha }: Placed,
): BaselineRow | null {
  const { source } = step
  if (source === null || target === null) return null
  const scan = { startedAt: scannedAt, endedAt: session.context.clock.now() }
  const precision = session.source.remote.features.modTimePrecisionMs
  return { source, target, sha, isRacy: isRacy(source, scan, precision), syncedAt: session.startedAt }
}

function report(
  options: ExecuteOptions,
  path: RemotePath,
  error: unknown,
  failures: { inARow: number },
): void {
  const { session, tally, stop } = options
  const code = codeOf(error)
  // After a stop the rest is cut off by us; that is no fault of the files.
  if (options.isStopped() && code === 'cancelled') return
  if (code === 'internal') session.context.log.error('sync.internal', { path, error: errorName(error) })
  session.progress.failed()
  if (endsRun(code)) {
    stop(code)
    return
  }
  tally.problem({ path, code })
  failures.inARow = reactionOf(code) === 'retry' ? failures.inARow + 1 : 0
  if (failures.inARow >= MAX_FAILURES_IN_A_ROW) stop(code)
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** One depth after the other, the folders of one depth at the same time. */
async function eachFolder(
  options: ExecuteOptions,
  steps: readonly PlanStep[],
  order: 'top-first' | 'deepest-first',
): Promise<void> {
  const { remote } = options.session.target
  const levels = new Map<number, PlanStep[]>()
  for (const step of steps) {
    const depth = step.path.split('/').length
    const level = levels.get(depth)
    if (level === undefined) levels.set(depth, [step])
    else level.push(step)
  }
  const depths = [...levels.keys()].sort((a, b) => (order === 'top-first' ? a - b : b - a))
  const failures = { inARow: 0 }
  for (const depth of depths) {
    await runPool(
      levels.get(depth) ?? [],
      inFlight(options.session),
      async (step) => {
        try {
          if (step.action === 'mkdir') await remote.mkdir(step.path, options.session.signal)
          else await removeFolder(remote, step.path, options.session.signal)
        } catch (error) {
          report(options, step.path, error, failures)
        }
      },
      options.isStopped,
    )
  }
}

async function removeFolder(remote: Remote, path: RemotePath, signal: AbortSignal): Promise<void> {
  try {
    await remote.rmdir(path, signal)
  } catch (error) {
    throw codeOf(error) === 'not-empty' ? stale(path, 'the folder has got content') : error
  }
}
