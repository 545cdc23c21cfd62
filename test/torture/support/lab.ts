import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileOperations } from '../../../main/adapters/file-operations.ts'
import type { FileOperations } from '../../../main/adapters/file-operations.ts'
import { openHome } from '../../../main/adapters/home-folder.ts'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import type { Clock } from '../../../main/core/ports/clock.ts'
import type { Random } from '../../../main/core/ports/random.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { quickDerive } from '../../helpers/quick-derive.ts'
import { createDisk } from './disk.ts'
import type { Disk, DiskState, Fault } from './disk.ts'

export type Derive = NonNullable<Parameters<typeof createNodeVault>[0]['derive']>

export { quickDerive }

export const silent = { info: () => {}, warn: () => {}, error: () => {} }

/** A folder of its own below the system's temporary one; `remove` takes it away with all that is in it. */
export function tempPlace(): { readonly path: string; readonly remove: () => void } {
  return placeIn(tmpdir())
}

function placeIn(folder: string): { readonly path: string; readonly remove: () => void } {
  const path = realpathSync(mkdtempSync(join(folder, 'fernsync-torture-')))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/**
 * The same in memory where the system has such a folder: a kill takes nothing from the page cache, so that a disk would only be
 * waited for, and the moments between its calls would be met less often.
 */
export function quickPlace(): ReturnType<typeof tempPlace> {
  return placeIn(existsSync('/dev/shm') ? '/dev/shm' : tmpdir())
}

/** The wall clock stands still, so that two runs of one seed write the same bytes. */
const standing: Clock = { ...systemClock, now: () => Date.UTC(2026, 0, 2, 3, 4, 5) }

export type Lab = {
  /** Absolute path of a home whose locks are real; its files lie on disks in memory. */
  readonly home: string
  readonly disk: (state: DiskState, fault?: Fault) => Disk
  /** A process that starts on a disk. */
  readonly vaultOn: (disk: Disk, random?: Random, derive?: Derive) => VaultApi
  /** A process on a real home. */
  readonly vaultAt: (home: string, operations?: FileOperations) => VaultApi
  readonly remove: () => void
}

/** Vaults on disks in memory, with everything else as the program has it. */
export function createLab(): Lab {
  const { path, remove } = quickPlace()
  const home = openHome(join(path, 'home')).path
  const parts = { log: silent, clock: standing, deviceLabel: 'desk', derive: quickDerive }
  return {
    home,
    remove,
    disk: createDisk,
    vaultOn: ({ operations }, random = nodeRandom, derive = quickDerive) =>
      createNodeVault({ ...parts, home, random, derive, operations }),
    vaultAt: (at, operations = nodeFileOperations) => createNodeVault({ ...parts, home: at, operations }),
  }
}
