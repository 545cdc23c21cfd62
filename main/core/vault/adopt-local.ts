import { AppError } from '../../model/app-error.ts'
import { fromBase64Url, wipe } from '../crypto/bytes.ts'
import { checkLocalPin } from './device-pins.ts'
import { readLocalFile } from './local-file.ts'
import type { LocalFile } from './local-file.ts'
import { deriveManifestKey, isAuthentic } from './manifest.ts'
import type { OpenRecord } from './open-records.ts'
import { fileDigest } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import type { DeviceMeta } from './record-kinds.ts'
import { resealRecords } from './reseal.ts'
import type { Session } from './session.ts'
import { openSecret } from './transaction.ts'
import type { Transaction, View } from './transaction.ts'
import { MAX_FILE_BYTES } from './vault-limits.ts'
import { LOCAL_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'

/**
 * local.json with its records sealed anew under the present vault key, when it is still under one that a rotation has retired;
 * null when there is nothing to adopt, as while `view` has device data it can use. A file that cannot be adopted is none: it must
 * not stand in the way of a change. Throws AppError('locked') when a lock overtakes it.
 */
export async function adoptedLocal(
  ports: VaultPorts,
  session: Session,
  view: View,
): Promise<LocalFile | null> {
  if (view.local !== null || unspentKeys(view).length === 0) return null
  try {
    const file = await readRetired(ports, session, view)
    return file === null ? null : await opened(ports, session, view, file)
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('vault-')) throw error
    ports.log.warn('vault.device-data-unusable', { code: error.code })
    return null
  }
}

/** True for device data that is just as this device wrote it, under a retired key: what an unlock adopts. */
export function isUnderRetiredKey(session: Session, view: Known, file: LocalFile): boolean {
  const key = retiredKeyOf(session, view, file)
  if (key === null) return false
  wipe(key)
  return true
}

type Known = Pick<View, 'device' | 'open'>

/** Retired keys under which device data of this device may still lie. */
export function unspentKeys({ device, open }: Known): readonly OpenRecord[] {
  const spent = new Set(ownRecord({ device, open })?.meta.spentKeys)
  return open.retiredKeys.filter(({ entry }) => !spent.has(entry.record.id))
}

/**
 * Notes in this device's own record that its device data are under the present key: who kept an old one could otherwise have a
 * local.json of their own adopted.
 */
export function spendKeys(session: Session, transaction: Transaction): void {
  const { view } = transaction
  const own = ownRecord(view)
  if (own === null) return
  const spentKeys = view.open.retiredKeys.map(({ entry }) => entry.record.id)
  const { title, fields } = own.meta
  transaction.put(own, { _kind: 'device', title, fields, spentKeys }, openSecret(session, own.entry))
}

function ownRecord({ device, open }: Known): OpenRecord<DeviceMeta> | null {
  return open.devices.find(({ meta }) => meta.fields.device === device.device) ?? null
}

async function readRetired(ports: VaultPorts, session: Session, { device }: View): Promise<LocalFile | null> {
  const bytes = await ports.files.read(LOCAL_PATH, MAX_FILE_BYTES)
  if (bytes === null) return null
  const file = await readLocalFile(bytes, ports.pacer(), await fileDigest(bytes))
  if (file.top.vault !== session.vault || file.top.dev !== session.dev) return null
  // Else a file of before the rotation, put in place of the present one, would bring old folders back.
  checkLocalPin(device, file)
  return file
}

async function opened(
  ports: VaultPorts,
  session: Session,
  view: View,
  file: LocalFile,
): Promise<LocalFile | null> {
  const key = retiredKeyOf(session, view, file)
  if (key === null) return null
  try {
    return { ...file, records: await reseal(ports, session, key, file) }
  } finally {
    wipe(key)
  }
}

/** The retired key that `file` is sealed with, which the caller wipes; null for none that is left to be adopted. */
function retiredKeyOf(session: Session, view: Known, file: LocalFile): Uint8Array | null {
  for (const { entry } of unspentKeys(view)) {
    const key = fromBase64Url(openSecret(session, entry).fields['key'] ?? '')
    if (isSealedWith(key, file)) return key
    wipe(key)
  }
  return null
}

function isSealedWith(key: Uint8Array, file: LocalFile): boolean {
  const manifestKey = deriveManifestKey(key, { kind: 'local', dev: file.top.dev })
  const authentic = isAuthentic(manifestKey, 'local', file)
  wipe(manifestKey)
  return authentic
}

function reseal(
  { random, pacer }: VaultPorts,
  session: Session,
  from: Uint8Array,
  file: LocalFile,
): Promise<ReadonlyMap<string, RecordEntry>> {
  return resealRecords(file.records, {
    from,
    to: session.vaultKey(),
    gen: session.vkGen,
    scope: 'local',
    vault: session.vault,
    random,
    pacer: pacer(),
    onRecord: () => void session.vaultKey(),
  })
}
