/** Texts of the libraries below, of the Secret Service (Linux), Keychain Services (macOS) and the Credential Manager (Windows). */
const LOCKED = /prompt was dismissed|IsLocked|is locked|interaction is not allowed/i
const DENIED = /access ?denied|permission denied|user canceled|authorization (was )?denied/i

export type KeychainFailure = 'locked' | 'unavailable' | 'denied'

/**
 * What an error of the keychain library means; all of them have the same code, so the message decides. Whatever is not known is
 * `unavailable`: the keychain is optional, the password always works, and nothing is deleted because of an error.
 */
export function classifyKeychainError(message: string): KeychainFailure {
  if (LOCKED.test(message)) return 'locked'
  return DENIED.test(message) ? 'denied' : 'unavailable'
}
