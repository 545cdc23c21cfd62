import { AppError } from '../../model/app-error.ts'
import { keepUnreadable, readDeviceMemory, writeDeviceState } from './device-memory.ts'
import type { DeviceState } from './device-memory.ts'
import { checkPins } from './device-pins.ts'
import { readLocalFile } from './local-file.ts'
import type { LocalFile } from './local-file.ts'
import { isAuthentic } from './manifest.ts'
import { openRecords } from './open-records.ts'
import { fileDigest } from './record-file.ts'
import type { Session } from './session.ts'
import { createTransaction } from './transaction.ts'
import type { Transaction, View } from './transaction.ts'
import { commit, owedPurge, replaceGenerations, replaceLocalCopy } from './vault-commit.ts'
import { changed, locked } from './vault-errors.ts'
import { readVaultFile } from './vault-file.ts'
import type { VaultFile } from './vault-file.ts'
import { MAX_FILE_BYTES } from './vault-limits.ts'
import { LOCAL_PATH, VAULT_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'

/** The vault's files as one verified whole. */
export type VaultStore = {
  /** vault.json as far as no key is needed, checked against the device's memory; null when absent. Throws `vault-*`. */
  inspect(device: DeviceState): Promise<VaultFile | null>
  /** Throws AppError('vault-changed') unless a holder of the session's key wrote exactly this file. */
  verify(session: Session, file: VaultFile): void
  /** The verified state of the disk; what the session has read already is reused while the files are the same. */
  view(session: Session): Promise<View>
  /** Runs `work` under the lock on the files just read; its outcome is durable when the promise resolves. */
  mutate<T>(session: Session, work: (transaction: Transaction) => T | Promise<T>): Promise<T>
  /** Writes the first vault.json, from a view of a file that does not exist. The caller holds the lock. */
  create<T>(session: Session, empty: View, work: (transaction: Transaction) => T): Promise<T>
  /** Changes device.json under the lock and answers what it holds now. */
  updateDevice(change: (state: DeviceState) => DeviceState): Promise<DeviceState>
  /** Replaces older copies that an interrupted password change or erasure of history left behind. */
  finishPurge(session: Session): Promise<void>
  /** Runs `work` while holding the lock of all mutations. Not reentrant. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
}

export function createVaultStore(ports: VaultPorts): VaultStore {
  const { files, lock, log } = ports
  const read = createReader(ports)
  const exclusive = <T>(work: () => Promise<T>): Promise<T> => lock.hold('vault', work)
  const run = async <T>(
    session: Session,
    view: View,
    work: (transaction: Transaction) => T | Promise<T>,
  ): Promise<T> => {
    const { transaction, outcome } = createTransaction(session, view, ports)
    const result = await work(transaction)
    read.remember(await commit(files, session, view, outcome()))
    return result
  }
  return {
    inspect: read.inspect,
    verify: read.verify,
    view: read.view,
    exclusive,
    mutate: (session, work) => exclusive(async () => run(session, await read.view(session), work)),
    create: (session, empty, work) => run(session, empty, work),
    updateDevice: (change) =>
      exclusive(async () => {
        const memory = await readDeviceMemory(ports)
        if (memory.kind === 'unreadable') log.warn('vault.device-file-unreadable')
        await keepUnreadable(files, memory)
        const state = change(memory.state)
        await writeDeviceState(files, state)
        return state
      }),
    finishPurge: (session) =>
      exclusive(async () => {
        const { device, file } = await read.view(session)
        if (device.purge === null) return
        const bytes = await files.read(VAULT_PATH, MAX_FILE_BYTES)
        // Owed nothing: the change itself never reached the disk, so the old password is still the password.
        const owed = bytes === null ? null : owedPurge(device, file)
        if (bytes !== null && owed !== null) await replaceGenerations(files, bytes)
        if (owed === 'history') await replaceLocalCopy(files)
        await writeDeviceState(files, { ...device, purge: null })
      }),
  }
}

/** The reading half: parse, check, verify, decrypt lists; each only when the bytes on disk are new. */
function createReader(ports: VaultPorts) {
  const { files, log, pacer } = ports
  /** The last well-formed vault.json. Nothing in it is decrypted, so it may outlive a session. */
  let parsed: VaultFile | null = null

  const inspect = async (device: DeviceState): Promise<VaultFile | null> => {
    const bytes = await files.read(VAULT_PATH, MAX_FILE_BYTES)
    if (bytes === null) return null
    const digest = fileDigest(bytes)
    const file = parsed?.sha256 === digest ? parsed : await readVaultFile(bytes, pacer(), digest)
    parsed = file
    checkPins(device, file)
    return file
  }

  const verify = (session: Session, file: VaultFile): void => {
    if (session.cache.file?.sha256 === file.sha256) return
    if (file.top.vkGen !== session.vkGen) {
      session.close()
      throw locked()
    }
    if (!isAuthentic(session.manifestKey(), 'vault', file)) throw changed('manifest')
  }

  const readLocal = async (session: Session, device: DeviceState): Promise<LocalFile | null> => {
    const bytes = await files.read(LOCAL_PATH, MAX_FILE_BYTES)
    if (bytes === null) return null
    const { local } = session.cache
    if (local?.sha256 === fileDigest(bytes)) return local
    try {
      const file = await readLocalFile(bytes, pacer())
      verifyLocal(session, device, file)
      return file
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('vault-')) throw error
      // Device data can be entered again, so the vault opens without it; the file is kept as a generation.
      log.warn('vault.device-data-unusable', { code: error.code })
      return null
    }
  }

  const view = async (session: Session): Promise<View> => {
    session.vaultKey()
    const { state: device } = await readDeviceMemory(ports)
    const file = await inspect(device)
    if (file === null) throw new AppError('vault-missing', 'read vault: vault.json is gone')
    verify(session, file)
    const local = await readLocal(session, device)
    const open = await openRecords(session, file.records, pacer(), log)
    if (!session.isOpen()) throw locked()
    session.cache.file = file
    session.cache.local = local
    return { device, file, local, open }
  }
  const remember = (file: VaultFile): void => {
    parsed = file
  }
  return { inspect, verify, view, remember }
}

function verifyLocal(session: Session, device: DeviceState, file: LocalFile): void {
  const { vault, dev, epoch } = file.top
  const pin = device.local
  if (vault !== session.vault || dev !== device.device)
    throw changed('device data of another vault or device')
  if (pin !== null && (epoch < pin.epoch || (epoch === pin.epoch && pin.mac !== file.mac))) {
    throw changed('device data rolled back')
  }
  if (!isAuthentic(session.localManifestKey(), 'local', file)) throw changed('device data manifest')
}
