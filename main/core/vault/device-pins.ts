import type { DeviceState } from './device-memory.ts'
import type { LocalFile } from './local-file.ts'
import { slotsHash } from './slots.ts'
import { changed } from './vault-errors.ts'
import type { VaultHead } from './vault-file.ts'

/**
 * Refuses a vault file that this device cannot have been given honestly: another vault, an epoch lower than one it has seen,
 * or another file under an epoch it has seen. Needs no key. Throws AppError('vault-changed').
 *
 * A file the person restored on purpose (`accept` = its digest) may be older; the next write puts it above everything seen.
 */
export function checkPins(device: DeviceState, file: VaultHead): void {
  const { vault, dev, epoch, seen } = file.top
  if (device.vault !== null && device.vault !== vault) throw changed('another vault')
  if (isAccepted(device, file)) return
  for (const [id, pin] of Object.entries(device.seen)) {
    if ((seen[id] ?? 0) < pin.epoch) throw changed('rolled back')
  }
  const pin = device.seen[dev]
  if (pin?.epoch === epoch && pin.mac !== null && pin.mac !== file.mac)
    throw changed('two files of one epoch')
}

/** Refuses a local.json that is older than the one this device wrote last, or another of its epoch. Throws AppError('vault-changed'). */
export function checkLocalPin({ local: pin }: DeviceState, file: LocalFile): void {
  const { epoch } = file.top
  if (pin !== null && (epoch < pin.epoch || (epoch === pin.epoch && pin.mac !== file.mac)))
    throw changed('device data rolled back')
}

/** True when the slots are those this device last saw working, or those of a password change it was writing. */
export function knowsSlots(device: DeviceState, file: VaultHead): boolean {
  const hash = slotsHash(file.top.slots)
  return device.slots === null || device.slots === hash || device.purge === hash || isAccepted(device, file)
}

export function isAccepted(device: DeviceState, file: VaultHead): boolean {
  return device.accept !== null && device.accept === file.sha256
}

/** The device's memory after `file` was verified with the vault key. Pins only rise. `stamp`: where it is known. */
export function pinned(device: DeviceState, file: VaultHead, stamp: string | null = null): DeviceState {
  const { vault, dev, epoch, seen } = file.top
  const pins = { ...device.seen }
  for (const [id, theirs] of Object.entries(seen)) {
    if (theirs > (pins[id]?.epoch ?? 0)) pins[id] = { epoch: theirs, mac: null }
  }
  if (pins[dev]?.epoch === epoch) pins[dev] = { epoch, mac: file.mac }
  const slots = slotsHash(file.top.slots)
  return { ...device, vault, seen: pins, slots, verified: file.sha256, verifiedStamp: stamp }
}

/** The epoch of the next write: above everything this file and this device have seen. */
export function nextEpoch(device: DeviceState, file: VaultHead | null): number {
  const pins = Object.values(device.seen).map((pin) => pin.epoch)
  return Math.max(file?.top.epoch ?? 0, ...pins) + 1
}
