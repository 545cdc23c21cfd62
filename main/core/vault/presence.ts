import { AppError } from '../../model/app-error.ts'
import type { FileStore } from '../ports/file-store.ts'
import type { DeviceMemory } from './device-memory.ts'
import { GENERATIONS } from './vault-limits.ts'
import { generationPath, VAULT_PATH } from './vault-ports.ts'

/**
 * True when nothing in the home says that there ever was a vault. Missing is not new: taking a lost file for a first start
 * would bury the person's passwords under an empty vault.
 */
export async function isNewHome(files: FileStore, { state, kind }: DeviceMemory): Promise<boolean> {
  if (kind === 'unreadable' || state.vault !== null || (await files.exists(VAULT_PATH))) return false
  return (await presentGenerations(files)).length === 0
}

/** Why there is no vault.json to read. */
export async function absence(files: FileStore, memory: DeviceMemory): Promise<AppError> {
  return (await isNewHome(files, memory))
    ? new AppError('no-vault', 'read vault: none in this home')
    : new AppError('vault-missing', 'read vault: vault.json is gone')
}

/** Numbers of the generations that exist, newest first. */
export async function presentGenerations(files: FileStore): Promise<readonly number[]> {
  const present: number[] = []
  for (let n = 1; n <= GENERATIONS; n += 1) {
    if (await files.exists(generationPath(n))) present.push(n)
  }
  return present
}
