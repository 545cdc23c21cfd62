/** Outcome of one call to the operating system's keychain. Never a hang: each call has a deadline in its own process. */
export type KeychainResult<T> =
  | { readonly state: 'ok'; readonly value: T }
  | { readonly state: 'absent' | 'locked' | 'unavailable' | 'denied' }

/**
 * One entry of the OS keychain, by account name (the vault id). Values are short UTF-8 texts as bytes: what `get` answers
 * belongs to the caller, what `set` is given is wiped by it. Texts exist only in the helper process, which dies.
 */
export interface Keychain {
  get(account: string): Promise<KeychainResult<Uint8Array>>
  set(account: string, value: Uint8Array): Promise<KeychainResult<null>>
  /** `absent` when there was none. */
  remove(account: string): Promise<KeychainResult<null>>
}
