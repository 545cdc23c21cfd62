import { AppError } from '../../model/app-error.ts'
import { equalBytes, wipe } from '../crypto/bytes.ts'
import { freshKdf } from './kdfs.ts'
import { readKeyFile } from './key-file.ts'
import { proven } from './password-change.ts'
import { entryOf, newEntry } from './proofs.ts'
import type { Entry } from './proofs.ts'
import {
  groupedRecoveryKey,
  newRecoveryKey,
  normalisedGroup,
  RECOVERY_GROUPS,
  recoveryGroup,
  recoverySecret,
} from './recovery-key.ts'
import { nextKdf, writeSlot } from './rewrap.ts'
import type { Session } from './session.ts'
import { openableSlots, slotOfType } from './slots.ts'
import type { PreparedRecoveryKey, SlotProof } from './vault-api.ts'
import { unknownName } from './vault-errors.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/**
 * Makes a recovery key and keeps it in the session until it was typed back: one that is not on paper yet must open nothing. The
 * caller wipes what it shows.
 */
export function prepareRecoveryKey({ random }: VaultPorts, session: Session): PreparedRecoveryKey {
  session.vaultKey()
  const key = newRecoveryKey(random)
  const [first, second] = twoGroups(random.bytes(2))
  const pending = session.cache.recovery
  if (pending !== null) wipe(pending.key)
  session.cache.recovery = { key, ask: [first, second] }
  return { key: groupedRecoveryKey(key), ask: [first, second] }
}

/**
 * Stores the prepared key as the recovery slot, in the place of one that was there. `typed` are the two groups asked for.
 * Throws AppError('recovery-key-mistyped') when they are others, ('bad-request') without a prepared key, and as `proven` does. The
 * caller wipes what it gave.
 */
export async function addRecoveryKey(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { proof, typed }: { readonly proof: SlotProof; readonly typed: readonly [Uint8Array, Uint8Array] },
): Promise<void> {
  const pending = session.cache.recovery
  if (pending === null) throw new AppError('bad-request', 'recovery key: none was prepared')
  pending.ask.forEach((number, at) => checkGroup(recoveryGroup(pending.key, number), typed[at]))
  const present = entryOf(proof)
  const secret = recoverySecret(pending.key)
  const entry: Entry = { type: 'recovery', secret, keyFile: null, close: () => wipe(secret) }
  try {
    await ports.lock.hold('kdf', async () => {
      await proven(ports, store, session, present)
      const { slots } = (await store.view(session)).file.top
      const old = slotOfType(slots, 'recovery')?.slot ?? null
      const kdf = freshKdf({ name: 'pbkdf2-hmac-sha256' }, ports.random)
      await writeSlot(ports, store, session, { old, entry, kdf })
    })
    wipe(pending.key)
    session.cache.recovery = null
  } finally {
    present.close()
    entry.close()
  }
}

/**
 * Makes the password need a key file from now on (`keyFile` = its content), another key file, or none (null). The older copies are
 * replaced, since they open without it. `proof` is the present password, with the present key file where there is one; the
 * caller wipes what it gave.
 */
export async function setKeyFile(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { proof, keyFile }: { readonly proof: SlotProof; readonly keyFile: Uint8Array | null },
): Promise<void> {
  if (!('password' in proof)) throw new AppError('bad-request', 'key file: the password is needed')
  const present = entryOf(proof)
  const key = keyFile === null ? null : readKeyFile(keyFile)
  let entry: Entry | null = null
  try {
    const made = newEntry(proof.password, key)
    entry = made
    await ports.lock.hold('kdf', async () => {
      const { slot, elapsedMs } = await proven(ports, store, session, present)
      await writeSlot(ports, store, session, {
        old: slot.slot,
        entry: made,
        kdf: nextKdf(ports, slot, elapsedMs),
      })
    })
  } finally {
    present.close()
    entry?.close()
    if (key !== null) wipe(key)
  }
}

/**
 * Removes a way in, and the older copies that it opens. Throws AppError('unknown-name') for an id that no slot has and
 * ('last-slot') when no password would be left: a recovery key is for emergencies. The caller wipes the proof.
 */
export async function removeSlot(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { id, proof }: { readonly id: string; readonly proof: SlotProof },
): Promise<void> {
  const present = entryOf(proof)
  try {
    await ports.lock.hold('kdf', async () => {
      await proven(ports, store, session, present)
      await store.mutate(session, (transaction) => {
        const { slots } = transaction.view.file.top
        const kept = slots.filter((slot) => slot.id !== id)
        if (kept.length === slots.length) throw unknownName('slot')
        if (!openableSlots(kept).some(({ type }) => type !== 'recovery'))
          throw new AppError('last-slot', 'remove slot: no password would be left')
        transaction.replaceSlots(kept, { purge: true })
      })
    })
  } finally {
    present.close()
  }
}

function checkGroup(group: Uint8Array, typed: Uint8Array | undefined): void {
  const given = normalisedGroup(typed ?? new Uint8Array(0))
  const same = equalBytes(given, group)
  wipe(given)
  if (!same) throw new AppError('recovery-key-mistyped', 'recovery key: typed back wrongly')
}

/** Two different groups to ask for, in order. Which ones is no secret, so a remainder's bias does not matter. */
function twoGroups([a = 0, b = 0]: Uint8Array): [number, number] {
  const first = a % RECOVERY_GROUPS
  const second = (first + 1 + (b % (RECOVERY_GROUPS - 1))) % RECOVERY_GROUPS
  return [Math.min(first, second) + 1, Math.max(first, second) + 1]
}
