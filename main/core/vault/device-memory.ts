import * as z from 'zod'
import { DeviceId, Uuid } from '../../model/ids.ts'
import { toHex, utf8 } from '../crypto/bytes.ts'
import type { FileStore } from '../ports/file-store.ts'
import type { Random } from '../ports/random.ts'
import { parseStrictJson, StrictJsonError } from '../store/strict-json.ts'
import { newer } from './vault-errors.ts'
import type { RecordEntry } from './record-file.ts'
import { Counter } from './record-schema.ts'
import { NO_THROTTLE } from './throttle.ts'

/**
 * device/device.json: what this device remembers of its vault without a password, so that a file brought from elsewhere
 * (rolled back, forked, another vault, edited slots) is noticed. Never replicated. Unknown fields are kept.
 */
export const DEVICE_PATH = 'device/device.json'

const FORMAT = 'fernsync-device/1'
const MAX_BYTES = 1024 * 1024
/** A write of more, such as an import, leaves the rest unremembered: this file is written with every change. */
const MAX_LATEST = 200
const DEVICE_ID_BYTES = 8

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const optionalDigest = digest.nullable().default(null)

/** A file seen: its epoch, and its MAC where this device has verified the very file. */
const Pin = z.object({ epoch: Counter, mac: optionalDigest })

export const DeviceState = z.looseObject({
  format: z.literal(FORMAT),
  device: DeviceId,
  /** SHA-256 of the machine's id; a folder copied to another machine gets a device id of its own. */
  machine: optionalDigest,
  vault: Uuid.nullable().default(null),
  /** Highest epoch by device that wrote it. */
  seen: z.record(DeviceId, Pin).default({}),
  /** SHA-256 of vault.json as last verified with the vault key: these very bytes are known to be sound. */
  verified: optionalDigest,
  /** Id of that file's stamp: what looks the same may be derived for before all of it is hashed. Never taken for the file itself. */
  verifiedStamp: z.string().max(200).nullable().default(null),
  /** SHA-256 of all slots as last seen working. */
  slots: optionalDigest,
  /** Id of this device's own record in the vault. */
  record: Uuid.nullable().default(null),
  /** Records that only vault.json has, because the last write here changed them: no older copy can tell what became of them. */
  latest: z
    .array(z.object({ id: Uuid, rev: Counter, dev: DeviceId, digest }))
    .max(MAX_LATEST)
    .default([]),
  /** Last local.json this device wrote. */
  local: Pin.nullable().default(null),
  /** SHA-256 of a vault file the person restored on purpose, until it was unlocked once. */
  accept: optionalDigest,
  /** Hash of the slots (password change) or of the file (history erased) whose older copies are not replaced yet. */
  purge: optionalDigest,
  throttle: z.object({ failures: z.int().min(0), since: z.int().min(0) }).default(NO_THROTTLE),
})
export type DeviceState = z.infer<typeof DeviceState>

/** A record as this device last wrote it. */
export type LatestRecord = DeviceState['latest'][number]

/** What of a file an older copy does not have, as far as it is worth remembering. */
export function latestOf(
  records: ReadonlyMap<string, RecordEntry>,
  copied: ReadonlyMap<string, RecordEntry>,
): LatestRecord[] {
  const latest: LatestRecord[] = []
  for (const { digest, record } of records.values()) {
    if (copied.get(record.id)?.digest === digest) continue
    if (latest.length === MAX_LATEST) break
    const { id, rev, dev } = record
    latest.push({ id, rev, dev, digest })
  }
  return latest
}

/**
 * `moved` = the folder came from another machine: what was seen is kept under a device id of its own. `unreadable` = there is a
 * file that is not ours; the state is then that of a fresh device. An id that is not `known` is random at every read until the
 * state is written.
 */
export type DeviceMemory = {
  readonly state: DeviceState
  readonly kind: 'known' | 'moved' | 'absent' | 'unreadable'
}

type Ports = { readonly files: FileStore; readonly random: Random; readonly machineIdHash: string | null }

/** What device.json says, or a fresh device. Writes nothing. Throws AppError('vault-newer') for a newer program's file. */
export async function readDeviceMemory({ files, random, machineIdHash }: Ports): Promise<DeviceMemory> {
  const bytes = await files.read(DEVICE_PATH, MAX_BYTES)
  const fresh = (): DeviceState =>
    DeviceState.parse({ format: FORMAT, device: newDeviceId(random), machine: machineIdHash })
  if (bytes === null) return { state: fresh(), kind: 'absent' }
  const state = parse(bytes)
  if (state === null) return { state: fresh(), kind: 'unreadable' }
  if (state.machine === machineIdHash || state.machine === null || machineIdHash === null) {
    return { state: { ...state, machine: machineIdHash ?? state.machine }, kind: 'known' }
  }
  // Two machines writing under one device id would give one epoch to two files. What was seen stays true here.
  const moved = { ...state, device: newDeviceId(random), machine: machineIdHash, local: null, record: null }
  return { state: moved, kind: 'moved' }
}

/** Writes device.json durably. */
export async function writeDeviceState(files: FileStore, state: DeviceState): Promise<void> {
  await files.writeDurably(DEVICE_PATH, utf8(`${JSON.stringify(state, null, 2)}\n`))
}

/** Keeps an unreadable device.json under another name before it is replaced. */
export async function keepUnreadable(files: FileStore, memory: DeviceMemory): Promise<void> {
  const bytes = memory.kind === 'unreadable' ? await files.read(DEVICE_PATH, MAX_BYTES) : null
  if (bytes !== null) await files.writeDurably(`${DEVICE_PATH}.unreadable`, bytes)
}

/** The same device without a vault: what is left after the vault was set aside. The throttle stays. */
export function startedOver(state: DeviceState): DeviceState {
  return {
    ...state,
    vault: null,
    seen: {},
    verified: null,
    verifiedStamp: null,
    slots: null,
    latest: [],
    record: null,
    local: null,
    accept: null,
    purge: null,
  }
}

function parse(bytes: Uint8Array): DeviceState | null {
  let value: unknown
  try {
    value = parseStrictJson(bytes, { maxBytes: MAX_BYTES })
  } catch (error) {
    if (error instanceof StrictJsonError) return null
    throw error
  }
  const parsed = DeviceState.safeParse(value)
  if (parsed.success) return parsed.data
  const format = z.object({ format: z.string().regex(/^fernsync-device\/\d+$/) }).safeParse(value)
  if (format.success && format.data.format !== FORMAT) throw newer('device file version')
  return null
}

function newDeviceId(random: Random): string {
  return `d${toHex(random.bytes(DEVICE_ID_BYTES))}`
}
