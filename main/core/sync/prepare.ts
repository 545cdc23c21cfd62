import type { GuardHit } from '../../model/run.ts'
import { compareFiles, isRacy } from './compare.ts'
import type { BaselineRow, CompareRules } from './compare.ts'
import { settleChecks } from './content-check.ts'
import type { OpenCheck } from './content-check.ts'
import { stateOf } from './file-state.ts'
import { createFilter } from './filters.ts'
import { checkGuards } from './guards.ts'
import type { BaselineChange } from './job-database.ts'
import { makePlan } from './make-plan.ts'
import type { PlanDraft, Settled } from './make-plan.ts'
import { clockOffSinceLastRun } from './roots.ts'
import type { Roots } from './roots.ts'
import { emptyScan, scanSide } from './scan.ts'
import type { SideScan } from './scan.ts'
import { commonPrecision } from './session.ts'
import type { Session } from './session.ts'

/** A plan with everything that a run needs to carry it out; a preview shows the same. */
export type Prepared = {
  readonly draft: PlanDraft
  readonly guards: readonly GuardHit[]
  readonly scannedAt: number
  /** Baseline changes that need no transfer. */
  readonly changes: readonly BaselineChange[]
  /** Temp files seen on the target. */
  readonly leftovers: SideScan['leftovers']
}

/** Scans both sides, compares and plans without touching either. Rejects with codes that end the run. */
export async function prepare(session: Session, roots: Roots, recheckFrom: number | null): Promise<Prepared> {
  session.progress.phase('scanning')
  const [source, target] = await scanBoth(session, roots)
  session.progress.phase('comparing')
  const baseline = session.database.baseline(session.source.name)
  const settled = await settle(session, { source, target, baseline, recheckFrom })
  const { features } = session.target.remote
  const draft = makePlan({
    mode: session.mode,
    source,
    target,
    settled,
    isKnown: (key) => baseline.has(key),
    baselineKeys: baseline.keys(),
    hasFolders: features.directories,
    maxFileSize: features.maxFileSize,
  })
  const guards = checkGuards({
    steps: draft.steps,
    targetFiles: draft.targetFiles,
    maxDelete: session.context.job.maxDelete,
    baselineFiles: baseline.size,
    isSourceEmpty: source.rootEntries === 0,
    isFirstRun: session.database.fact('first-run-done') !== session.signature,
    isRootReplaced: roots.isReplaced,
    clockOffMs: clockOffSinceLastRun(session, roots),
  })
  const changes = quietChanges(session, { draft, source, target })
  return { draft, guards, scannedAt: source.startedAt, changes, leftovers: target.leftovers }
}

function scanBoth(session: Session, roots: Roots): Promise<[SideScan, SideScan]> {
  const { context, foldCase, signal, progress } = session
  const filter = createFilter(context.job.filters, foldCase)
  const common = { filter, foldCase, clock: context.clock, signal }
  return Promise.all([
    scanSide({ ...common, remote: session.source.remote, onFile: () => progress.seen() }),
    roots.hasTarget ? scanSide({ ...common, remote: session.target.remote }) : emptyScan(),
  ])
}

type Pairing = {
  readonly source: SideScan
  readonly target: SideScan
  readonly baseline: ReadonlyMap<string, BaselineRow>
  readonly recheckFrom: number | null
}

async function settle(session: Session, pairing: Pairing): Promise<Map<string, Settled>> {
  const { source, target, baseline, recheckFrom } = pairing
  const precisionMs = commonPrecision(session)
  const rules: CompareRules = {
    precisionMs,
    isSourceCheap: session.source.isCheap,
    isTargetCheap: session.target.isCheap,
    canSetTime: precisionMs !== null && session.target.remote.setModTime !== undefined,
    recheckFrom,
  }
  const settled = new Map<string, Settled>()
  const checks: OpenCheck[] = []
  for (const [key, file] of source.files) {
    const there = target.files.get(key)
    if (there === undefined) continue
    const verdict = compareFiles(stateOf(file), stateOf(there), baseline.get(key) ?? null, rules)
    if (verdict.kind === 'check') checks.push({ key, source: file, target: there, verdict })
    else if (verdict.kind !== 'unchanged') settled.set(key, verdict)
  }
  await settleChecks(session, checks, rules, settled)
  return settled
}

/** What to record about pairs that are equal already, and about files that are gone from both sides. */
function quietChanges(
  session: Session,
  { draft, source, target }: { draft: PlanDraft; source: SideScan; target: SideScan },
): BaselineChange[] {
  const precision = session.source.remote.features.modTimePrecisionMs
  const changes: BaselineChange[] = draft.forget.map((key) => ({ key, row: null }))
  for (const { key, sha } of draft.refresh) {
    const file = source.files.get(key)
    const there = target.files.get(key)
    if (file === undefined || there === undefined) continue
    const state = stateOf(file)
    const row: BaselineRow = {
      source: state,
      target: stateOf(there),
      sha,
      // A race of an earlier scan is over once the content was read; the times of this scan may make a new one.
      isRacy: isRacy(state, source, precision),
      syncedAt: session.startedAt,
    }
    changes.push({ key, row })
  }
  return changes
}
