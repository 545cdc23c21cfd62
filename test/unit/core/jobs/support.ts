import { join } from 'node:path'
import { createJobStore } from '../../../../main/core/jobs/job-store.ts'
import type { JobStore, Projection } from '../../../../main/core/jobs/job-store.ts'
import { openStateDatabase } from '../../../../main/core/store/state-database.ts'
import { nodeDatabases } from '../../../../main/adapters/node-database.ts'
import type { Database } from '../../../../main/core/ports/database.ts'
import type { LogFields, Logger } from '../../../../main/core/ports/logger.ts'
import type { JobDefinition } from '../../../../main/model/job.ts'
import type { RunSummary } from '../../../../main/model/run.ts'
import { tempFolder } from '../../../helpers/temp-home.ts'

export const here = 'd0123456789abcdef'

/** A UUID whose last digits tell which one it is. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

export function jobDefinition(n: number, change: Partial<JobDefinition> = {}): JobDefinition {
  return {
    id: uuid(n),
    rev: 1,
    name: `job ${n}`,
    credential: uuid(900),
    local: '/data',
    remote: 'backup',
    mode: 'mirror',
    direction: 'push',
    schedule: 'every:10m',
    zone: 'UTC',
    enabled: true,
    device: here,
    whenLocked: 'until-quit',
    filters: [],
    maxDelete: null,
    safety: null,
    created: '2026-01-01T00:00:00.000Z',
    changed: '2026-01-01T00:00:00.000Z',
    ...change,
  }
}

export function runSummary(n: number, change: Partial<RunSummary> = {}): RunSummary {
  return {
    run: uuid(5000 + n),
    job: uuid(1),
    state: 'done',
    reason: null,
    copied: 1,
    updated: 0,
    deleted: 0,
    moved: 0,
    conflicts: 0,
    skipped: 0,
    failed: 0,
    bytes: 10,
    durationMs: 5,
    started: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
    ended: new Date(Date.UTC(2026, 0, 1, 0, n, 1)).toISOString(),
    trigger: 'schedule',
    plan: null,
    errors: [],
    ...change,
  }
}

/** A real state.sqlite in a temporary folder. */
export async function openStore(): Promise<{ store: JobStore; database: Database; path: string }> {
  const path = join(await tempFolder(), 'state.sqlite')
  const database = openStateDatabase(nodeDatabases, path)
  return { store: createJobStore(database), database, path }
}

/** A snapshot of the vault at `epoch`; credentials are at revision 1 unless given. */
export function projection(
  jobs: readonly JobDefinition[],
  now: number,
  change: Partial<Projection> = {},
): Projection {
  return { jobs, now, epoch: 1, credentialRevs: { [uuid(900)]: 1 }, ...change }
}

export type CapturedLog = Logger & { readonly events: string[] }

export function captureLog(): CapturedLog {
  const events: string[] = []
  const add = (event: string, _fields?: LogFields): void => void events.push(event)
  return { events, info: add, warn: add, error: add }
}
