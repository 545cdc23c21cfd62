import { AppError } from '../../model/app-error.ts'
import { wipe } from '../crypto/bytes.ts'
import type { DeviceState } from './device-memory.ts'
import { readKeyFile, withKeyFile } from './key-file.ts'
import type { Kdf } from './kdfs.ts'
import { normaliseNewPassword, normalisePassword } from './password.ts'
import { recoverySecret } from './recovery-key.ts'
import { slotMissing, slotOfType, unwrapSlot } from './slots.ts'
import type { OpenableSlot, Slot, SlotType } from './slots.ts'
import { NO_THROTTLE, rebaseThrottle, recordAttempt, throttledForMs } from './throttle.ts'
import type { SlotProof } from './vault-api.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/** What opens one type of slot, ready to be stretched. Whoever made it calls `close`, which wipes it. */
export type Entry = {
  readonly type: SlotType
  /** UTF-8 of the password, or the 32 characters of a recovery key. */
  readonly secret: Uint8Array
  /** The 32 bytes of a key file, null without one. */
  readonly keyFile: Uint8Array | null
  close(): void
}

/**
 * Reads a proof; `proof` stays the caller's to wipe. Throws AppError('key-file-invalid') and ('recovery-key-invalid') for what
 * cannot be right, before it costs an attempt.
 */
export function entryOf(proof: SlotProof): Entry {
  if ('recoveryKey' in proof) return entry('recovery', recoverySecret(proof.recoveryKey), null)
  const keyFile = proof.keyFile === undefined ? null : readKeyFile(proof.keyFile)
  return entry(typeWith(keyFile), normalisePassword(proof.password), keyFile)
}

/** An entry for a password that is chosen now. Throws AppError('password-too-short' | 'password-invalid'). */
export function newEntry(password: Uint8Array, keyFile: Uint8Array | null): Entry {
  return entry(typeWith(keyFile), normaliseNewPassword(password), keyFile?.slice() ?? null)
}

/** The slot that `made` is for. Throws AppError('key-file-needed' | 'slot-missing' | 'vault-newer'). */
export function slotFor(slots: readonly Slot[], { type }: Pick<Entry, 'type'>): OpenableSlot {
  const slot = slotOfType(slots, type)
  if (slot !== null) return slot
  const needsFile = type === 'password' && slotOfType(slots, 'password+keyfile') !== null
  throw needsFile ? new AppError('key-file-needed', 'unlock: key file missing') : slotMissing(type)
}

/** Stretches an entry into the key of a slot: 32 bytes, the caller wipes them. */
export async function deriveSlotKey(
  ports: VaultPorts,
  { secret, keyFile }: Entry,
  kdf: Kdf,
  slotId: string,
): Promise<Uint8Array> {
  const stretched = await ports.derive({ ...kdf, password: secret })
  if (keyFile === null) return stretched
  try {
    return withKeyFile(stretched, keyFile, slotId)
  } finally {
    wipe(stretched)
  }
}

/** Both keys are the caller's to wipe. `elapsedMs` is what the derivation took. */
export type OpenedSlot = {
  readonly slot: OpenableSlot
  readonly kek: Uint8Array
  readonly vaultKey: Uint8Array
  readonly elapsedMs: number
}

/** `meanwhile` starts what can be done on this thread while the derivation runs on another. */
type Attempt = {
  readonly slot: OpenableSlot
  readonly entry: Entry
  readonly meanwhile?: () => void
}

/**
 * Tries an entry on a slot: throttled, recorded as failed before it is made, exactly one derivation. Null when it is the wrong
 * one. The caller holds the lock `kdf` and, after success, clears the throttle.
 */
export async function attempt(
  ports: VaultPorts,
  store: VaultStore,
  { slot, entry: made, meanwhile = () => {} }: Attempt,
): Promise<OpenedSlot | null> {
  await admit(ports, store)
  const started = ports.clock.monotonic()
  const deriving = deriveSlotKey(ports, made, slot.kdf, slot.slot.id)
  meanwhile()
  const kek = await deriving
  const elapsedMs = ports.clock.monotonic() - started
  const vaultKey = unwrapSlot(kek, slot.slot)
  if (vaultKey !== null) return { slot, kek, vaultKey, elapsedMs }
  wipe(kek)
  return null
}

/** For an attempt that succeeded. */
export function withoutThrottle(state: DeviceState): DeviceState {
  return { ...state, throttle: NO_THROTTLE }
}

export function wrongPassword(): AppError {
  return new AppError('wrong-password', 'unlock: wrong password')
}

async function admit(ports: VaultPorts, store: VaultStore): Promise<void> {
  const { clock } = ports
  let retryAfterMs = 0
  await store.updateDevice((state) => {
    const now = clock.now()
    retryAfterMs = throttledForMs(state.throttle, now)
    const next = retryAfterMs > 0 ? rebaseThrottle(state.throttle, now) : recordAttempt(state.throttle, now)
    return { ...state, throttle: next }
  })
  if (retryAfterMs > 0) throw new AppError('throttled', 'unlock: too soon', { details: { retryAfterMs } })
}

function typeWith(keyFile: Uint8Array | null): SlotType {
  return keyFile === null ? 'password' : 'password+keyfile'
}

function entry(type: SlotType, secret: Uint8Array, keyFile: Uint8Array | null): Entry {
  return { type, secret, keyFile, close: () => wipe(secret, ...(keyFile === null ? [] : [keyFile])) }
}
