import { join } from 'node:path'
import { deriveKey } from '../core/crypto/kdf.ts'
import { createJobStore } from '../core/jobs/job-store.ts'
import type { JobStore } from '../core/jobs/job-store.ts'
import { createLeases } from '../core/jobs/lease.ts'
import type { Leases } from '../core/jobs/lease.ts'
import type { Logger } from '../core/ports/logger.ts'
import { createSettingsFile } from '../core/store/settings.ts'
import type { SettingsFile } from '../core/store/settings.ts'
import { openStateDatabase } from '../core/store/state-database.ts'
import type { VaultApi } from '../core/vault/vault-api.ts'
import { openHome } from './home-folder.ts'
import type { HomeWarning } from './home-folder.ts'
import { createHomeLock } from './home-lock.ts'
import { createJsonLogger } from './json-logger.ts'
import { nodeDatabases } from './node-database.ts'
import { createNodeFileStore, removeStale } from './node-file-store.ts'
import { createNodeProcessTable } from './node-process-table.ts'
import { createNodeVault } from './node-vault.ts'
import type { NodeVaultOptions } from './node-vault.ts'
import { systemClock } from './system-clock.ts'

/** Everything of one home folder that the desktop and the CLI use alike. */
export type NodeHome = {
  /** Absolute path without links. */
  readonly path: string
  readonly warnings: readonly HomeWarning[]
  readonly log: Logger
  readonly store: JobStore
  readonly leases: Leases
  readonly settings: SettingsFile
  /** A vault object in this process. The desktop never unlocks it. */
  readonly vault: VaultApi
  /** Removes baseline and stored plans of a job that is gone. */
  removeJobData(jobId: string): Promise<void>
  /** Removes what writers that died left behind, unless somebody is writing right now. Never rejects. */
  tidy(): Promise<void>
  close(): void
}

/**
 * Opens a home folder. `program` names the log file (`app`, `cli`); `derive` stretches passwords when its vault is unlocked in this
 * process. Throws AppError('home-unusable' | 'no-space').
 */
export function openNodeHome(
  path: string,
  program: string,
  derive: NonNullable<NodeVaultOptions['derive']> = deriveKey,
): NodeHome {
  const home = openHome(path)
  const log = createJsonLogger({ folder: join(home.device, 'logs'), name: program, clock: systemClock })
  const database = openStateDatabase(nodeDatabases, join(home.device, 'state.sqlite'))
  const files = createNodeFileStore({ root: home.path })
  const lock = createHomeLock({ folder: home.device, clock: systemClock })
  return {
    path: home.path,
    warnings: home.warnings,
    log,
    store: createJobStore(database),
    leases: createLeases(database, createNodeProcessTable()),
    settings: createSettingsFile({ files, lock, log }),
    vault: createNodeVault({ home: home.path, log, derive }),
    async removeJobData(jobId) {
      for (const end of ['', '-wal', '-shm']) await files.remove(`device/jobs/${jobId}.sqlite${end}`)
    },
    tidy: () =>
      removeStale({ files, lock }, { waitMs: 0 }).catch(() => {
        log.info('home.not-tidied')
      }),
    close: () => {
      database.close()
    },
  }
}
