import * as z from 'zod'
import { IsoTime, Uuid } from './ids.ts'

export const RunState = z.enum(['done', 'partial', 'failed', 'stopped', 'cancelled'])
export type RunState = z.infer<typeof RunState>

export const RunTrigger = z.enum(['manual', 'schedule', 'catch-up', 'unlock'])
export type RunTrigger = z.infer<typeof RunTrigger>

/** Relative path, error code and a sentence; never host, user, roots or text of a library. */
export const RunItemError = z.object({ path: z.string(), code: z.string(), message: z.string() })
export type RunItemError = z.infer<typeof RunItemError>

const count = z.int().min(0)

/** The result of one run, as history, `job run --json` and screens show it. At most 100 errors are kept, `failed` counts all. */
export const RunSummary = z.object({
  run: Uuid,
  job: Uuid,
  state: RunState,
  /** Error code that ended or marked the run; null for a clean one. */
  reason: z.string().nullable(),
  copied: count,
  updated: count,
  deleted: count,
  moved: count,
  conflicts: count,
  skipped: count,
  failed: count,
  bytes: count,
  durationMs: count,
  started: IsoTime,
  ended: IsoTime,
  trigger: RunTrigger,
  /** Id of the stored plan when a guard stopped the run (for `--approve --plan`) or when one was approved. */
  plan: Uuid.nullable(),
  errors: z.array(RunItemError).max(100),
})
export type RunSummary = z.infer<typeof RunSummary>

/** Live progress of a run; totals are null until the scan is complete. */
export const RunProgress = z.object({
  run: Uuid,
  job: Uuid,
  phase: z.enum(['connecting', 'scanning', 'comparing', 'transferring', 'finishing']),
  filesDone: count,
  filesTotal: count.nullable(),
  bytesDone: count,
  bytesTotal: count.nullable(),
  /** Relative path of a file in work; null between files. */
  current: z.string().nullable(),
  failed: count,
})
export type RunProgress = z.infer<typeof RunProgress>

export const PlanAction = z.enum(['copy', 'update', 'delete', 'move', 'mkdir', 'rmdir', 'set-time', 'skip'])

/** One line of a plan; `side` is where something changes; `from` is the old path of a move. */
export const PlanItem = z.object({
  path: z.string(),
  action: PlanAction,
  side: z.enum(['local', 'remote']),
  size: count.nullable(),
  reason: z.string().nullable(),
  from: z.string().nullable(),
})
export type PlanItem = z.infer<typeof PlanItem>

/** A guard that stops this plan unless it is approved. `code` is stable; `message` is a sentence. */
export const GuardHit = z.object({
  code: z.enum([
    'delete-share',
    'delete-count',
    'overwrite-share',
    'root-empty',
    'root-missing',
    'root-replaced',
    'first-run',
    'clock-off',
    'host-key',
    'max-delete',
  ]),
  count: count,
  limit: count,
  message: z.string(),
})
export type GuardHit = z.infer<typeof GuardHit>

const PlanCounts = z.object({
  copy: count,
  update: count,
  delete: count,
  move: count,
  mkdir: count,
  rmdir: count,
  skip: count,
  unchanged: count,
})
export type PlanCounts = z.infer<typeof PlanCounts>

/** What a run would do, exactly. `items` of a very large plan are cut for display at `itemsTotal` > items.length. */
export const Preview = z.object({
  plan: Uuid,
  job: Uuid,
  counts: PlanCounts,
  bytes: count,
  guards: z.array(GuardHit),
  items: z.array(PlanItem),
  itemsTotal: count,
})
export type Preview = z.infer<typeof Preview>

/** One skipped or missed start, recorded with its reason. */
export const SkipRecord = z.object({ job: Uuid, at: IsoTime, reason: z.string() })
export type SkipRecord = z.infer<typeof SkipRecord>
