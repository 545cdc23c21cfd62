import { equalBytes, wipe } from '../crypto/bytes.ts'
import { calibratedIterations } from './kdf-policy.ts'
import { normaliseNewPassword } from './password.ts'
import { deriveSlotKey, rewrap } from './rewrap.ts'
import type { Session } from './session.ts'
import { freshKdf, passwordSlot } from './slots.ts'
import type { PasswordSlot } from './slots.ts'
import { attemptPassword, withoutThrottle, wrongPassword } from './unlock.ts'
import { changed } from './vault-errors.ts'
import { MIN_WRITE_ITERATIONS } from './vault-limits.ts'
import type { VaultPorts } from './vault-ports.ts'
import type { VaultStore } from './vault-store.ts'

/**
 * Replaces the password: verifies the present one (throttled like an unlock), writes a slot under the new one and replaces every
 * generation that the old one opens. The vault key stays, so nothing else is encrypted anew. Wipes both passwords.
 */
export async function changePassword(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  passwords: { readonly current: Uint8Array; readonly next: Uint8Array },
): Promise<void> {
  let normal: Uint8Array | null = null
  try {
    normal = normaliseNewPassword(passwords.next)
    const next = normal
    await ports.lock.hold('kdf', () => replace(ports, store, session, { current: passwords.current, next }))
  } finally {
    wipe(passwords.current, passwords.next)
    if (normal !== null) wipe(normal)
  }
}

async function replace(
  ports: VaultPorts,
  store: VaultStore,
  session: Session,
  { current, next }: { readonly current: Uint8Array; readonly next: Uint8Array },
): Promise<void> {
  const { file } = await store.view(session)
  const old = passwordSlot(file.top.slots)
  const opened = await attemptPassword(ports, store, { slot: old, password: current })
  if (opened === null) throw wrongPassword()
  const isSameKey = equalBytes(opened.vaultKey, session.vaultKey())
  wipe(opened.kek, opened.vaultKey)
  if (!isSameKey) throw changed('vault key')
  await store.updateDevice(withoutThrottle)

  const kdf = freshKdf(nextIterations(old, opened.elapsedMs), old.chosen, ports.random)
  const kek = await deriveSlotKey(ports, next, kdf)
  await rewrap(ports, store, session, { old, kdf, kek }).finally(() => wipe(kek))
}

/** Never lower than before; the number was authenticated with the file, so it is no stranger's. */
function nextIterations({ iterations, chosen }: PasswordSlot, elapsedMs: number): number {
  return chosen
    ? Math.max(iterations, MIN_WRITE_ITERATIONS)
    : Math.max(iterations, calibratedIterations(iterations, elapsedMs))
}
