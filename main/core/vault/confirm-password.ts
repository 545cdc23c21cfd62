import { wipe } from '../crypto/bytes.ts'
import { proven } from './password-change.ts'
import { entryOf } from './proofs.ts'
import type { Session } from './session.ts'
import type { SlotProof } from './vault-api.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/**
 * Asks for the proof of an open vault once more, before what a thief at an unlocked machine must not do: exactly one derivation,
 * counted and throttled like an unlock. Throws `wrong-password`, `throttled`, `key-file-needed`, `busy`. Wipes the proof.
 */
export async function confirmPassword(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  proof: SlotProof,
): Promise<void> {
  try {
    const entry = entryOf(proof)
    try {
      await ports.lock.hold('kdf', () => proven(ports, store, session, entry))
    } finally {
      entry.close()
    }
  } finally {
    for (const part of Object.values(proof)) wipe(part)
  }
}
