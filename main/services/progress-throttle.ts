import type { Clock } from '../core/ports/clock.ts'
import type { RunProgress } from '../model/run.ts'

/** At most 5 messages a second per run reach the page, the last one always. */
const intervalMs = 200

export function createProgressThrottle(
  clock: Clock,
  emit: (progress: RunProgress) => void,
): (progress: RunProgress) => void {
  const pending = new Map<string, RunProgress | null>()
  const flush = (run: string): void => {
    const value = pending.get(run)
    if (value === undefined || value === null) {
      pending.delete(run)
      return
    }
    pending.set(run, null)
    emit(value)
    clock.setTimer(intervalMs, () => {
      flush(run)
    })
  }
  return (progress) => {
    const waiting = pending.has(progress.run)
    pending.set(progress.run, progress)
    if (!waiting) flush(progress.run)
  }
}
