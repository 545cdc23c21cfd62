/** The dialogs that change how the vault is opened. */
export type WayInDialog =
  | 'change-password'
  | 'recovery-key'
  | 'remove-recovery-key'
  | 'require-key-file'
  | 'stop-key-file'
  | 'rotate-key'
