import { AppError } from '../../model/app-error.ts'
import { wipe } from '../crypto/bytes.ts'
import { readDeviceMemory } from './device-memory.ts'
import type { DeviceState } from './device-memory.ts'
import { isAccepted, knowsSlots, pinned } from './device-pins.ts'
import { ensureDeviceRecord } from './device-records.ts'
import { normalisePassword } from './password.ts'
import { absence } from './presence.ts'
import { deriveSlotKey, raiseIterations } from './rewrap.ts'
import { createSession } from './session.ts'
import type { Session } from './session.ts'
import { passwordSlot, saltHash, unwrapSlot } from './slots.ts'
import type { PasswordSlot } from './slots.ts'
import { NO_THROTTLE, rebaseThrottle, recordAttempt, throttledForMs } from './throttle.ts'
import type { UnlockInput, UnlockOptions } from './vault-api.ts'
import { changed } from './vault-errors.ts'
import type { VaultFile } from './vault-file.ts'
import { KEY_BYTES, SLOW_DERIVATION_MS } from './vault-limits.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

const SPEED_PROBES = 5

/** Opens a session. Wipes the input. Throws as VaultApi.unlock does. The caller closes the session. */
export async function unlockVault(
  ports: VaultPorts,
  store: VaultStore,
  input: UnlockInput,
  options: UnlockOptions,
): Promise<Session> {
  const bytes = 'password' in input ? input.password : input.cachedKey
  try {
    const session = await ports.lock.hold('kdf', () =>
      'password' in input ? byPassword(ports, store, bytes, options) : byCachedKey(ports, store, bytes),
    )
    await settle(ports, store, session)
    return session
  } finally {
    wipe(bytes)
  }
}

/** Both keys are the caller's to wipe. `elapsedMs` is what the derivation took. */
export type OpenedSlot = {
  readonly kek: Uint8Array
  readonly vaultKey: Uint8Array
  readonly elapsedMs: number
}

/**
 * Tries a password on a slot: throttled, recorded as failed before it is made, exactly one derivation. Null when the password
 * is wrong. The caller holds the lock `kdf` and, after success, clears the throttle.
 */
export async function attemptPassword(
  ports: VaultPorts,
  store: VaultStore,
  slot: PasswordSlot,
  password: Uint8Array,
): Promise<OpenedSlot | null> {
  const normal = normalisePassword(password)
  try {
    await admit(ports, store)
    const started = ports.clock.monotonic()
    const kek = await deriveSlotKey(ports, normal, slot)
    const elapsedMs = ports.clock.monotonic() - started
    const vaultKey = unwrapSlot(kek, slot.slot)
    if (vaultKey !== null) return { kek, vaultKey, elapsedMs }
    wipe(kek)
    return null
  } finally {
    wipe(normal)
  }
}

/** For an attempt that succeeded. */
export function withoutThrottle(state: DeviceState): DeviceState {
  return { ...state, throttle: NO_THROTTLE }
}

export function wrongPassword(): AppError {
  return new AppError('wrong-password', 'unlock: wrong password')
}

async function byPassword(
  ports: VaultPorts,
  store: VaultStore,
  password: Uint8Array,
  options: UnlockOptions,
): Promise<Session> {
  const found = await readForUnlock(ports, store)
  const old = passwordSlot(found.file.top.slots)
  if (options.allowSlowKdf !== true) await refuseSlow(ports, old)
  const opened = await attemptPassword(ports, store, old, password)
  if (opened === null) throw knowsSlots(found.state, found.file) ? wrongPassword() : changed('slots')
  try {
    const session = await open(store, found, old, opened)
    await raiseIterations(ports, store, session, { old, password, elapsedMs: opened.elapsedMs })
    return session
  } finally {
    wipe(opened.kek, opened.vaultKey)
  }
}

/** No derivation and so no throttle: 32 random bytes cannot be guessed. */
async function byCachedKey(ports: VaultPorts, store: VaultStore, kek: Uint8Array): Promise<Session> {
  const found = await readForUnlock(ports, store)
  const slot = passwordSlot(found.file.top.slots)
  const vaultKey = kek.byteLength === KEY_BYTES ? unwrapSlot(kek, slot.slot) : null
  if (vaultKey === null) throw wrongPassword()
  return open(store, found, slot, { kek, vaultKey }).finally(() => wipe(vaultKey))
}

type Found = { readonly state: DeviceState; readonly file: VaultFile }

async function readForUnlock(ports: VaultPorts, store: VaultStore): Promise<Found> {
  const memory = await readDeviceMemory(ports)
  const file = await store.inspect(memory.state)
  if (file === null) throw await absence(ports.files, memory)
  // The session's keys and records name this device, so its id must be on disk first.
  const state = memory.kind === 'known' ? memory.state : await store.updateDevice((fresh) => fresh)
  return { state, file }
}

async function admit({ clock }: VaultPorts, store: VaultStore): Promise<void> {
  let retryAfterMs = 0
  await store.updateDevice((state) => {
    const now = clock.now()
    retryAfterMs = throttledForMs(state.throttle, now)
    const next = retryAfterMs > 0 ? rebaseThrottle(state.throttle, now) : recordAttempt(state.throttle, now)
    return { ...state, throttle: next }
  })
  if (retryAfterMs > 0) throw new AppError('throttled', 'unlock: too soon', { details: { retryAfterMs } })
}

/** The fastest of a few probes: one that another program interrupted would keep people and cron jobs out of an ordinary vault. */
export async function refuseSlow(ports: VaultPorts, { iterations }: PasswordSlot): Promise<void> {
  let estimatedMs = Number.POSITIVE_INFINITY
  for (let probe = 0; probe < SPEED_PROBES; probe += 1) {
    estimatedMs = Math.min(estimatedMs, await ports.estimateMs(iterations))
    if (estimatedMs <= SLOW_DERIVATION_MS) return
  }
  const seconds = Math.ceil(estimatedMs / 1000)
  throw new AppError('slow-kdf', 'unlock: derivation estimated over 5 s', { details: { seconds } })
}

/** Verifies the file with the key just found, and remembers what was verified. */
async function open(
  store: VaultStore,
  { state, file }: Found,
  slot: PasswordSlot,
  keys: Pick<OpenedSlot, 'kek' | 'vaultKey'>,
): Promise<Session> {
  const { device } = state
  const { vault, vkGen } = file.top
  const slotKey = { slot: slot.slot.id, saltHash: saltHash(slot), kek: keys.kek }
  const session = createSession({ vault, vkGen, dev: device, vaultKey: keys.vaultKey, slotKey })
  try {
    store.verify(session, file)
    session.cache.file = file
    // A restored file may be older than what was seen; it is pinned by the write that puts it above that.
    await store.updateDevice((now) => withoutThrottle(isAccepted(now, file) ? now : pinned(now, file)))
    return session
  } catch (error) {
    session.close()
    // The password was right, whatever is wrong with the file.
    await store.updateDevice(withoutThrottle)
    throw error
  }
}

/** What an unlock finishes for earlier sessions. None of it may keep anyone out. */
async function settle(ports: VaultPorts, store: VaultStore, session: Session): Promise<void> {
  try {
    const { state } = await readDeviceMemory(ports)
    if (state.purge !== null) await store.finishPurge(session)
    if (state.accept !== null) await store.mutate(session, (transaction) => transaction.touch())
    await ensureDeviceRecord(ports, store, session)
  } catch (error) {
    ports.log.warn('vault.settle-failed', { code: error instanceof AppError ? error.code : 'internal' })
  }
}
