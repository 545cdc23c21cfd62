import type { GuardHit } from '../../model/run.ts'
import type { MaxDelete } from '../../model/job.ts'
import type * as z from 'zod'
import type { PlanStep } from './plan.ts'

/** A share alone would stop every small job, a number alone every large one. */
const DELETE_SHARE = 0.5
const DELETE_SHARE_FROM = 10
const DELETE_COUNT = 1000
const OVERWRITE_SHARE = 0.5
const OVERWRITE_SHARE_FROM = 100

/** How far the clocks may be apart. Time zones set wrongly stay within 14 hours; a day is a wrong date. */
export const CLOCK_OFF_MS = 24 * 60 * 60 * 1000

export type GuardInput = {
  readonly steps: readonly PlanStep[]
  /** Files of the target that are in scope. */
  readonly targetFiles: number
  readonly maxDelete: z.infer<typeof MaxDelete>
  /** Files that the baseline holds. */
  readonly baselineFiles: number
  readonly isSourceEmpty: boolean
  /** True until a run in this mode, direction and with these filters has come to its end. */
  readonly isFirstRun: boolean
  readonly isRootReplaced: boolean
  /** How far the clock of this machine is from what was recorded or from the target, milliseconds. */
  readonly clockOffMs: number
}

/** What stops this plan until a person accepts it. Pure; no option turns a guard off. */
export function checkGuards(input: GuardInput): GuardHit[] {
  const deletes = input.steps.filter((step) => step.action === 'delete').length
  const overwrites = input.steps.filter((step) => step.action === 'update').length
  return [
    ...rootGuards(input),
    ...deleteGuards(input, deletes),
    ...overwriteGuards(input, overwrites),
    ...firstRunGuard(input),
    ...clockGuard(input.clockOffMs),
  ]
}

/** The guard of a root that is not there; nothing can be planned and nothing approved. */
export function rootMissingGuard(side: 'local' | 'remote'): GuardHit {
  const message = `The ${side === 'local' ? 'local' : 'server'} folder does not exist.`
  return { code: 'root-missing', count: 1, limit: 0, message }
}

/** One hit when the clocks are more than a day apart. */
export function clockGuard(clockOffMs: number): GuardHit[] {
  if (clockOffMs <= CLOCK_OFF_MS) return []
  const hour = 60 * 60 * 1000
  return [
    {
      code: 'clock-off',
      count: Math.round(clockOffMs / hour),
      limit: CLOCK_OFF_MS / hour,
      message: 'The clocks of this computer and of the files are more than a day apart.',
    },
  ]
}

function rootGuards({ isSourceEmpty, baselineFiles, isRootReplaced }: GuardInput): GuardHit[] {
  const hits: GuardHit[] = []
  if (isRootReplaced) {
    const message = 'A folder of this job is not the one that it was at the last run.'
    hits.push({ code: 'root-replaced', count: 1, limit: 0, message })
  }
  if (isSourceEmpty && baselineFiles > 0) {
    const message = `The source folder is empty, but held ${files(baselineFiles)} at the last run.`
    hits.push({ code: 'root-empty', count: baselineFiles, limit: 0, message })
  }
  return hits
}

function deleteGuards({ targetFiles, maxDelete }: GuardInput, deletes: number): GuardHit[] {
  const hits: GuardHit[] = []
  const share = Math.floor(targetFiles * DELETE_SHARE)
  if (deletes > DELETE_SHARE_FROM && deletes > share) {
    const message = `This would delete ${files(deletes)} of ${targetFiles}.`
    hits.push({ code: 'delete-share', count: deletes, limit: Math.max(share, DELETE_SHARE_FROM), message })
  }
  if (deletes > DELETE_COUNT) {
    const message = `This would delete ${files(deletes)}.`
    hits.push({ code: 'delete-count', count: deletes, limit: DELETE_COUNT, message })
  }
  const limit = deleteLimit(maxDelete, targetFiles)
  if (limit !== null && deletes > limit) {
    const message = `This would delete ${files(deletes)}; the limit of this job is ${limit}.`
    hits.push({ code: 'max-delete', count: deletes, limit, message })
  }
  return hits
}

/** The job's own limit in files. It comes on top of the other guards and never replaces them. */
function deleteLimit(maxDelete: GuardInput['maxDelete'], targetFiles: number): number | null {
  if (maxDelete === null) return null
  const number = Number.parseInt(maxDelete, 10)
  return maxDelete.endsWith('%') ? Math.floor((targetFiles * number) / 100) : number
}

function overwriteGuards({ targetFiles }: GuardInput, overwrites: number): GuardHit[] {
  const share = Math.floor(targetFiles * OVERWRITE_SHARE)
  if (overwrites <= OVERWRITE_SHARE_FROM || overwrites <= share) return []
  const limit = Math.max(share, OVERWRITE_SHARE_FROM)
  const message = `This would replace ${files(overwrites)} of ${targetFiles}.`
  return [{ code: 'overwrite-share', count: overwrites, limit, message }]
}

function firstRunGuard({ isFirstRun, steps }: GuardInput): GuardHit[] {
  if (!isFirstRun) return []
  const isHarm = (step: PlanStep): boolean => step.action === 'delete' || step.action === 'update'
  // What an interrupted first run has brought over itself is ours and may be replaced.
  const count = steps.filter((step) => isHarm(step) && step.isForeign).length
  if (count === 0) return []
  const message = `The target is not empty: the first run would replace or delete ${files(count)}.`
  return [{ code: 'first-run', count, limit: 0, message }]
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
