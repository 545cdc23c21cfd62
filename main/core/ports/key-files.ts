/** Key files that are half of a way into the vault, at places a person chose. Desktop only. */
export interface KeyFiles {
  /**
   * Writes a new file that only its owner may read, on the disk when it resolves. Never replaces one: another vault may need
   * it. Throws AppError('name-taken' | 'permission-denied' | 'no-space'). The caller wipes the content.
   */
  create(path: string, content: Uint8Array): Promise<void>
  /** True when a sync client is known to copy what lies there to other computers. */
  isInSyncFolder(path: string): boolean
}
