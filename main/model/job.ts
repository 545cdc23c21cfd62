import * as z from 'zod'
import { DeviceId, IsoTime, Name, Uuid } from './ids.ts'
import { RunSummary } from './run.ts'
import { ScheduleText, ZoneName } from './schedule.ts'

export const SyncMode = z.enum(['copy', 'mirror', 'two-way'])
export type SyncMode = z.infer<typeof SyncMode>

/** `push` = local to server. Null for two-way. */
export const Direction = z.enum(['push', 'pull'])
export type Direction = z.infer<typeof Direction>

/** What a scheduled run may do while the vault is locked. */
export const WhenLocked = z.enum(['until-quit', 'wait', 'grant'])
export type WhenLocked = z.infer<typeof WhenLocked>

/** Limit of deletions of one run that needs no approval: a count (`25`) or a share of the target (`10%`); null = default. */
export const MaxDelete = z
  .string()
  .regex(/^\d{1,9}%?$/)
  .nullable()

/** The definition of a job as the vault keeps it. `local` is device data and lives in local.json. */
export const JobDefinition = z.object({
  id: Uuid,
  rev: z.int().min(1),
  name: Name,
  /** Id of the credential. */
  credential: Uuid,
  /** Absolute local folder on the device that runs the job. */
  local: z.string().min(1).max(4096),
  /** Folder as the server takes it; relative = below the login folder. */
  remote: z.string().min(1).max(4096),
  mode: SyncMode,
  direction: Direction.nullable(),
  schedule: ScheduleText,
  zone: ZoneName,
  enabled: z.boolean(),
  /** The one device that runs it. */
  device: DeviceId,
  whenLocked: WhenLocked,
  /** gitignore-style rules, in order. */
  filters: z.array(z.string().min(1).max(1024)).max(1000),
  maxDelete: MaxDelete,
  /** Absolute folder on the target side for replaced and deleted files; null = `<root>/.fernsync/<job id>/`. */
  safety: z.string().min(1).max(4096).nullable(),
  created: IsoTime,
  changed: IsoTime,
})
export type JobDefinition = z.infer<typeof JobDefinition>

const editable = JobDefinition.pick({
  name: true,
  credential: true,
  local: true,
  remote: true,
  mode: true,
  direction: true,
  schedule: true,
  zone: true,
  whenLocked: true,
  filters: true,
  maxDelete: true,
  safety: true,
  enabled: true,
})

/** What `jobs.add` takes. */
export const JobDraft = editable.extend({
  schedule: ScheduleText.default('manual'),
  whenLocked: WhenLocked.default('until-quit'),
  filters: JobDefinition.shape.filters.default([]),
  maxDelete: MaxDelete.default(null),
  safety: JobDefinition.shape.safety.default(null),
  enabled: z.boolean().default(true),
})
export type JobDraft = z.infer<typeof JobDraft>

/** A change to a job: absent = unchanged. */
export const JobPatch = editable.partial()
export type JobPatch = z.infer<typeof JobPatch>

/**
 * One state per job, shown alike in tray, row, notification and `job list`.
 * `waiting` = waiting for unlock; `attention` = failed or stopped, with the reason; `elsewhere` = runs on another device.
 */
export const JobState = z.enum(['idle', 'running', 'waiting', 'attention', 'disabled', 'elsewhere', 'paused'])
export type JobState = z.infer<typeof JobState>

/** A job as lists and screens see it: definition (while unlocked) or projection (while locked), plus state. */
export const JobView = z.object({
  id: Uuid,
  name: z.string(),
  /** Name and id of the credential; null while locked. */
  credential: z.object({ id: Uuid, name: z.string() }).nullable(),
  local: z.string().nullable(),
  remote: z.string().nullable(),
  mode: SyncMode.nullable(),
  direction: Direction.nullable(),
  schedule: ScheduleText,
  zone: ZoneName,
  enabled: z.boolean(),
  device: z.object({ id: DeviceId, label: z.string(), here: z.boolean() }),
  state: JobState,
  /** Error code that explains `waiting` and `attention`; null otherwise. */
  reason: z.string().nullable(),
  /** Since when it is in this state because of `reason`. */
  since: IsoTime.nullable(),
  whenLocked: WhenLocked,
  lastRun: RunSummary.nullable(),
  nextRun: IsoTime.nullable(),
  filters: z.array(z.string()),
  maxDelete: MaxDelete,
  safety: z.string().nullable(),
  rev: z.int().min(1),
})
export type JobView = z.infer<typeof JobView>
