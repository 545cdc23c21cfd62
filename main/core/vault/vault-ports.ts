import type { KdfInput } from '../crypto/kdf.ts'
import type { Clock } from '../ports/clock.ts'
import type { FileStore } from '../ports/file-store.ts'
import type { HomeLock } from '../ports/lock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Random } from '../ports/random.ts'
import type { Kdf } from './kdfs.ts'
import type { Pacer } from './pacer.ts'

/** Everything the vault may use. */
export type VaultPorts = {
  readonly files: FileStore
  readonly lock: HomeLock
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Absolute path of the home folder, for `status` only. */
  readonly home: string
  /** What this device is called on other devices, usually the host name. */
  readonly deviceLabel: string
  /** SHA-256 of the machine's id, hex; null when it has none. A device folder copied to another machine is told by it. */
  readonly machineIdHash: string | null
  /** Stretches a password. The one place where a derivation happens, so that tests can count them. */
  readonly derive: (input: KdfInput) => Promise<Uint8Array>
  /** Milliseconds a derivation would take here. */
  readonly estimateMs: (kdf: Kdf) => Promise<number>
  /** A fresh pacer for one long computation. */
  readonly pacer: () => Pacer
  /** Whether to write the index of decrypted lists; false for a process that is over before that pays. */
  readonly keepsIndex: boolean
  /** When a file of the home was last written, milliseconds since 1970; null when it is absent. */
  readonly modifiedMs: (path: string) => Promise<number | null>
}

export const VAULT_PATH = 'vault.json'
export const LOCAL_PATH = 'device/local.json'

export function generationPath(n: number): string {
  return `${VAULT_PATH}.${n}`
}
