/** The system clipboard, for secrets only. */
export interface Clipboard {
  /** Puts UTF-8 text on the clipboard, marked as not to be recorded where the system knows such a mark. Wipes `secret`. */
  copySecret(secret: Uint8Array): Promise<void>
  /** Empties the clipboard if it still holds what `copySecret` put there. */
  clearIfOurs(): Promise<void>
}
