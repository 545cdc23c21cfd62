import { hostname } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { deriveKey, estimateKdfMs } from '../core/crypto/kdf.ts'
import type { KdfInput } from '../core/crypto/kdf.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { Logger } from '../core/ports/logger.ts'
import type { Random } from '../core/ports/random.ts'
import { createPacer } from '../core/vault/pacer.ts'
import { createVault } from '../core/vault/vault.ts'
import type { VaultApi } from '../core/vault/vault-api.ts'
import { AppError } from '../model/app-error.ts'
import { nodeFileOperations } from './file-operations.ts'
import type { FileOperations } from './file-operations.ts'
import { createHomeLock } from './home-lock.ts'
import { machineIdHash } from './machine-id.ts'
import { createNodeFileStore, removeStale } from './node-file-store.ts'
import { nodeRandom } from './node-random.ts'
import { systemClock } from './system-clock.ts'

export type NodeVaultOptions = {
  /** Absolute path of a home folder that `openHome` made usable. */
  readonly home: string
  readonly log: Logger
  readonly clock?: Clock
  readonly random?: Random
  /** What other devices call this one; the host name unless given. */
  readonly deviceLabel?: string
  /** Whether lists stay quick to open at the next unlock; for processes that live on after it. */
  readonly keepsIndex?: boolean
  /** On this thread unless given, argon2id and bcrypt too. */
  readonly derive?: (input: KdfInput) => Promise<Uint8Array>
  /** The file system as the file store calls it; locks keep to the real one. */
  readonly operations?: FileOperations
}

/** The vault of a home folder on this machine's disk, locked. */
export function createNodeVault(options: NodeVaultOptions): VaultApi {
  const { home, log, clock = systemClock, random = nodeRandom } = options
  const { deviceLabel = hostname(), derive = deriveKey, keepsIndex = false } = options
  const { operations = nodeFileOperations } = options
  const files = createNodeFileStore({ root: home, operations })
  // Timers and durations of locks and pacing follow the machine's clock even where a test sets the hour.
  const lock = createHomeLock({ folder: join(home, 'device'), clock: systemClock })
  const monotonic = (): number => systemClock.monotonic()
  const vault = createVault({
    files,
    lock,
    clock,
    random,
    log,
    home,
    deviceLabel,
    machineIdHash: machineIdHash(),
    derive,
    estimateMs: (kdf) => estimateKdfMs({ ...kdf, password: new Uint8Array(0) }, derive, monotonic),
    pacer: () => createPacer({ monotonic, yieldToLoop: () => nextTurn() }),
    keepsIndex,
    modifiedMs: (path) => files.modifiedMs(path),
  })
  /** Removes what killed writers left. Not at start: a one-shot `status` has no business waiting for the lock. */
  const tidy = async (): Promise<void> => {
    try {
      await removeStale({ files, lock })
    } catch (error) {
      log.warn('vault.stale-files-kept', { code: error instanceof AppError ? error.code : 'internal' })
    }
  }
  return {
    ...vault,
    async unlock(input, unlockOptions) {
      await vault.unlock(input, unlockOptions)
      await tidy()
    },
  }
}
