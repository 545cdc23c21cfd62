import { lastDue } from '../core/jobs/next-run.ts'
import type { ProjectedJob } from '../core/jobs/job-store.ts'
import { isKnownZone, tryParseSchedule } from '../core/jobs/parse-schedule.ts'
import { AppError } from '../model/app-error.ts'

/** Throws AppError('bad-request') naming the field. */
export function checkSchedule(job: { schedule: string; zone: string }): void {
  if (tryParseSchedule(job.schedule) === null) {
    const why = 'manual, every:N(m|h|d), five cron fields, @hourly, @daily or @weekly is expected.'
    throw new AppError('bad-request', 'not a schedule', { details: { field: 'schedule', why } })
  }
  if (!isKnownZone(job.zone)) {
    const why = 'The name of a time zone such as Europe/Berlin is expected.'
    throw new AppError('bad-request', 'unknown time zone', { details: { field: 'zone', why } })
  }
}

/** Copy and mirror have a direction, two-way has none. Throws AppError('bad-request'). */
export function checkDirection(job: { mode: string; direction: string | null }): void {
  if ((job.mode === 'two-way') === (job.direction === null)) return
  const why = 'Copy and mirror need push or pull; two-way has no direction.'
  throw new AppError('bad-request', 'direction does not fit the mode', {
    details: { field: 'direction', why },
  })
}

/** The last due time of a job that has not been served yet, milliseconds since 1970; null when it is not due. */
export function lastDueTime(job: ProjectedJob, now: number): number | null {
  const schedule = tryParseSchedule(job.schedule)
  return schedule === null ? null : lastDue(schedule, job.anchor, now, job.zone)
}
