import { equalBytes, wipe } from '../crypto/bytes.ts'
import type { Session } from './session.ts'
import { passwordSlot } from './slots.ts'
import { attemptPassword, withoutThrottle, wrongPassword } from './unlock.ts'
import { changed } from './vault-errors.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/**
 * Asks for the password of an open vault once more, before what a thief at an unlocked machine must not do: exactly one derivation,
 * counted and throttled like an unlock. Throws `wrong-password`, `throttled`, `busy`. Wipes the password.
 */
export async function confirmPassword(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  password: Uint8Array,
): Promise<void> {
  try {
    await ports.lock.hold('kdf', async () => {
      const { file } = await store.view(session)
      const opened = await attemptPassword(ports, store, passwordSlot(file.top.slots), password)
      if (opened === null) throw wrongPassword()
      const isSameKey = equalBytes(opened.vaultKey, session.vaultKey())
      wipe(opened.kek, opened.vaultKey)
      if (!isSameKey) throw changed('vault key')
      await store.updateDevice(withoutThrottle)
    })
  } finally {
    wipe(password)
  }
}
