import { exitCodeOf, worstExitCode } from '../../model/error-codes.ts'
import type { ErrorCode } from '../../model/error-codes.ts'
import type { RunItemError, RunState, RunSummary } from '../../model/run.ts'
import type { Problem } from './plan.ts'

const MAX_ERRORS = 100

type Count = 'copied' | 'updated' | 'deleted' | 'skipped'

/** What has happened in a run so far. */
export type Tally = {
  add(count: Count, by?: number): void
  bytes(count: number): void
  /** A path that was left as it is because of `code`. */
  problem(problem: Problem): void
  /** Codes of all problems so far. */
  readonly codes: ReadonlySet<ErrorCode>
  /** How the run ends: by `end` when something stopped it, else by its problems. */
  result(end: RunEnd | null): TallyResult
}

/** What ended a run before its plan was done. */
export type RunEnd = { readonly state: Exclude<RunState, 'done' | 'partial'>; readonly reason: ErrorCode }

type TallyResult = Pick<
  RunSummary,
  'state' | 'reason' | 'copied' | 'updated' | 'deleted' | 'skipped' | 'failed' | 'bytes' | 'errors'
>

export function createTally(): Tally {
  const counts: Record<Count, number> = { copied: 0, updated: 0, deleted: 0, skipped: 0 }
  const errors: RunItemError[] = []
  const codes = new Set<ErrorCode>()
  let failed = 0
  let bytes = 0
  return {
    codes,
    add(count, by = 1) {
      counts[count] += by
    },
    bytes(count) {
      bytes += count
    },
    problem({ path, code }) {
      failed += 1
      codes.add(code)
      if (errors.length < MAX_ERRORS) errors.push({ path, code, message: sentenceOf(code) })
    },
    result(end) {
      const state = end?.state ?? (failed > 0 ? 'partial' : 'done')
      const reason = end?.reason ?? mostSevere(codes)
      return { state, reason, ...counts, failed, bytes, errors }
    },
  }
}

/** The code that decides the exit code; among equals the first that occurred. */
function mostSevere(codes: ReadonlySet<ErrorCode>): ErrorCode | null {
  const worst = worstExitCode(codes)
  return [...codes].find((code) => exitCodeOf(code) === worst) ?? null
}

/** What a person reads beside a path in the history. Sentences for everything else are in messages/. */
const sentences: Partial<Record<ErrorCode, string>> = {
  'not-found': 'It was gone when its turn came.',
  'wrong-kind': 'A folder and a file have the same name, and the target could not be cleared.',
  exists: 'Something has appeared there in the meantime.',
  'not-empty': 'The folder is not empty any more.',
  'invalid-name': 'This name cannot be used on the other side.',
  'too-large': 'The file is larger than the target allows.',
  'source-changed': 'The file changed while it was read; the next run takes it.',
  'permission-denied': 'Access was denied.',
  integrity: 'What arrived is not what was sent.',
  timeout: 'There was no answer in time.',
  'rate-limited': 'The server asked for a pause that was too long.',
  'server-error': 'The server reported an error.',
  'unread-folder': 'The folder could not be read completely, so nothing was deleted.',
  'twin-names': 'Two names count as one on the other side; both were left alone.',
  'stale-item': 'It changed after the plan was made and was left alone.',
}

function sentenceOf(code: ErrorCode): string {
  return sentences[code] ?? 'It could not be done.'
}
