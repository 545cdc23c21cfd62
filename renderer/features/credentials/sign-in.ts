/** How to sign in. Secret values are bytes that whoever asked for them wipes. */
export type SignIn = {
  readonly kind: 'password' | 'key' | 'file' | 'new' | 'agent'
  readonly secrets: Record<string, Uint8Array>
  /** One-use tokens of files that main reads, by field. */
  readonly secretFiles: Record<string, string>
  /** Tokens of secrets that the main side made, by field. */
  readonly generated: Record<string, string>
  /** Non-secret fields that go with it. */
  readonly fields: Record<string, string>
}

/** What SignInFields lets its owner do. */
export type SignInHandle = {
  /** What was typed, as bytes that the caller wipes; null when something is missing, which is then shown. */
  readonly read: () => SignIn | null
  readonly clear: () => void
}
