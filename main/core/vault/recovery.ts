import { AppError } from '../../model/app-error.ts'
import { AUDIT_HEAD_PATH, AUDIT_OLDER_PATH, AUDIT_PATH, AUDIT_UNREADABLE_PATH } from './audit-log.ts'
import { DEVICE_PATH, readDeviceMemory, startedOver, writeDeviceState } from './device-memory.ts'
import { isNewHome, presentGenerations } from './presence.ts'
import { isoTime } from './transaction.ts'
import { INDEX_PATH } from './record-index.ts'
import { changed, unknownName } from './vault-errors.ts'
import { readVaultFile } from './vault-file.ts'
import { GENERATIONS, MAX_FILE_BYTES } from './vault-limits.ts'
import { generationPath, LOCAL_PATH, VAULT_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

const ASIDE_FOLDER = 'old-vaults'

/**
 * Puts generation `n` back as vault.json; the file it replaces becomes a generation. Throws AppError('unknown-name') when there
 * is no such generation, `vault-damaged` when it is broken itself, `vault-changed` when it is of another vault.
 */
export async function restoreGeneration(ports: VaultPorts, store: VaultStore, n: number): Promise<void> {
  const { files } = ports
  await store.exclusive(async () => {
    const bytes = isGeneration(n) ? await files.read(generationPath(n), MAX_FILE_BYTES) : null
    if (bytes === null) throw unknownName('generation')
    const file = await readVaultFile(bytes, ports.pacer())
    const { state } = await readDeviceMemory(ports)
    if (state.vault !== null && state.vault !== file.top.vault) throw changed('generation of another vault')
    // What was written last may be what the person wants to be rid of: it is missed no more.
    // First: a file accepted but not there harms nothing, a file there but not accepted would be refused as rolled back.
    await writeDeviceState(files, { ...state, accept: file.sha256, latest: [] })
    await files.writeDurably(VAULT_PATH, bytes, { generations: GENERATIONS })
    ports.log.info('vault.restored', { generation: n, epoch: file.top.epoch })
  })
}

/**
 * Moves the vault's files into a folder of their own, so that `init` can start over; answers its path below the home. Copies
 * first and removes afterwards, vault.json last of what makes a home one with a vault: cut off anywhere, the home holds the
 * vault as before or none.
 */
export async function setVaultAside(ports: VaultPorts, store: VaultStore): Promise<string> {
  const { files } = ports
  return store.exclusive(async () => {
    const memory = await readDeviceMemory(ports)
    if (await isNewHome(files, memory)) throw new AppError('no-vault', 'set aside: no vault in this home')
    const folder = await freeFolder(ports)
    await files.makeFolder(folder)
    const generations = (await presentGenerations(files)).map(generationPath)
    const audit = [AUDIT_PATH, AUDIT_OLDER_PATH, AUDIT_HEAD_PATH, AUDIT_UNREADABLE_PATH]
    const rest = [LOCAL_PATH, `${LOCAL_PATH}.1`, ...audit]
    for (const path of [VAULT_PATH, ...generations, ...rest, DEVICE_PATH])
      await copy(ports, path, `${folder}/${baseName(path)}`)
    // Generations or a memory of the vault without vault.json would be a vault that is missing.
    for (const path of generations) await files.remove(path)
    await writeDeviceState(files, startedOver(memory.state))
    for (const path of [VAULT_PATH, ...rest, INDEX_PATH]) await files.remove(path)
    ports.log.info('vault.set-aside')
    return folder
  })
}

/** A folder for old files that does not exist yet, named after the present time. */
export async function freeFolder({ files, clock }: VaultPorts, suffix = ''): Promise<string> {
  const stamp = isoTime(clock).slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  for (let n = 1; ; n += 1) {
    const folder = `${ASIDE_FOLDER}/${stamp}${n === 1 ? '' : `-${n}`}${suffix}`
    if ((await files.list(folder)).length === 0) return folder
  }
}

export async function copy({ files }: VaultPorts, from: string, to: string): Promise<void> {
  const bytes = await files.read(from, MAX_FILE_BYTES)
  if (bytes !== null) await files.writeDurably(to, bytes)
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function isGeneration(n: number): boolean {
  return Number.isInteger(n) && n >= 1 && n <= GENERATIONS
}
