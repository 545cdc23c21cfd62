import { AppError } from '../../model/app-error.ts'
import type { FileStore } from '../ports/file-store.ts'
import { latestOf, writeDeviceState } from './device-memory.ts'
import type { DeviceState, LatestRecord } from './device-memory.ts'
import { nextEpoch, pinned } from './device-pins.ts'
import type { LocalFile, LocalTop } from './local-file.ts'
import { manifestMac } from './manifest.ts'
import { fileDigest, writeRecordFile } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import { INDEX_PATH } from './record-index.ts'
import type { Session } from './session.ts'
import { slotsHash } from './slots.ts'
import type { Slot } from './slots.ts'
import type { Outcome, View } from './transaction.ts'
import { checkTop } from './vault-file.ts'
import type { VaultFile, VaultTop } from './vault-file.ts'
import { FORMAT_VERSION, GENERATIONS, MAX_FILE_BYTES } from './vault-limits.ts'
import { generationPath, LOCAL_PATH, VAULT_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'

type CommitPorts = Pick<VaultPorts, 'files' | 'pacer'>

/**
 * Writes what a transaction left, in the order that survives a crash at any instant: local.json (revisions that vault.json does
 * not name yet are ignored), vault.json, device.json. Resolves when all of it is on disk; the caller holds the lock.
 */
export async function commit(
  { files, pacer }: CommitPorts,
  session: Session,
  view: View,
  outcome: Outcome,
): Promise<VaultFile> {
  const { records, slots, erases, isTouched } = outcome
  if (records === null && outcome.local === null && slots === null && !isTouched && !erases) return view.file
  const top = checkedTop(nextTop(view, slots))
  const kept = records ?? view.file.records
  // Each of these takes a good part of what an event loop may be held at 10,000 records.
  const { turn } = pacer()
  await turn()
  const mac = manifestMac(session.manifestKey(), 'vault', { top, records: kept })
  await turn()
  const bytes = writeRecordFile(top, kept, mac)
  await turn()
  const digest = fileDigest(bytes)

  const written = outcome.local === null ? null : await commitLocal(files, session, view, outcome.local)
  const local = written ?? view.local
  // What this device wrote last stays in mind while it is not there: else an older one would be believed after the next change.
  const device = written === null ? view.device : { ...view.device, local: pinOf(written) }
  const mark = await purgeMark(view, outcome, top, digest)
  if (mark !== null) await writeDeviceState(files, { ...device, purge: mark })
  await files.writeDurably(VAULT_PATH, bytes, { generations: GENERATIONS })
  const file = { top, records: kept, mac, sha256: await digest }
  if (mark !== null) await replaceGenerations(files, bytes)
  if (mark === file.sha256) await replaceLocalCopy(files)
  await writeDeviceState(files, await settled(files, device, file, latestOf(kept, view.file.records)))
  if (session.isOpen()) {
    session.cache.file = file
    session.cache.local = local
  }
  return file
}

/**
 * Writes the vault under the key of `next`, and replaces the generations, which the old key opens. local.json stays under the
 * old one until it is adopted. Resolves when all of it is on disk; the caller holds the lock.
 */
export async function commitKey(
  { files, pacer }: CommitPorts,
  next: Session,
  view: View,
  { records, slots }: { readonly records: VaultFile['records']; readonly slots: readonly Slot[] },
): Promise<VaultFile> {
  const top = checkedTop({ ...nextTop(view, slots), vkGen: next.vkGen })
  const { turn } = pacer()
  const mac = manifestMac(next.manifestKey(), 'vault', { top, records })
  await turn()
  const bytes = writeRecordFile(top, records, mac)
  await turn()
  const sha256 = await fileDigest(bytes)
  await writeDeviceState(files, { ...view.device, purge: slotsHash(top.slots) })
  await files.writeDurably(VAULT_PATH, bytes, { generations: GENERATIONS })
  await replaceGenerations(files, bytes)
  const file = { top, records, mac, sha256 }
  await writeDeviceState(files, await settled(files, view.device, file, []))
  return file
}

/**
 * Writes device data that was sealed anew under the present vault key, and nothing else. The older copy becomes the same file,
 * and first: it is under a key that was given up, and a kill in between leaves the old local.json to be adopted again.
 */
export async function commitAdopted(
  files: FileStore,
  session: Session,
  view: View,
  adopted: LocalFile,
): Promise<View> {
  const { local, bytes } = sealedLocal(session, { ...view, local: adopted }, adopted.records)
  if (await files.exists(`${LOCAL_PATH}.1`)) await files.writeDurably(`${LOCAL_PATH}.1`, bytes)
  await files.writeDurably(LOCAL_PATH, bytes)
  const file = { ...local, sha256: await fileDigest(bytes) }
  const device = { ...view.device, local: pinOf(file) }
  await writeDeviceState(files, device)
  if (session.isOpen()) session.cache.local = file
  return { ...view, device, local: file }
}

function pinOf({ top, mac }: LocalFile): NonNullable<DeviceState['local']> {
  return { epoch: top.epoch, mac }
}

/** The memory after `file` is on disk and nothing is left to do. */
async function settled(
  files: FileStore,
  device: DeviceState,
  file: VaultFile,
  latest: readonly LatestRecord[],
): Promise<DeviceState> {
  // Without it the next unlock only begins later; the change is on disk and must not be reported as failed.
  const stamp = await files.stamp(VAULT_PATH).catch(() => null)
  return { ...pinned(device, file, stamp?.id ?? null), latest: [...latest], accept: null, purge: null }
}

/**
 * Replaces every generation by `bytes`: after a password change no file may be left that the old password opens. A kill in
 * between is made up for at the next unlock, because device.json names the purge until it is done.
 */
export async function replaceGenerations(files: FileStore, bytes: Uint8Array): Promise<void> {
  // It may hold what the change took away.
  await files.remove(INDEX_PATH)
  for (let n = 1; n <= GENERATIONS; n += 1) {
    if (await files.exists(generationPath(n))) await files.writeDurably(generationPath(n), bytes)
  }
}

/**
 * What device.json names until every older copy is replaced: the slots for a password change, the file itself for erased
 * history. A purge that another process left unfinished is taken over, because this write makes its file an older copy.
 */
async function purgeMark(
  view: View,
  { purge, erases }: Outcome,
  top: VaultTop,
  digest: Promise<string>,
): Promise<string | null> {
  if (purge) return slotsHash(top.slots)
  const owed = owedPurge(view.device, view.file)
  if (erases || owed === 'history') return digest
  return owed === 'slots' ? slotsHash(top.slots) : null
}

/** The purge that was begun for exactly this file and not finished; null for none, and for one whose change never reached the disk. */
export function owedPurge({ purge }: DeviceState, file: VaultFile): 'slots' | 'history' | null {
  if (purge === null) return null
  if (purge === slotsHash(file.top.slots)) return 'slots'
  return purge === file.sha256 ? 'history' : null
}

/** Replaces the older copy of local.json: it may hold what was erased from this device's own data. */
export async function replaceLocalCopy(files: FileStore): Promise<void> {
  const copy = `${LOCAL_PATH}.1`
  const bytes = (await files.exists(copy)) ? await files.read(LOCAL_PATH, MAX_FILE_BYTES) : null
  if (bytes !== null) await files.writeDurably(copy, bytes)
}

/** A header that no reader would take must not reach the disk, least of all by a change that replaces the older copies. */
function checkedTop(top: VaultTop): VaultTop {
  try {
    return checkTop(top)
  } catch (cause) {
    throw new AppError('internal', 'write vault: a header that would not be read', { cause })
  }
}

function nextTop({ file, device }: View, slots: readonly Slot[] | null): VaultTop {
  const dev = device.device
  const epoch = nextEpoch(device, file)
  const seen = { ...file.top.seen }
  // After a restore the file knows less than this device; what it writes must stand above everything seen.
  for (const [id, pin] of Object.entries(device.seen)) seen[id] = Math.max(seen[id] ?? 0, pin.epoch)
  const next = { ...file.top, epoch, dev, seen: { ...seen, [dev]: epoch } }
  if (slots === null) return next
  return { ...next, slots: [...slots], slotSet: { ...file.top.slotSet, rev: file.top.slotSet.rev + 1, dev } }
}

async function commitLocal(
  files: FileStore,
  session: Session,
  view: View,
  records: ReadonlyMap<string, RecordEntry>,
): Promise<LocalFile> {
  const { local, bytes } = sealedLocal(session, view, records)
  // One generation, because a file this device could not use may be the only trace of its paths.
  await files.writeDurably(LOCAL_PATH, bytes, { generations: 1 })
  return { ...local, sha256: await fileDigest(bytes) }
}

function sealedLocal(
  session: Session,
  { device, local }: View,
  records: ReadonlyMap<string, RecordEntry>,
): { readonly local: Omit<LocalFile, 'sha256'>; readonly bytes: Uint8Array } {
  const epoch = Math.max(local?.top.epoch ?? 0, device.local?.epoch ?? 0) + 1
  const top: LocalTop = {
    ...local?.top,
    format: 'fernsync-local',
    version: FORMAT_VERSION,
    minReader: FORMAT_VERSION,
    vault: session.vault,
    epoch,
    dev: device.device,
  }
  const mac = manifestMac(session.localManifestKey(), 'local', { top, records })
  return { local: { top, records, mac }, bytes: writeRecordFile(top, records, mac) }
}
