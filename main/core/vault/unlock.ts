import { AppError } from '../../model/app-error.ts'
import { wipe } from '../crypto/bytes.ts'
import { readDeviceMemory } from './device-memory.ts'
import type { DeviceState } from './device-memory.ts'
import { isAccepted, knowsSlots, pinned } from './device-pins.ts'
import { ensureDeviceRecord } from './device-records.ts'
import { prepareManifest } from './manifest.ts'
import { absence } from './presence.ts'
import { attempt, entryOf, slotFor, withoutThrottle, wrongPassword } from './proofs.ts'
import type { Entry, OpenedSlot } from './proofs.ts'
import { readIndex } from './record-index.ts'
import { raiseDerivation } from './rewrap.ts'
import { createSession } from './session.ts'
import type { Session } from './session.ts'
import { openableSlots, saltHash, unwrapSlot } from './slots.ts'
import type { OpenableSlot } from './slots.ts'
import type { UnlockInput, UnlockOptions } from './vault-api.ts'
import { changed } from './vault-errors.ts'
import { KEY_BYTES, SLOW_DERIVATION_MS } from './vault-limits.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { OpenedVault } from './vault-opener.ts'
import type { VaultStore } from './vault-store.ts'

const SPEED_PROBES = 5

/** Opens a session. Wipes the input. Throws as VaultApi.unlock does. The caller closes the session. */
export async function unlockVault(
  ports: VaultPorts,
  store: VaultStore,
  input: UnlockInput,
  options: UnlockOptions,
): Promise<Session> {
  try {
    const session = await ports.lock.hold('kdf', () => enter(ports, store, input, options))
    await settle(ports, store, session)
    return session
  } finally {
    wipe(...Object.values(input))
  }
}

async function enter(
  ports: VaultPorts,
  store: VaultStore,
  input: UnlockInput,
  options: UnlockOptions,
): Promise<Session> {
  if ('cachedKey' in input) return byCachedKey(ports, store, input.cachedKey)
  const entry = entryOf(input)
  try {
    return await byEntry(ports, store, entry, options)
  } finally {
    entry.close()
  }
}

async function byEntry(
  ports: VaultPorts,
  store: VaultStore,
  entry: Entry,
  options: UnlockOptions,
): Promise<Session> {
  const found = await readForUnlock(ports, store)
  const slot = slotFor(found.vault.top.slots, entry)
  if (options.allowSlowKdf !== true) await refuseSlow(ports, slot)
  const opened = await attempt(ports, store, { slot, entry, meanwhile: () => readAhead(found.vault) })
  if (opened === null) throw knowsSlots(found.state, found.vault) ? wrongPassword() : changed('slots')
  try {
    const session = await open(ports, store, found, opened)
    await raiseDerivation(ports, store, session, { opened, entry })
    return session
  } finally {
    wipe(opened.kek, opened.vaultKey)
  }
}

/** No derivation and so no throttle: 32 random bytes cannot be guessed. */
async function byCachedKey(ports: VaultPorts, store: VaultStore, kek: Uint8Array): Promise<Session> {
  const found = await readForUnlock(ports, store)
  if (kek.byteLength !== KEY_BYTES) throw wrongPassword()
  for (const slot of openableSlots(found.vault.top.slots)) {
    const vaultKey = unwrapSlot(kek, slot.slot)
    if (vaultKey !== null)
      return open(ports, store, found, { slot, kek, vaultKey }).finally(() => wipe(vaultKey))
  }
  throw wrongPassword()
}

type Found = { readonly state: DeviceState; readonly vault: OpenedVault }

async function readForUnlock(ports: VaultPorts, store: VaultStore): Promise<Found> {
  const memory = await readDeviceMemory(ports)
  const vault = await store.open(memory.state)
  if (vault === null) throw await absence(ports.files, memory)
  // The session's keys and records name this device, so its id must be on disk first.
  const state = memory.kind === 'known' ? memory.state : await store.updateDevice((fresh) => fresh)
  return { state, vault }
}

/** Reads the records on this thread while the derivation runs on another. Who needs them awaits the same reading. */
function readAhead(vault: OpenedVault): void {
  vault
    .whole()
    .then((file) => prepareManifest('vault', file))
    .catch(() => {})
}

/** The fastest of a few probes: one that another program interrupted would keep people and cron jobs out of an ordinary vault. */
export async function refuseSlow(ports: VaultPorts, { kdf }: OpenableSlot): Promise<void> {
  let estimatedMs = Number.POSITIVE_INFINITY
  for (let probe = 0; probe < SPEED_PROBES; probe += 1) {
    estimatedMs = Math.min(estimatedMs, await ports.estimateMs(kdf))
    if (estimatedMs <= SLOW_DERIVATION_MS) return
  }
  const seconds = Math.ceil(estimatedMs / 1000)
  throw new AppError('slow-kdf', 'unlock: derivation estimated over 5 s', { details: { seconds } })
}

/** Verifies the file with the key just found, and remembers what was verified. */
async function open(
  ports: VaultPorts,
  store: VaultStore,
  { state, vault: opened }: Found,
  { slot, ...keys }: Omit<OpenedSlot, 'elapsedMs'>,
): Promise<Session> {
  const { device } = state
  const { vault, vkGen } = opened.top
  const slotKey = { slot: slot.slot.id, saltHash: saltHash(slot), kek: keys.kek }
  const session = createSession({ vault, vkGen, dev: device, vaultKey: keys.vaultKey, slotKey })
  try {
    const file = await opened.whole()
    store.verify(session, file)
    session.cache.file = file
    session.cache.before = { failures: state.throttle.failures, isRestored: state.accept !== null }
    session.cache.index = await readIndex(ports, session, ports.pacer())
    // A restored file may be older than what was seen; it is pinned by the write that puts it above that.
    await store.updateDevice((now) =>
      withoutThrottle(isAccepted(now, file) ? now : pinned(now, file, opened.stamp)),
    )
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
    if (session.vkGen > 1) await store.adoptLocal(session)
    await ensureDeviceRecord(ports, store, session)
  } catch (error) {
    ports.log.warn('vault.settle-failed', { code: error instanceof AppError ? error.code : 'internal' })
  }
}
