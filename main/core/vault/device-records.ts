import { nameKey } from '../../model/ids.ts'
import { readDeviceMemory } from './device-memory.ts'
import type { OpenRecords } from './open-records.ts'
import type { Payload } from './record-parts.ts'
import type { Session } from './session.ts'
import type { RecordMeta, Transaction } from './transaction.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

const MAX_LABEL = 100
const NO_LABEL = 'device'

/**
 * Gives this device a record with its label when the vault has none yet: after a vault came from elsewhere, or the device folder
 * was lost. device.json names the record, so that an ordinary unlock need not decrypt all records to find it.
 */
export async function ensureDeviceRecord(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
): Promise<void> {
  const { state } = await readDeviceMemory(ports)
  const known = state.record === null ? undefined : session.cache.file?.records.get(state.record)
  if (known !== undefined && known.record.deleted !== true) return
  const record = await store.mutate(session, (transaction) => putDeviceRecord(transaction, ports.deviceLabel))
  await store.updateDevice((device) => ({ ...device, record }))
}

/** Writes this device's record unless there is one; answers its id. */
export function putDeviceRecord(
  transaction: Transaction,
  label: string,
  secret: Payload = { fields: {} },
): string {
  const { device, open } = transaction.view
  const own = open.devices.find((record) => record.meta.fields.device === device.device)
  if (own !== undefined) return own.entry.record.id
  return transaction.put(null, deviceMeta(device.device, freeLabel(label, open)), secret).id
}

/** Label of each device record, by device id. */
export function deviceLabels(open: OpenRecords): Readonly<Record<string, string>> {
  return Object.fromEntries(open.devices.map(({ meta }) => [meta.fields.device, meta.title]))
}

function deviceMeta(device: string, title: string): RecordMeta {
  return { _kind: 'device', title, fields: { device } }
}

/** Two machines may share a host name; names are unique per kind. */
function freeLabel(label: string, { devices }: OpenRecords): string {
  const taken = new Set(devices.map(({ meta }) => nameKey(meta.title)))
  const base =
    label
      .normalize('NFC')
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, MAX_LABEL - 4) || NO_LABEL
  for (let n = 1; ; n += 1) {
    const candidate = n === 1 ? base : `${base} ${n}`
    if (!taken.has(nameKey(candidate))) return candidate
  }
}
