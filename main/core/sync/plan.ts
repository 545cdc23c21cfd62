import * as z from 'zod'
import type { ErrorCode } from '../../model/error-codes.ts'
import { PlanAction } from '../../model/run.ts'
import type { PlanItem, Preview } from '../../model/run.ts'
import { tryParseRemotePath } from '../remote/remote-path.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import { FileState } from './file-state.ts'
import type { SideName } from './file-state.ts'

const StoredPath = z.string().transform((text, context): RemotePath => {
  const path = tryParseRemotePath(text)
  if (path !== null && path !== '') return path
  context.addIssue('invalid path')
  return z.NEVER
})

/**
 * One step of a plan with everything it presupposes: what is not so any more when its turn comes is left alone. `path` is
 * where the target holds it, `from` where the source does. Null states mean "must be absent" or "does not matter" by action.
 */
export const PlanStep = z.object({
  action: PlanAction,
  path: StoredPath,
  from: StoredPath.nullable(),
  source: FileState.nullable(),
  target: FileState.nullable(),
  /** True for what is cleared away because something of another kind takes its name: done before the copies. */
  isEarly: z.boolean(),
  /** Why, as a short code for display. */
  reason: z.string().nullable(),
  /** SHA-256 of the content in hex where it is known without a transfer. */
  sha: z.string().nullable(),
  /** True for a target that the baseline does not know as ours. */
  isForeign: z.boolean(),
})
export type PlanStep = z.infer<typeof PlanStep>

/** Something that a plan could not deal with; ends in the error list of the run. */
export type Problem = { readonly path: string; readonly code: ErrorCode }

export type PlanCounts = Preview['counts']

/** What a plan is in numbers. */
export type PlanTotals = { readonly counts: PlanCounts; readonly bytes: number }

/** Counts the steps; `unchanged` comes from the comparison. */
export function totalsOf(steps: readonly PlanStep[], unchanged: number): PlanTotals {
  const counts = { copy: 0, update: 0, delete: 0, move: 0, mkdir: 0, rmdir: 0, skip: 0, unchanged }
  let bytes = 0
  for (const step of steps) {
    if (step.action === 'set-time') continue
    counts[step.action] += 1
    if (step.action === 'copy' || step.action === 'update') bytes += step.source?.size ?? 0
  }
  return { counts, bytes }
}

/** The step as screens and `--json` show it. */
export function toPlanItem(step: PlanStep, sides: { source: SideName; target: SideName }): PlanItem {
  const isSourceOnly = step.action === 'skip' && step.target === null && step.from !== null
  return {
    path: step.path,
    action: step.action,
    side: isSourceOnly ? sides.source : sides.target,
    size: step.source?.size ?? step.target?.size ?? null,
    reason: step.reason,
    from: null,
  }
}
