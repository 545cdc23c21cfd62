import type { VaultCheck } from '../../model/vault-check.ts'
import { topWithSlots } from './check-files.ts'
import type { CheckedFile, FoundFiles } from './check-files.ts'
import type { CheckedVault } from './check-vault.ts'
import { readDeviceMemory } from './device-memory.ts'
import type { DeviceState } from './device-memory.ts'
import { copy, freeFolder } from './recovery.ts'
import { fileDigest } from './record-file.ts'
import type { Session } from './session.ts'
import { openableSlots, saltHash, slotsHash } from './slots.ts'
import type { View } from './transaction.ts'
import { commit } from './vault-commit.ts'
import { damaged } from './vault-errors.ts'
import type { VaultTop } from './vault-file.ts'
import { MAX_COUNTER, MAX_FILE_BYTES } from './vault-limits.ts'
import { generationPath, LOCAL_PATH, VAULT_PATH } from './vault-ports.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/** How far above everything known a counter of a damaged file may be to be believed: a flipped bit must not use it up. */
const BELIEVABLE = 1_000_000

type Found = { readonly files: FoundFiles; readonly checked: CheckedVault }

/**
 * Writes the vault that a check found possible, in one transaction above everything seen, and keeps every damaged file in a
 * folder of its own. Copies that are sound stay as they are. Null when the files are not those checked any more.
 *
 * Copies first, then the vault, then the removal of damaged copies: a kill in between leaves at worst a second copy.
 */
export async function repairVault(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { files, checked }: Found,
): Promise<VaultCheck | null> {
  const { report, local } = checked
  // Then it is the key, or the vault's id, that is not the right one; an empty vault is no repair.
  if (checked.records.size === 0 && report.records > 0) throw damaged('repair: nothing decrypts')
  return store.exclusive(async () => {
    if (!(await isUnchanged(ports, files))) return null
    const { state: device } = await readDeviceMemory(ports)
    const badCopies = checked.copies
      .filter(({ state }) => state !== 'intact')
      .map(({ n }) => generationPath(n))
    const isVaultBad = report.faults.length > 0 || report.damaged.length > 0
    const bad = [
      ...(isVaultBad ? [VAULT_PATH] : []),
      ...badCopies,
      ...(local.mended === null ? [] : [LOCAL_PATH, `${LOCAL_PATH}.1`]),
    ]
    const keptAs = await freeFolder(ports, '-damaged')
    await ports.files.makeFolder(keptAs)
    for (const path of bad) await copy(ports, path, `${keptAs}/${path.slice(path.lastIndexOf('/') + 1)}`)
    if (isVaultBad || local.mended !== null) await write(ports, session, device, { files, checked })
    for (const path of badCopies) await ports.files.remove(path)
    const lost = report.damaged.filter(({ remedy }) => remedy === 'lost').length
    ports.log.warn('vault.repaired', { damaged: report.damaged.length, lost })
    return { ...report, ok: lost === 0 && report.local.lost === 0, repaired: true, keptAs }
  })
}

async function isUnchanged({ files }: VaultPorts, { vault, copies }: FoundFiles): Promise<boolean> {
  for (const { n, sha256 } of [...(vault === null ? [] : [vault]), ...copies]) {
    const bytes = await files.read(n === 0 ? VAULT_PATH : generationPath(n), MAX_FILE_BYTES)
    if (bytes === null || (await fileDigest(bytes)) !== sha256) return false
  }
  return vault !== null || !(await files.exists(VAULT_PATH))
}

async function write(
  ports: VaultPorts,
  session: Session,
  device: DeviceState,
  { files, checked }: Found,
): Promise<void> {
  const top = repairedTop(session, device, files, checked)
  const open = { credentials: [], jobs: [], devices: [], settings: [], retiredKeys: [] }
  // What is compared with to tell which records no copy has: no copy is made of the damaged file.
  const [copy] = checked.copies.filter(({ state }) => state === 'intact')
  const copied = new Map((copy?.records ?? []).map(({ entry }) => [entry.record.id, entry]))
  const file = { top, records: copied, mac: '', sha256: '' }
  const view: View = { device, file, local: checked.local.file, open }
  const outcome = {
    records: checked.records,
    local: checked.local.mended,
    slots: null,
    purge: false,
    isTouched: true,
    erases: false,
  }
  // The damaged file is kept elsewhere; among the copies it would push out a sound one.
  const inPlace = {
    ...ports.files,
    writeDurably: (path: string, bytes: Uint8Array) => ports.files.writeDurably(path, bytes),
  }
  await commit({ files: inPlace, pacer: ports.pacer }, session, view, outcome)
}

/** Fields of the present top level where they are sound, the slots in force, and counters that are believable. */
function repairedTop(
  session: Session,
  device: DeviceState,
  files: FoundFiles,
  checked: CheckedVault,
): VaultTop {
  const { vault, copies } = checked
  const slotted = slotsInForce(session, device, files, checked)
  const base = vault?.top?.vault === slotted.vault ? vault.top : slotted
  const trusted = [vault, ...copies].flatMap((file) => (isTrusted(file) ? [file.top] : []))
  const seen: Record<string, number> = {}
  const raise = (counters: Readonly<Record<string, number>>, limit: number): void => {
    for (const [dev, epoch] of Object.entries(counters)) {
      if (epoch <= limit) seen[dev] = Math.max(seen[dev] ?? 0, epoch)
    }
  }
  for (const top of trusted) raise(top.seen, MAX_COUNTER)
  raise(Object.fromEntries(Object.entries(device.seen).map(([dev, pin]) => [dev, pin.epoch])), MAX_COUNTER)
  const known = Math.max(0, ...Object.values(seen))
  raise(base.seen, known + BELIEVABLE)
  const epoch = Math.max(1, ...Object.values(seen))
  const { vault: id, slots, slotSet } = slotted
  const knownRev = Math.max(0, ...trusted.map((top) => top.slotSet.rev))
  const rev = Math.min(slotSet.rev, knownRev + BELIEVABLE)
  return { ...base, vault: id, vkGen: session.vkGen, slots, slotSet: { ...slotSet, rev }, epoch, seen }
}

/**
 * The newest slots that a holder of the key wrote, or this device saw working: the MAC that is written now vouches for them, and
 * anybody can put others into a file whose own is wrong. Only when none of these has the slot that was proven, and the newest set
 * of all does, is it the one of another device that was damaged on its way.
 */
function slotsInForce(
  session: Session,
  device: DeviceState,
  files: FoundFiles,
  { vault, copies }: CheckedVault,
): VaultTop {
  const latest = topWithSlots(device, files)
  const isVouched = (file: CheckedFile | null): file is CheckedFile & { readonly top: VaultTop } =>
    isTrusted(file) || (file !== null && file.top !== null && isKnown(device, file.top))
  const [vouched] = [vault, ...copies]
    .filter(isVouched)
    .map(({ top }) => top)
    .toSorted((a, b) => b.vkGen - a.vkGen || b.slotSet.rev - a.slotSet.rev)
  if (vouched === undefined || (hasSlotOf(session, latest) && !hasSlotOf(session, vouched))) return latest
  return vouched
}

/** The last seen working, or those of a password change that was being written. */
function isKnown(device: DeviceState, { vault, slots }: VaultTop): boolean {
  if (slots.length === 0 || (device.vault !== null && device.vault !== vault)) return false
  return [device.slots, device.purge].includes(slotsHash(slots))
}

function hasSlotOf(session: Session, { slots }: VaultTop): boolean {
  const { slot, saltHash: hash } = session.slotKey()
  return openableSlots(slots).some((open) => open.slot.id === slot && saltHash(open) === hash)
}

function isTrusted(file: CheckedFile | null): file is CheckedFile & { readonly top: VaultTop } {
  return file !== null && file.isAuthentic && file.top !== null
}
