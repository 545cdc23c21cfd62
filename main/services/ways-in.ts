import type {
  PreparedRecoveryKey,
  RotateOptions,
  RotateProgress,
  SlotProof,
} from '../core/vault/vault-api.ts'
import type { KdfChoice, VaultStatus } from '../model/vault.ts'
import type { KeyCache } from './key-cache.ts'
import type { ServicePorts } from './service-ports.ts'

export type { SlotProof }

/** Changes of the slots that open the vault. All byte arrays given to these are wiped by the vault. */
export type WaysIn = {
  changePassword(proof: SlotProof, next: Uint8Array, kdf?: KdfChoice): Promise<VaultStatus>
  /** A recovery key to show; the caller wipes it. */
  prepareRecoveryKey(): Promise<PreparedRecoveryKey>
  addRecoveryKey(proof: SlotProof, typed: readonly [Uint8Array, Uint8Array]): Promise<VaultStatus>
  /** The content of a new key file; the caller stores it durably before it asks for it to be needed. */
  newKeyFile(): Promise<Uint8Array>
  setKeyFile(proof: SlotProof, keyFile: Uint8Array | null): Promise<VaultStatus>
  removeSlot(id: string, proof: SlotProof): Promise<VaultStatus>
  rotateKey(options: RotateOptions): Promise<VaultStatus>
  cancelRotation(): Promise<void>
  /** Calls `listener` while a rotation goes on. */
  onRotation(listener: (progress: RotateProgress) => void): void
}

export function createWaysIn(
  { vault, log }: Pick<ServicePorts, 'vault' | 'log'>,
  keyCache: Pick<KeyCache, 'renew'>,
  status: () => Promise<VaultStatus>,
): WaysIn {
  const listeners: ((progress: RotateProgress) => void)[] = []
  const changed = async (change: Promise<void>): Promise<VaultStatus> => {
    await change
    // The kept key may open nothing any more. A keychain that is away now must not fail the change.
    await keyCache.renew().catch(() => {
      log.warn('keychain.not-renewed')
    })
    return status()
  }
  return {
    changePassword: async (proof, next, kdf) =>
      changed(
        kdf === undefined
          ? vault.unlocked().changePassword(proof, next)
          : vault.unlocked().changePassword(proof, next, kdf),
      ),
    prepareRecoveryKey: async () => vault.unlocked().prepareRecoveryKey(),
    addRecoveryKey: async (proof, typed) => changed(vault.unlocked().addRecoveryKey(proof, typed)),
    newKeyFile: async () => vault.unlocked().newKeyFile(),
    setKeyFile: async (proof, keyFile) => changed(vault.unlocked().setKeyFile(proof, keyFile)),
    removeSlot: async (id, proof) => changed(vault.unlocked().removeSlot(id, proof)),
    rotateKey: async ({ onProgress = () => {}, ...options }) =>
      changed(
        vault.unlocked().rotateKey({
          ...options,
          onProgress(progress) {
            onProgress(progress)
            for (const listener of listeners) listener(progress)
          },
        }),
      ),
    cancelRotation: async () => vault.unlocked().cancelRotation(),
    onRotation: (listener) => void listeners.push(listener),
  }
}
