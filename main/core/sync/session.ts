import { AppError } from '../../model/app-error.ts'
import { reactionOf } from '../../model/error-codes.ts'
import type { ErrorCode } from '../../model/error-codes.ts'
import { RemoteError } from '../remote/remote-error.ts'
import { pathKey } from '../remote/remote-path.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { Remote } from '../remote/remote.ts'
import type { SideName } from './file-state.ts'
import type { JobDatabase } from './job-database.ts'
import type { PlanStore } from './plan-store.ts'
import type { Progress } from './progress.ts'
import type { SyncContext } from './sync-api.ts'

/** One end of a run. */
export type Side = {
  readonly name: SideName
  readonly remote: Remote
  /** True when its content can be hashed without carrying it over a network. */
  readonly isCheap: boolean
}

/** What the parts of one run or preview share. */
export type Session = {
  readonly context: SyncContext
  readonly database: JobDatabase
  readonly plans: PlanStore
  readonly source: Side
  readonly target: Side
  readonly mode: 'copy' | 'mirror'
  readonly foldCase: boolean
  /** Roots, mode, direction, filters and safety folder in one hash: a stored plan of other ones is void. */
  readonly signature: string
  /** First 8 digits of the run id, as in the names of temp files. */
  readonly prefix: string
  /** Start of the run, milliseconds since 1970. */
  readonly startedAt: number
  readonly progress: Progress
  /** Aborts when the run is cancelled or has to stop. */
  readonly signal: AbortSignal
}

/** The key under which a path is compared and recorded. */
export function keyOf(session: Session, path: RemotePath): string {
  return pathKey(path, session.foldCase)
}

/** The coarser precision of both sides, in milliseconds; null when one of them keeps no times. */
export function commonPrecision({ source, target }: Session): number | null {
  const a = source.remote.features.modTimePrecisionMs
  const b = target.remote.features.modTimePrecisionMs
  return a === null || b === null ? null : Math.max(a, b)
}

/** A signal that never aborts: for the few calls that must not be torn apart, such as giving a file its name back. */
export function calm(): AbortSignal {
  return new AbortController().signal
}

/** The code of whatever was thrown; `internal` for what is neither error of ours. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof RemoteError || error instanceof AppError ? error.code : 'internal'
}

/** True for a code after which no other file can succeed either. The wrappers have tried again before they report one. */
export function endsRun(code: ErrorCode): boolean {
  return reactionOf(code) === 'stop' || code === 'unreachable'
}

/** What a step that finds something else than its plan saw throws; the file is left as it is. */
export function stale(path: RemotePath, what: string): AppError {
  return new AppError('stale-item', `${path}: ${what}`)
}
