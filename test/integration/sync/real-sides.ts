import { join } from 'node:path'
import { nodeDatabases } from '../../../main/adapters/node-database.ts'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { local as localConnector } from '../../../main/connectors/local/index.ts'
import type { Database } from '../../../main/core/ports/database.ts'
import type { Logger } from '../../../main/core/ports/logger.ts'
import { openRemote } from '../../../main/core/remote/open-remote.ts'
import type { Remote } from '../../../main/core/remote/remote.ts'
import { createSyncEngine } from '../../../main/core/sync/create-sync-engine.ts'
import type { RunOutcome, SyncContext } from '../../../main/core/sync/sync-api.ts'
import type { JobDefinition } from '../../../main/model/job.ts'
import type { Preview } from '../../../main/model/run.ts'

const log: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A job between two folders of this machine, opened as the worker opens them. */
export type RealJob = {
  readonly local: string
  readonly remote: string
  run(options?: { approve?: string | null; context?: Partial<SyncContext> }): Promise<RunOutcome>
  preview(): Promise<Preview>
}

/** `home` holds `local/`, `remote/` and `job.sqlite`; the two folders need not exist. */
export function realJob(home: string, changes: Partial<JobDefinition> = {}): RealJob {
  const local = join(home, 'local')
  const remote = join(home, 'remote')
  const job: JobDefinition = {
    id: '11111111-0000-4000-8000-000000000000',
    rev: 1,
    name: 'Photos',
    credential: '22222222-0000-4000-8000-000000000000',
    local,
    remote,
    mode: 'mirror',
    direction: 'push',
    schedule: 'manual',
    zone: 'Europe/Berlin',
    enabled: true,
    device: 'd0123456789abcdef',
    whenLocked: 'until-quit',
    filters: [],
    maxDelete: null,
    safety: null,
    created: '2026-01-01T00:00:00.000Z',
    changed: '2026-01-01T00:00:00.000Z',
    ...changes,
  }
  const engine = createSyncEngine()
  /** Opens both sides and the database, as one worker does for one task. */
  const withContext = async <T>(run: string, work: (context: SyncContext) => Promise<T>): Promise<T> => {
    const sides: Remote[] = []
    const database: Database = nodeDatabases.open(join(home, 'job.sqlite'))
    const signal = new AbortController().signal
    try {
      for (const root of [local, remote]) sides.push(await openSide(root, run, signal))
      const [left, right] = sides
      if (left === undefined || right === undefined) throw new Error('two sides were opened')
      return await work({
        job,
        local: left,
        remote: right,
        database,
        clock: systemClock,
        random: nodeRandom,
        log,
        signal,
        recheck: false,
        target: 'sftp://ada@nas:22',
        planKey: new Uint8Array(32).fill(7),
        onProgress: () => undefined,
      })
    } finally {
      for (const side of sides) await side.close()
      database.close()
    }
  }
  return {
    local,
    remote,
    run({ approve = null, context: parts = {} } = {}) {
      const run = nodeRandom.uuid()
      return withContext(run, (context) =>
        engine.runJob({ ...context, ...parts }, { run, trigger: 'manual', approve }),
      )
    },
    preview() {
      const plan = nodeRandom.uuid()
      return withContext(plan, (context) => engine.previewJob(context, plan))
    },
  }
}

async function openSide(root: string, run: string, signal: AbortSignal): Promise<Remote> {
  let temps = 0
  const deps = {
    clock: systemClock,
    random: nodeRandom,
    log,
    tempName: () => `.fernsync-${run.slice(0, 8)}-${(temps += 1)}.part`,
    agentSocket: null,
    readKeyFile: () => Promise.reject(new Error('a local folder needs no key')),
  }
  return openRemote(localConnector, { fields: {}, secrets: {}, hostKey: null, root }, deps, { signal })
}
