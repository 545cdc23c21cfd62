import { AppError } from '../../model/app-error.ts'
import { wipe } from '../crypto/bytes.ts'
import { calibratedIterations } from './kdf-policy.ts'
import { normalisePassword } from './password.ts'
import type { Session } from './session.ts'
import { freshKdf, saltHash, wrapSlot } from './slots.ts'
import type { PasswordSlot, SlotKdf } from './slots.ts'
import { changed } from './vault-errors.ts'
import { DEFAULT_ITERATIONS, KEY_BYTES, MIN_WRITE_ITERATIONS } from './vault-limits.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/** Stretches a normalised password for a slot: 32 bytes, the caller wipes them and the password. */
export function deriveSlotKey(
  ports: VaultPorts,
  normal: Uint8Array,
  { salt, iterations }: Pick<SlotKdf, 'salt' | 'iterations'>,
): Promise<Uint8Array> {
  return ports.derive({ password: normal, salt, iterations, length: KEY_BYTES })
}

type Rewrap = {
  /** The slot whose password was proven. */
  readonly old: PasswordSlot
  readonly kdf: SlotKdf
  /** Stays the caller's to wipe. */
  readonly kek: Uint8Array
}

/** Replaces the password slot `old` by one under `kek`. Throws AppError('vault-changed') when `old` is gone meanwhile. */
export async function rewrap(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { old, kdf, kek }: Rewrap,
): Promise<void> {
  await store.mutate(session, (transaction) => {
    const { slots } = transaction.view.file.top
    if (!slots.some((slot) => slot.sum === old.slot.sum)) throw changed('slot replaced meanwhile')
    const next = wrapSlot(kek, session.vaultKey(), kdf, { random: ports.random, replaces: old.slot })
    transaction.replaceSlots(slots.map((slot) => (slot.sum === old.slot.sum ? next : slot)))
  })
  session.replaceSlotKey({ slot: old.slot.id, saltHash: saltHash(kdf), kek })
}

type Raise = {
  readonly old: PasswordSlot
  /** The password as given, proven right; stays the caller's. */
  readonly password: Uint8Array
  /** What deriving for `old` took. */
  readonly elapsedMs: number
}

/**
 * Wraps the vault key anew when an older program wrote fewer iterations than today's default. Upward only, and never against a
 * number a person chose. A failure is logged: it must not keep anyone out.
 */
export async function raiseIterations(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { old, password, elapsedMs }: Raise,
): Promise<void> {
  if (old.iterations >= (old.chosen ? MIN_WRITE_ITERATIONS : DEFAULT_ITERATIONS)) return
  const kdf = freshKdf(calibratedIterations(old.iterations, elapsedMs), false, ports.random)
  const normal = normalisePassword(password)
  try {
    const kek = await deriveSlotKey(ports, normal, kdf)
    await rewrap(ports, store, session, { old, kdf, kek }).finally(() => wipe(kek))
    ports.log.info('vault.iterations-raised', { from: old.iterations, to: kdf.iterations })
  } catch (error) {
    ports.log.warn('vault.iterations-not-raised', {
      code: error instanceof AppError ? error.code : 'internal',
    })
  } finally {
    wipe(normal)
  }
}
