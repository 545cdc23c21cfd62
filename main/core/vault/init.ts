import { AppError } from '../../model/app-error.ts'
import type { KdfChoice } from '../../model/vault.ts'
import { wipe } from '../crypto/bytes.ts'
import { newAuditSecret } from './audit-key.ts'
import { readDeviceMemory } from './device-memory.ts'
import type { DeviceState } from './device-memory.ts'
import { putDeviceRecord } from './device-records.ts'
import { calibratedIterations } from './kdf-policy.ts'
import { isNewHome } from './presence.ts'
import { freshKdf } from './kdfs.ts'
import type { SlotKdf } from './kdfs.ts'
import { deriveSlotKey, newEntry } from './proofs.ts'
import type { Entry } from './proofs.ts'
import { createSession } from './session.ts'
import type { Session } from './session.ts'
import { saltHash, SLOT_IDS, wrapSlot } from './slots.ts'
import type { View } from './transaction.ts'
import type { VaultTop } from './vault-file.ts'
import { DEFAULT_ITERATIONS, FORMAT_VERSION, KEY_BYTES } from './vault-limits.ts'
import { VAULT_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/** Makes a vault where nothing says that there ever was one, and opens it. Wipes `password`. The caller closes the session. */
export async function initVault(
  ports: VaultPorts,
  store: VaultStore,
  password: Uint8Array,
  choice: KdfChoice,
): Promise<Session> {
  let entry: Entry | null = null
  try {
    // Before anything is asked of the disk: numbers and passwords that are refused are refused in every home.
    freshKdf(choice, ports.random)
    const made = newEntry(password, null)
    entry = made
    return await ports.lock.hold('kdf', async () => {
      await refuseExisting(ports)
      const kdf = freshKdf(choice, ports.random, await calibrated(ports, choice))
      const kek = await deriveSlotKey(ports, made, kdf.kdf, SLOT_IDS.password)
      return create(ports, store, kdf, kek).finally(() => wipe(kek))
    })
  } finally {
    wipe(password)
    entry?.close()
  }
}

async function refuseExisting(ports: VaultPorts): Promise<void> {
  const memory = await readDeviceMemory(ports)
  if (await isNewHome(ports.files, memory)) return
  if (await ports.files.exists(VAULT_PATH)) throw new AppError('vault-exists', 'init: there is a vault')
  throw new AppError('vault-missing', 'init: there was a vault in this home')
}

/** Iterations of PBKDF2 for this machine; measured only when they are needed. */
async function calibrated(ports: VaultPorts, choice: KdfChoice): Promise<number> {
  if (choice.name !== 'pbkdf2-hmac-sha256' || choice.iterations !== undefined) return DEFAULT_ITERATIONS
  const { kdf } = freshKdf({ ...choice, iterations: DEFAULT_ITERATIONS }, ports.random)
  return calibratedIterations(DEFAULT_ITERATIONS, await ports.estimateMs(kdf))
}

async function create(ports: VaultPorts, store: VaultStore, kdf: SlotKdf, kek: Uint8Array): Promise<Session> {
  const { device } = await store.updateDevice((state) => state)
  const vaultKey = ports.random.bytes(KEY_BYTES)
  const slotKey = { slot: SLOT_IDS.password, saltHash: saltHash(kdf), kek }
  const vault = ports.random.uuid()
  const session = createSession({ vault, vkGen: 1, dev: device, vaultKey, slotKey })
  wipe(vaultKey)
  try {
    const record = await store.exclusive(async () => {
      await refuseExisting(ports)
      const { state } = await readDeviceMemory(ports)
      const secret = await newAuditSecret(ports, { vault, dev: device })
      return store.create(session, emptyView(state, vault), (transaction) => {
        transaction.replaceSlots([wrapSlot(kek, session.vaultKey(), kdf, { random: ports.random })], {
          purge: false,
        })
        return putDeviceRecord(transaction, ports.deviceLabel, secret)
      })
    })
    await store.updateDevice((state) => ({ ...state, record }))
    return session
  } catch (error) {
    session.close()
    throw error
  }
}

/** A vault before its first write. */
function emptyView(device: DeviceState, vault: string): View {
  const top: VaultTop = {
    format: 'fernsync',
    version: FORMAT_VERSION,
    minReader: FORMAT_VERSION,
    vault,
    vkGen: 1,
    epoch: 0,
    dev: device.device,
    seen: {},
    slotSet: { rev: 0, dev: device.device },
    slots: [],
  }
  const open = { credentials: [], jobs: [], devices: [], settings: [], retiredKeys: [] }
  return { device, file: { top, records: new Map(), mac: '', sha256: '' }, local: null, open }
}
