import * as z from 'zod'

/**
 * When a job runs, as stored and as typed: `manual`, `every:N(m|h|d)` from 1 minute, a five-field cron expression in the
 * job's zone, or `@hourly`, `@daily`, `@weekly`. Checked for meaning by `parseSchedule` in core/jobs.
 */
export const ScheduleText = z.string().min(1).max(100)
export type ScheduleText = z.infer<typeof ScheduleText>

/** A parsed schedule. Intervals are whole minutes. */
export type Schedule =
  | { readonly kind: 'manual' }
  | { readonly kind: 'interval'; readonly minutes: number }
  | { readonly kind: 'cron'; readonly expression: string }

/** IANA zone name such as `Europe/Berlin`; checked against the runtime's database. */
export const ZoneName = z.string().min(1).max(64)
