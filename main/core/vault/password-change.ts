import type { KdfChoice } from '../../model/vault.ts'
import { equalBytes, wipe } from '../crypto/bytes.ts'
import { freshKdf } from './kdfs.ts'
import { attempt, entryOf, newEntry, slotFor, withoutThrottle, wrongPassword } from './proofs.ts'
import type { Entry, OpenedSlot } from './proofs.ts'
import { nextKdf, writeSlot } from './rewrap.ts'
import type { Session } from './session.ts'
import { slotOfType } from './slots.ts'
import type { SlotProof } from './vault-api.ts'
import { changed } from './vault-errors.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

type PasswordChange = {
  readonly proof: SlotProof
  readonly next: Uint8Array
  /** Another derivation for the new slot; null = the same kind, calibrated. */
  readonly kdf: KdfChoice | null
}

/**
 * Replaces the password: verifies what is given (throttled like an unlock), writes a slot under the new one and replaces every
 * generation that the old one opens. A key file given with the present password stays needed; after a recovery key the
 * password alone opens, because the key file may be what was lost. The vault key stays, so nothing else is encrypted anew. The
 * caller wipes what it gave.
 */
export async function changePassword(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { proof, next, kdf }: PasswordChange,
): Promise<void> {
  const present = entryOf(proof)
  let entry: Entry | null = null
  try {
    const made = newEntry(next, present.keyFile)
    entry = made
    await ports.lock.hold('kdf', async () => {
      const { slot, elapsedMs } = await proven(ports, store, session, present)
      const { slots } = (await store.view(session)).file.top
      const old = slotOfType(slots, made.type) ?? slotOfType(slots, 'password+keyfile')
      const chosen = kdf === null ? nextKdf(ports, old ?? slot, elapsedMs) : freshKdf(kdf, ports.random)
      await writeSlot(ports, store, session, { old: old?.slot ?? null, entry: made, kdf: chosen })
    })
  } finally {
    present.close()
    entry?.close()
  }
}

/**
 * Has a person prove once more who they are: one throttled attempt against the vault that is open. Throws
 * AppError('wrong-password'). The caller holds the lock `kdf`.
 */
export async function proven(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  entry: Entry,
): Promise<Omit<OpenedSlot, 'kek' | 'vaultKey'>> {
  const { file } = await store.view(session)
  const opened = await attempt(ports, store, { slot: slotFor(file.top.slots, entry), entry })
  if (opened === null) throw wrongPassword()
  const isSameKey = equalBytes(opened.vaultKey, session.vaultKey())
  wipe(opened.kek, opened.vaultKey)
  if (!isSameKey) throw changed('vault key')
  await store.updateDevice(withoutThrottle)
  return { slot: opened.slot, elapsedMs: opened.elapsedMs }
}
