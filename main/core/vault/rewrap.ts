import { AppError } from '../../model/app-error.ts'
import { wipe } from '../crypto/bytes.ts'
import { calibratedIterations } from './kdf-policy.ts'
import { freshKdf, kdfLine, renewedKdf, weakness } from './kdfs.ts'
import type { SlotKdf } from './kdfs.ts'
import { deriveSlotKey } from './proofs.ts'
import type { Entry, OpenedSlot } from './proofs.ts'
import type { Session } from './session.ts'
import { saltHash, SLOT_IDS, wrapSlot } from './slots.ts'
import type { OpenableSlot, Slot } from './slots.ts'
import { changed } from './vault-errors.ts'
import { DEFAULT_ITERATIONS } from './vault-limits.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

type NewSlot = {
  /** The slot it takes the place of, null when it is added. */
  readonly old: Slot | null
  /** What opens the new one. Stays the caller's to close. */
  readonly entry: Entry
  readonly kdf: SlotKdf
}

/**
 * Derives the key of a new slot and writes it: in the place of `old`, whose generations are replaced with it, or beside the
 * others. Throws AppError('vault-changed') when `old` is gone meanwhile.
 */
export async function writeSlot(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { old, entry, kdf }: NewSlot,
): Promise<void> {
  const id = SLOT_IDS[entry.type]
  const kek = await deriveSlotKey(ports, entry, kdf.kdf, id)
  try {
    await store.mutate(session, (transaction) => {
      const { slots } = transaction.view.file.top
      if (old !== null && !slots.some((slot) => slot.sum === old.sum))
        throw changed('slot replaced meanwhile')
      const { random } = ports
      const replaces = old === null ? {} : { replaces: old }
      const next = wrapSlot(kek, session.vaultKey(), kdf, { random, type: entry.type, ...replaces })
      const isReplaced = (slot: Slot): boolean => slot.sum === old?.sum || slot.id === id
      const place = slots.findIndex(isReplaced)
      const kept = slots.filter((slot) => !isReplaced(slot))
      // In the place of the old one, so that lists keep their order.
      const after = kept.toSpliced(place === -1 ? kept.length : place, 0, next)
      transaction.replaceSlots(after, { purge: kept.length < slots.length })
    })
    const { slot } = session.slotKey()
    // The key in hand is kept for the keychain: it must be that of a slot that is still there.
    if (slot === old?.id || slot === id) session.replaceSlotKey({ slot: id, saltHash: saltHash(kdf), kek })
  } finally {
    wipe(kek)
  }
}

/** Parameters for wrapping a slot anew: the same kind, never weaker, calibrated when nobody chose a number. */
export function nextKdf(ports: VaultPorts, slot: OpenableSlot, elapsedMs: number): SlotKdf {
  const { kdf, chosen } = slot
  if (chosen || kdf.name !== 'pbkdf2-hmac-sha256') return renewedKdf(slot, ports.random)
  const iterations = Math.max(kdf.iterations, calibratedIterations(kdf.iterations, elapsedMs))
  return freshKdf({ name: kdf.name }, ports.random, iterations)
}

/**
 * Wraps the vault key anew when an older program wrote less than we do today. Upward only, and never against a number a person
 * chose that is strong enough. A failure is logged: it must not keep anyone out.
 */
export async function raiseDerivation(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { opened, entry }: { readonly opened: OpenedSlot; readonly entry: Entry },
): Promise<void> {
  const { slot, elapsedMs } = opened
  if (!isBelowToday(slot)) return
  try {
    const kdf = nextKdf(ports, { ...slot, chosen: false }, elapsedMs)
    await writeSlot(ports, store, session, { old: slot.slot, entry, kdf })
    ports.log.info('vault.derivation-raised', {
      slot: slot.slot.id,
      from: kdfLine(slot.kdf),
      to: kdfLine(kdf.kdf),
    })
  } catch (error) {
    ports.log.warn('vault.derivation-not-raised', {
      code: error instanceof AppError ? error.code : 'internal',
    })
  }
}

function isBelowToday({ kdf, chosen }: OpenableSlot): boolean {
  if (weakness(kdf) !== null) return true
  return !chosen && kdf.name === 'pbkdf2-hmac-sha256' && kdf.iterations < DEFAULT_ITERATIONS
}
