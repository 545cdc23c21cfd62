import type { Clock } from '../core/ports/clock.ts'

const intervalMs = 200

/** At most 5 messages a second per run reach the page, the last one always. */
export function createProgressThrottle<T extends { readonly run: string }>(
  clock: Clock,
  emit: (progress: T) => void,
): (progress: T) => void {
  const pending = new Map<string, T | null>()
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
