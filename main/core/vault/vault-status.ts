import { AppError } from '../../model/app-error.ts'
import type { VaultState, VaultStatus } from '../../model/vault.ts'
import { readDeviceMemory } from './device-memory.ts'
import { kdfNumbers, readKdf } from './kdfs.ts'
import type { DeviceMemory } from './device-memory.ts'
import { isNewHome, presentGenerations } from './presence.ts'
import { fileDigest } from './record-file.ts'
import type { Slot } from './slots.ts'
import { throttledForMs } from './throttle.ts'
import { readVaultFile } from './vault-file.ts'
import type { VaultFile } from './vault-file.ts'
import { MAX_FILE_BYTES } from './vault-limits.ts'
import { generationPath } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

type Generation = VaultStatus['generations'][number]

/** Answers what can be said without a password. `access` is the state of this process while the file is sound. */
export type StatusReader = (access: 'locked' | 'unlocking' | 'unlocked') => Promise<VaultStatus>

export function createStatusReader(ports: VaultPorts, store: VaultStore): StatusReader {
  /** Whether a generation is well formed, by its digest: they change rarely and are as large as the vault. */
  let judged = new Map<string, boolean>()

  const generations = async (): Promise<Generation[]> => {
    const next = new Map<string, boolean>()
    const list: Generation[] = []
    for (const n of await presentGenerations(ports.files)) {
      const bytes = await ports.files.read(generationPath(n), MAX_FILE_BYTES)
      const changedMs = await ports.modifiedMs(generationPath(n))
      if (bytes === null || changedMs === null) continue
      const digest = await fileDigest(bytes)
      const ok = next.get(digest) ?? judged.get(digest) ?? (await isWellFormed(ports, bytes))
      next.set(digest, ok)
      list.push({ n, changed: new Date(changedMs).toISOString(), ok })
    }
    judged = next
    return list
  }

  return async (access) => {
    const found = await look(ports, store)
    const { file } = found
    return {
      home: ports.home,
      state: found.state === 'present' ? access : found.state,
      vault: file?.top.vault ?? null,
      format: file === null ? null : `${file.top.format}/${file.top.version}`,
      slots: file?.top.slots.map(slotStatus) ?? [],
      records: file === null ? 0 : liveRecords(file),
      generations: await generations(),
      // Known to the keychain feature only, which fills it in.
      keychain: 'off',
      throttledForMs:
        found.memory === null ? 0 : throttledForMs(found.memory.state.throttle, ports.clock.now()),
    }
  }
}

type Found = {
  readonly state: Exclude<VaultState, 'locked' | 'unlocking' | 'unlocked'> | 'present'
  readonly file: VaultFile | null
  readonly memory: DeviceMemory | null
}

async function look(ports: VaultPorts, store: VaultStore): Promise<Found> {
  let memory: DeviceMemory | null = null
  try {
    memory = await readDeviceMemory(ports)
    const file = await store.inspect(memory.state)
    if (file !== null) return { state: 'present', file, memory }
    return { state: (await isNewHome(ports.files, memory)) ? 'no-vault' : 'missing', file: null, memory }
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('vault-')) throw error
    // A file that is sound but not ours to trust is as unusable as a broken one: the same screen offers the generations.
    return { state: error.code === 'vault-newer' ? 'newer' : 'damaged', file: null, memory }
  }
}

async function isWellFormed(ports: VaultPorts, bytes: Uint8Array): Promise<boolean> {
  try {
    await readVaultFile(bytes, ports.pacer())
    return true
  } catch (error) {
    if (error instanceof AppError) return false
    throw error
  }
}

function slotStatus(slot: Slot): VaultStatus['slots'][number] {
  const known = readKdf(slot.kdf)
  const iterations = slot.kdf['iterations']
  return {
    id: slot.id,
    type: slot.type,
    kdf: slot.kdf.name,
    iterations: typeof iterations === 'number' ? iterations : null,
    numbers: known === null ? {} : kdfNumbers(known.kdf),
  }
}

function liveRecords(file: VaultFile): number {
  let count = 0
  for (const { record } of file.records.values()) if (record.deleted !== true) count += 1
  return count
}
