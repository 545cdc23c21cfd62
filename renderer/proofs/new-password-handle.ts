/** What NewPasswordFields lets its owner do. */
export type NewPasswordHandle = {
  /** The new password once, as bytes that the caller wipes; null when something is wrong, which is then shown. */
  readonly take: () => Uint8Array | null
  /** The same without emptying the fields, for a form that may be sent again. */
  readonly read: () => Uint8Array | null
  readonly focus: () => void
}
