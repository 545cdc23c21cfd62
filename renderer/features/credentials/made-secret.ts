/** A secret that the main side made and keeps under a token until a form is stored. */
export type MadeSecret = { readonly token: string; readonly bits: number }

/** What one secret field of a form holds. */
export type SecretGiven =
  { readonly kind: 'typed'; readonly bytes: Uint8Array } | { readonly kind: 'made'; readonly token: string }

/** What a secret field lets its owner do. */
export type SecretFieldHandle = {
  /** Null when nothing was given; bytes are the caller's to wipe. */
  readonly read: () => SecretGiven | null
  /** True when the stored one is to be removed. */
  readonly isRemoved: () => boolean
  readonly clear: () => void
}

/** What the fields that every kind has let their owner do. */
export type ExtrasHandle = {
  readonly readNotes: () => SecretGiven | null
  /** Names of secrets of theirs that are to be removed. */
  readonly removed: () => string[]
  readonly clear: () => void
}
