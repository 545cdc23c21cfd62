import * as z from 'zod'
import { IsoTime, Uuid } from '../../model/ids.ts'
import type { JobDefinition } from '../../model/job.ts'
import { RunSummary } from '../../model/run.ts'
import type { SkipRecord } from '../../model/run.ts'
import type { Database, SqlRow } from '../ports/database.ts'

/** What the scheduler knows of a job without the vault. */
export const ProjectedJob = z.object({
  id: Uuid,
  name: z.string(),
  schedule: z.string(),
  zone: z.string(),
  enabled: z.coerce.boolean(),
  device: z.string(),
  whenLocked: z.enum(['until-quit', 'wait', 'grant']),
  credential: Uuid,
  /** Revision of the credential: a grant or a refusal of another one says nothing of this. */
  credentialRev: z.int(),
  /** Revision of the definition; a new one restarts the schedule only if schedule, zone or enabled changed. */
  rev: z.int(),
  /** When the schedule last was due or began to count, milliseconds since 1970. */
  anchor: z.number(),
  /** Since when the job waits for unlock, null when it does not. */
  waitingSince: z.number().nullable(),
})
export type ProjectedJob = z.infer<typeof ProjectedJob>

const Block = z.object({ credential: Uuid, code: z.string(), since: IsoTime })
export type StoredBlock = z.infer<typeof Block>

/** The jobs of a vault at one moment. */
export type Projection = {
  readonly jobs: readonly JobDefinition[]
  /** Revision of each credential by id. */
  readonly credentialRevs: Readonly<Record<string, number>>
  /** Counter of the vault file's writes; grows with every change. */
  readonly epoch: number
  /** Becomes the anchor of new or rescheduled jobs, milliseconds since 1970. */
  readonly now: number
}

/** Runs kept per job and skips kept in all; older ones are dropped. */
const keptRuns = 500
const keptSkips = 2000

/** Scheduler projection, run history, skips and credential blocks in state.sqlite. Holds no host, user, root or secret. */
export type JobStore = {
  /**
   * Makes the projection equal to the vault's jobs. A snapshot older than the one projected last (another process was
   * quicker) is ignored; false then.
   */
  project(snapshot: Projection): boolean
  /** Forgets what is known of a removed job: its runs, skips and facts. */
  forgetJob(jobId: string): void
  /** Forgets every job and block; for a vault that was set aside or replaced. */
  reset(): void
  jobs(): readonly ProjectedJob[]
  job(id: string): ProjectedJob | null
  setAnchor(jobId: string, anchor: number): void
  setWaiting(jobId: string, since: number | null): void
  addRun(summary: RunSummary): void
  runs(jobId: string | null, limit: number): readonly RunSummary[]
  run(runId: string): RunSummary | null
  lastRun(jobId: string): RunSummary | null
  /** Records why a due start did not happen; the same reason for the same due time once. */
  addSkip(skip: SkipRecord): void
  skips(jobId: string | null, limit: number): readonly SkipRecord[]
  block(credentialId: string, code: string, since: string): void
  unblock(credentialId: string): void
  blocks(): readonly StoredBlock[]
  isBlocked(credentialId: string): boolean
  /** Small durable facts of the scheduler (`pausedUntil`). Null when unset. */
  getFact(name: string): string | null
  setFact(name: string, value: string | null): void
}

/** `database` must be opened by `openStateDatabase`. */
export function createJobStore(database: Database): JobStore {
  return {
    ...projectionPart(database),
    ...historyPart(database),
    ...blockPart(database),
    getFact: (name) => text(database.get('SELECT value FROM facts WHERE name = ?', name)?.['value']),
    setFact(name, value) {
      if (value === null) database.run('DELETE FROM facts WHERE name = ?', name)
      else database.run('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', name, value)
    },
  }
}

type ProjectionPart = Pick<
  JobStore,
  'project' | 'jobs' | 'job' | 'setAnchor' | 'setWaiting' | 'forgetJob' | 'reset'
>

const epochFact = 'projected-epoch'

function projectionPart(database: Database): ProjectionPart {
  const one = (id: string): ProjectedJob | null => {
    const found = database.get('SELECT * FROM projection WHERE id = ?', id)
    return found === null ? null : ProjectedJob.parse(found)
  }
  const project = (snapshot: Projection): boolean => {
    const known = database.get('SELECT value FROM facts WHERE name = ?', epochFact)
    if (known !== null && Number(known['value']) > snapshot.epoch) return false
    const ids = new Set(snapshot.jobs.map((job) => job.id))
    for (const row of database.all('SELECT id FROM projection')) {
      if (!ids.has(String(row['id']))) forgetJob(database, String(row['id']))
    }
    for (const job of snapshot.jobs) writeProjection(database, job, { old: one(job.id), snapshot })
    database.run(
      'INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)',
      epochFact,
      String(snapshot.epoch),
    )
    return true
  }
  return {
    project: (snapshot) => database.transaction(() => project(snapshot)),
    jobs: () => database.all('SELECT * FROM projection ORDER BY name').map((row) => ProjectedJob.parse(row)),
    job: one,
    setAnchor: (id, anchor) => void database.run('UPDATE projection SET anchor = ? WHERE id = ?', anchor, id),
    setWaiting: (id, since) =>
      void database.run('UPDATE projection SET waitingSince = ? WHERE id = ?', since, id),
    forgetJob: (id) => {
      database.transaction(() => {
        forgetJob(database, id)
      })
    },
    reset: () => {
      database.transaction(() => {
        for (const row of database.all('SELECT id FROM projection')) forgetJob(database, String(row['id']))
        database.run('DELETE FROM blocks')
        database.run('DELETE FROM facts WHERE name = ?', epochFact)
      })
    },
  }
}

function forgetJob(database: Database, id: string): void {
  database.run('DELETE FROM projection WHERE id = ?', id)
  database.run('DELETE FROM runs WHERE job = ?', id)
  database.run('DELETE FROM skips WHERE job = ?', id)
  database.run('DELETE FROM facts WHERE name IN (?, ?)', `cancel:${id}`, `unfinished:${id}`)
}

function writeProjection(
  database: Database,
  job: JobDefinition,
  { old, snapshot }: { old: ProjectedJob | null; snapshot: Projection },
): void {
  const sameSchedule =
    old !== null &&
    old.schedule === job.schedule &&
    old.zone === job.zone &&
    old.enabled === job.enabled &&
    old.device === job.device
  database.run(
    `INSERT OR REPLACE INTO projection
       (id, name, schedule, zone, enabled, device, whenLocked, credential, credentialRev, rev, anchor, waitingSince)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    job.id,
    job.name,
    job.schedule,
    job.zone,
    job.enabled ? 1 : 0,
    job.device,
    job.whenLocked,
    job.credential,
    snapshot.credentialRevs[job.credential] ?? 0,
    job.rev,
    sameSchedule ? old.anchor : snapshot.now,
    sameSchedule ? old.waitingSince : null,
  )
}

type HistoryPart = Pick<JobStore, 'addRun' | 'runs' | 'run' | 'lastRun' | 'addSkip' | 'skips'>

function historyPart(database: Database): HistoryPart {
  const runs = (jobId: string | null, limit: number): readonly RunSummary[] =>
    database
      .all(
        `SELECT summary FROM runs WHERE (?1 IS NULL OR job = ?1) ORDER BY started DESC, rowid DESC LIMIT ?2`,
        jobId,
        limit,
      )
      .map(toSummary)
  return {
    addRun(summary) {
      database.transaction(() => {
        database.run(
          'INSERT OR REPLACE INTO runs (run, job, started, summary) VALUES (?, ?, ?, ?)',
          summary.run,
          summary.job,
          summary.started,
          JSON.stringify(summary),
        )
        database.run(
          'DELETE FROM runs WHERE job = ?1 AND run NOT IN (SELECT run FROM runs WHERE job = ?1 ORDER BY started DESC LIMIT ?2)',
          summary.job,
          keptRuns,
        )
      })
    },
    runs,
    run(runId) {
      const row = database.get('SELECT summary FROM runs WHERE run = ?', runId)
      return row === null ? null : toSummary(row)
    },
    lastRun: (jobId) => runs(jobId, 1)[0] ?? null,
    addSkip(skip) {
      database.transaction(() => {
        database.run(
          'INSERT OR IGNORE INTO skips (job, at, reason) VALUES (?, ?, ?)',
          skip.job,
          skip.at,
          skip.reason,
        )
        database.run(
          'DELETE FROM skips WHERE rowid NOT IN (SELECT rowid FROM skips ORDER BY rowid DESC LIMIT ?)',
          keptSkips,
        )
      })
    },
    skips: (jobId, limit) =>
      database
        .all(
          'SELECT job, at, reason FROM skips WHERE (?1 IS NULL OR job = ?1) ORDER BY at DESC LIMIT ?2',
          jobId,
          limit,
        )
        .map((row) => ({ job: String(row['job']), at: String(row['at']), reason: String(row['reason']) })),
  }
}

type BlockPart = Pick<JobStore, 'block' | 'unblock' | 'blocks' | 'isBlocked'>

function blockPart(database: Database): BlockPart {
  return {
    block: (id, code, since) =>
      void database.run(
        'INSERT OR IGNORE INTO blocks (credential, code, since) VALUES (?, ?, ?)',
        id,
        code,
        since,
      ),
    unblock: (id) => void database.run('DELETE FROM blocks WHERE credential = ?', id),
    blocks: () => database.all('SELECT credential, code, since FROM blocks').map((row) => Block.parse(row)),
    isBlocked: (id) => database.get('SELECT 1 AS found FROM blocks WHERE credential = ?', id) !== null,
  }
}

function toSummary(row: SqlRow): RunSummary {
  return RunSummary.parse(JSON.parse(String(row['summary'])))
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
