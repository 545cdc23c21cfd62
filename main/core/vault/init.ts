import { AppError } from '../../model/app-error.ts'
import { wipe } from '../crypto/bytes.ts'
import { newAuditSecret } from './audit-key.ts'
import { readDeviceMemory } from './device-memory.ts'
import type { DeviceState } from './device-memory.ts'
import { putDeviceRecord } from './device-records.ts'
import { calibratedIterations, checkChosenIterations } from './kdf-policy.ts'
import { normaliseNewPassword } from './password.ts'
import { isNewHome } from './presence.ts'
import { deriveSlotKey } from './rewrap.ts'
import { createSession } from './session.ts'
import type { Session } from './session.ts'
import { freshKdf, PASSWORD_SLOT_ID, saltHash, wrapSlot } from './slots.ts'
import type { SlotKdf } from './slots.ts'
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
  chosen: number | undefined,
): Promise<Session> {
  let normal: Uint8Array | null = null
  try {
    if (chosen !== undefined) checkChosenIterations(chosen)
    normal = normaliseNewPassword(password)
    return await ports.lock.hold('kdf', async () => {
      await refuseExisting(ports)
      const iterations = chosen ?? (await measuredIterations(ports))
      const kdf = freshKdf(iterations, chosen !== undefined, ports.random)
      const kek = await deriveSlotKey(ports, normal ?? new Uint8Array(0), kdf)
      return create(ports, store, kdf, kek).finally(() => wipe(kek))
    })
  } finally {
    wipe(password)
    if (normal !== null) wipe(normal)
  }
}

async function refuseExisting(ports: VaultPorts): Promise<void> {
  const memory = await readDeviceMemory(ports)
  if (await isNewHome(ports.files, memory)) return
  if (await ports.files.exists(VAULT_PATH)) throw new AppError('vault-exists', 'init: there is a vault')
  throw new AppError('vault-missing', 'init: there was a vault in this home')
}

async function measuredIterations(ports: VaultPorts): Promise<number> {
  return calibratedIterations(DEFAULT_ITERATIONS, await ports.estimateMs(DEFAULT_ITERATIONS))
}

async function create(ports: VaultPorts, store: VaultStore, kdf: SlotKdf, kek: Uint8Array): Promise<Session> {
  const { device } = await store.updateDevice((state) => state)
  const vaultKey = ports.random.bytes(KEY_BYTES)
  const slotKey = { slot: PASSWORD_SLOT_ID, saltHash: saltHash(kdf), kek }
  const vault = ports.random.uuid()
  const session = createSession({ vault, vkGen: 1, dev: device, vaultKey, slotKey })
  wipe(vaultKey)
  try {
    const record = await store.exclusive(async () => {
      await refuseExisting(ports)
      const { state } = await readDeviceMemory(ports)
      const secret = await newAuditSecret(ports, { vault, dev: device })
      return store.create(session, emptyView(state, vault), (transaction) => {
        transaction.replaceSlots([wrapSlot(kek, session.vaultKey(), kdf, { random: ports.random })])
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
  const open = { credentials: [], jobs: [], devices: [], settings: [] }
  return { device, file: { top, records: new Map(), mac: '', sha256: '' }, local: null, open }
}
