import type { GuardHit, Preview, RunProgress, RunSummary, RunTrigger } from '../../model/run.ts'
import type { JobDefinition } from '../../model/job.ts'
import type { Clock } from '../ports/clock.ts'
import type { Database } from '../ports/database.ts'
import type { Logger } from '../ports/logger.ts'
import type { Random } from '../ports/random.ts'
import type { Remote } from '../remote/remote.ts'

/** Everything one run of one job may use. Both sides are open remotes, already wrapped by `openRemote`. */
export type SyncContext = {
  readonly job: JobDefinition
  readonly local: Remote
  readonly remote: Remote
  /**
   * The place `job.safety` names, opened like the target. Absent or null = below the target's root. A job that names a place
   * of its own and gets none answers `unsupported`: old files never go elsewhere than the person chose.
   */
  readonly safety?: Remote | null
  /** `device/jobs/<id>.sqlite`: baseline, journal, stored plans. */
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly signal: AbortSignal
  /** Re-hash files whose time is near the last run (unclean boot or unfinished run). */
  readonly recheck: boolean
  /** The server of the job and who signs in there, as one text. Another text = another place, of which nothing is known yet. */
  readonly target: string
  /** 32 bytes of this job and vault: authenticate stored plans and hide what names the two places. The caller wipes them. */
  readonly planKey: Uint8Array
  onProgress(progress: RunProgress): void
}

export type RunRequest = {
  readonly run: string
  readonly trigger: RunTrigger
  /** Id of a stored plan to carry out, null for a fresh plan. */
  readonly approve: string | null
}

export type RunOutcome = { readonly summary: RunSummary; readonly guards: readonly GuardHit[] }

/**
 * The sync engine: `previewJob` scans, compares, plans and stores the plan without touching either side; `runJob` does the
 * same and carries it out. Neither rejects for anything the remotes do: failures are in the summary.
 */
export type SyncEngine = {
  previewJob(context: SyncContext, planId: string): Promise<Preview>
  runJob(context: SyncContext, request: RunRequest): Promise<RunOutcome>
}
