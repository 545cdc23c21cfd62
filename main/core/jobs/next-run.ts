import { Cron } from 'croner'
import type { Schedule } from '../../model/schedule.ts'

const minuteMs = 60_000

/**
 * The next time a schedule is due after `previous` (milliseconds since 1970; when it last was due, or when the job got
 * this schedule). The answer may lie in the past: then the run was missed and is due now. Null for manual jobs.
 *
 * Cron times are wall-clock times of `zone`: a time that daylight saving skips runs right after the gap, one that
 * occurs twice runs once.
 */
export function nextRun(schedule: Schedule, previous: number, zone: string): number | null {
  switch (schedule.kind) {
    case 'manual':
      return null
    case 'interval':
      return previous + schedule.minutes * minuteMs
    case 'cron': {
      const cron = new Cron(schedule.expression, { mode: '5-part', timezone: zone, paused: true })
      return cron.nextRun(new Date(previous))?.getTime() ?? null
    }
  }
}

/**
 * The last time at or before `now` at which the schedule was due, counted from `previous`; null when it was not due yet.
 * Many missed times count as one: catching up runs a job once.
 */
export function lastDue(schedule: Schedule, previous: number, now: number, zone: string): number | null {
  const first = nextRun(schedule, previous, zone)
  if (first === null || first > now) return null
  if (schedule.kind === 'interval') {
    const step = schedule.minutes * minuteMs
    return first + Math.floor((now - first) / step) * step
  }
  if (schedule.kind === 'manual') return null
  const cron = new Cron(schedule.expression, { mode: '5-part', timezone: zone, paused: true })
  const [latest] = cron.previousRuns(1, new Date(now + 1))
  // previousRuns looks back from `now`; it cannot lie before `first`, which is due.
  return Math.max(first, latest?.getTime() ?? first)
}

/** The next `count` times after `now`, for showing what a schedule means. Empty for manual. */
export function upcomingRuns(schedule: Schedule, now: number, zone: string, count: number): number[] {
  const times: number[] = []
  let previous = now
  while (times.length < count) {
    const next = nextRun(schedule, previous, zone)
    if (next === null) break
    times.push(next)
    previous = next
  }
  return times
}

/** A fixed delay of 0 to `maxMs` per job, so that many jobs due at one minute do not sign in at the same instant. */
export function startJitterMs(jobId: string, maxMs: number): number {
  let hash = 0
  for (const char of jobId) hash = (Math.imul(hash, 31) + char.charCodeAt(0)) >>> 0
  return hash % (maxMs + 1)
}
