/**
 * Exclusive locks of one home folder, freed by the death of the holder and never by age.
 * `vault` guards every mutation, `kdf` makes derivations single-flight, `audit` guards the audit log; who holds `audit` takes no other.
 */
export interface HomeLock {
  /**
   * Runs `work` while holding the named lock. Polls up to `waitMs` (10 s), then throws AppError('busy') with the
   * holder's process id in `details.pid` when known.
   */
  hold<T>(name: 'vault' | 'kdf' | 'audit', work: () => Promise<T>, options?: { waitMs?: number }): Promise<T>
}
