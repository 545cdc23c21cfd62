/** Writes what a person exports to a place of their choice. */
export interface ExportFiles {
  /**
   * Writes a file that only its owner may read (0600), durably, and nothing of it anywhere else. Throws AppError('exists') when there is
   * one already and `replace` is false, 'permission-denied', 'no-space'. `path` is absolute.
   */
  write(path: string, bytes: Uint8Array, options: { readonly replace: boolean }): Promise<void>
}
