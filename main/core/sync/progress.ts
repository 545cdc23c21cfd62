import type { RunProgress } from '../../model/run.ts'
import type { Clock } from '../ports/clock.ts'

/** At most five reports a second reach the screens. */
const INTERVAL_MS = 200

type Phase = RunProgress['phase']

/** Counts of one run as they grow. */
export type Progress = {
  phase(phase: Phase): void
  /** Sets the totals once the plan is known. */
  totals(files: number, bytes: number): void
  /** A file was seen by the scan. */
  seen(): void
  current(path: string): void
  bytes(count: number): void
  fileDone(): void
  failed(): void
}

/** Reports through `report` at most every 200 ms, and at once when the phase or the totals change. */
export function createProgress(
  ids: { readonly run: string; readonly job: string },
  clock: Clock,
  report: (progress: RunProgress) => void,
): Progress {
  let state: RunProgress = {
    ...ids,
    phase: 'connecting',
    filesDone: 0,
    filesTotal: null,
    bytesDone: 0,
    bytesTotal: null,
    current: null,
    failed: 0,
  }
  let reportedAt = Number.NEGATIVE_INFINITY
  const change = (part: Partial<RunProgress>, isForced = false): void => {
    state = { ...state, ...part }
    const now = clock.monotonic()
    if (!isForced && now - reportedAt < INTERVAL_MS) return
    reportedAt = now
    report(state)
  }
  return {
    phase: (phase) =>
      change({ phase, current: null, ...(phase === 'comparing' ? { filesDone: 0 } : {}) }, true),
    // Told at once: a run that then stands still shows how much there is to do.
    totals: (filesTotal, bytesTotal) => change({ filesTotal, bytesTotal, filesDone: 0 }, true),
    seen: () => change({ filesDone: state.filesDone + 1 }),
    current: (path) => change({ current: path }),
    // A transfer that starts over takes its bytes back.
    bytes: (count) => change({ bytesDone: Math.max(0, state.bytesDone + count) }),
    fileDone: () => change({ filesDone: state.filesDone + 1, current: null }),
    failed: () => change({ failed: state.failed + 1 }),
  }
}
