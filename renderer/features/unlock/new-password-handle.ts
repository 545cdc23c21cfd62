/** What NewPasswordFields lets its owner do. */
export type NewPasswordHandle = {
  /** The new password once, as bytes that the caller wipes; null when something is wrong, which is then shown. */
  readonly take: () => Uint8Array | null
  readonly focus: () => void
}
