import { AppError } from '../../model/app-error.ts'
import type { FileStore } from '../ports/file-store.ts'
import { adoptedLocal, spendKeys, unspentKeys } from './adopt-local.ts'
import { keepUnreadable, readDeviceMemory, writeDeviceState } from './device-memory.ts'
import type { DeviceState } from './device-memory.ts'
import { checkLocalPin } from './device-pins.ts'
import { readLocalFile } from './local-file.ts'
import type { LocalFile } from './local-file.ts'
import { isAuthentic } from './manifest.ts'
import { createIndexKeeper } from './index-keeper.ts'
import { openRecords } from './open-records.ts'
import { fileDigest } from './record-file.ts'
import type { Session } from './session.ts'
import type { Slot } from './slots.ts'
import { createTransaction } from './transaction.ts'
import type { Transaction, View } from './transaction.ts'
import {
  commit,
  commitAdopted,
  commitKey,
  owedPurge,
  replaceGenerations,
  replaceLocalCopy,
} from './vault-commit.ts'
import { changed, locked } from './vault-errors.ts'
import type { VaultFile } from './vault-file.ts'
import { createVaultOpener } from './vault-opener.ts'
import type { OpenedVault } from './vault-opener.ts'
import { MAX_FILE_BYTES } from './vault-limits.ts'
import { LOCAL_PATH, VAULT_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'

/** The vault's files as one verified whole. */
export type VaultStore = {
  /** vault.json as far as no key is needed, checked against the device's memory; null when absent. Throws `vault-*`. */
  inspect(device: DeviceState): Promise<VaultFile | null>
  /**
   * The same, but of a file that this device has verified before only the head: its records are known to be sound, so they
   * may be read beside the derivation.
   */
  open(device: DeviceState): Promise<OpenedVault | null>
  /** Throws AppError('vault-changed') unless a holder of the session's key wrote exactly this file. */
  verify(session: Session, file: VaultFile): void
  /** The verified state of the disk; what the session has read already is reused while the files are the same. */
  view(session: Session): Promise<View>
  /** Runs `work` under the lock on the files just read; its outcome is durable when the promise resolves. */
  mutate<T>(session: Session, work: (transaction: Transaction) => T | Promise<T>): Promise<T>
  /**
   * Seals device data anew that a rotation has left under a retired key, as every mutation does before its work, and notes that
   * this is done. Does nothing where it is noted already.
   */
  adoptLocal(session: Session): Promise<void>
  /** Writes the vault under the key of `next`: what `seal` makes, under the lock, of the files just read with `session`. */
  replaceKey(session: Session, next: Session, seal: (view: View) => Promise<SealedAnew>): Promise<void>
  /** Writes the first vault.json, from a view of a file that does not exist. The caller holds the lock. */
  create<T>(session: Session, empty: View, work: (transaction: Transaction) => T): Promise<T>
  /** Changes device.json under the lock and answers what it holds now. */
  updateDevice(change: (state: DeviceState) => DeviceState): Promise<DeviceState>
  /** Replaces older copies that an interrupted password change or erasure of history left behind. */
  finishPurge(session: Session): Promise<void>
  /** Runs `work` while holding the lock of all mutations. Not reentrant. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
}

export type SealedAnew = {
  readonly records: VaultFile['records']
  readonly slots: readonly Slot[]
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
    read.remember(await commit(ports, session, view, outcome()))
    return result
  }
  /** Not adopted first, a change would write device data from nothing and push the only copy of the rest out. */
  const adopted = async (session: Session): Promise<View> => {
    const view = await read.view(session, true)
    const local = await adoptedLocal(ports, session, view)
    return local === null ? view : commitAdopted(files, session, view, local)
  }
  return {
    inspect: async (device) => (await read.open(device))?.whole() ?? null,
    open: (device) => read.open(device),
    verify: read.verify,
    view: (session) => read.view(session),
    exclusive,
    mutate: (session, work) => exclusive(async () => run(session, await adopted(session), work)),
    replaceKey: (session, next, seal) =>
      exclusive(async () => {
        const view = await read.view(session, true)
        read.remember(await commitKey(ports, next, view, await seal(view)))
      }),
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
    ...createUpkeep({ files, read, exclusive, adopted, run }),
  }
}

type Upkeep = {
  readonly files: FileStore
  readonly read: ReturnType<typeof createReader>
  readonly exclusive: VaultStore['exclusive']
  readonly adopted: (session: Session) => Promise<View>
  readonly run: (session: Session, view: View, work: (transaction: Transaction) => void) => Promise<void>
}

/** What an unlock finishes for writers that were cut off. */
function createUpkeep({
  files,
  read,
  exclusive,
  adopted,
  run,
}: Upkeep): Pick<VaultStore, 'adoptLocal' | 'finishPurge'> {
  return {
    adoptLocal: async (session) => {
      if (unspentKeys(await read.view(session)).length === 0) return
      await exclusive(async () => {
        const view = await adopted(session)
        // One that cannot be read stays what it is, and may be put back.
        const isAdopted = view.local !== null || !(await files.exists(LOCAL_PATH))
        if (isAdopted && unspentKeys(view).length > 0)
          await run(session, view, (transaction) => {
            spendKeys(session, transaction)
          })
      })
    },
    finishPurge: (session) =>
      exclusive(async () => {
        const { device, file } = await read.view(session, true)
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
  const index = createIndexKeeper(ports)
  const { open, remember } = createVaultOpener(ports)

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
    const digest = await fileDigest(bytes)
    if (local?.sha256 === digest) return local
    try {
      const file = await readLocalFile(bytes, pacer(), digest)
      verifyLocal(session, device, file)
      return file
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('vault-')) throw error
      // Device data can be entered again, so the vault opens without it; the file is kept as a generation.
      log.warn('vault.device-data-unusable', { code: error.code })
      return null
    }
  }

  const view = async (session: Session, isAnew = false): Promise<View> => {
    session.vaultKey()
    const { state: device } = await readDeviceMemory(ports)
    const file = await (await open(device, isAnew))?.whole()
    if (file === undefined) throw new AppError('vault-missing', 'read vault: vault.json is gone')
    verify(session, file)
    const local = await readLocal(session, device)
    const { open: records, decrypted } = await openRecords(session, file.records, pacer(), log)
    if (!session.isOpen()) throw locked()
    index.note(session, decrypted)
    session.cache.file = file
    session.cache.local = local
    return { device, file, local, open: records }
  }
  return { open, verify, view, remember }
}

function verifyLocal(session: Session, device: DeviceState, file: LocalFile): void {
  const { vault, dev } = file.top
  if (vault !== session.vault || dev !== device.device)
    throw changed('device data of another vault or device')
  checkLocalPin(device, file)
  if (!isAuthentic(session.localManifestKey(), 'local', file)) throw changed('device data manifest')
}
