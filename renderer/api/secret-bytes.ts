/** Anything a person types a secret into. */
export type SecretInput = { value: string }

/**
 * Takes what was typed out of an input: the input is empty afterwards and the text exists only as its UTF-8
 * bytes, which the caller wipes. Nothing is trimmed or normalised: whoever receives a password decides that.
 */
export function takeSecret(input: SecretInput): Uint8Array {
  const bytes = readSecret(input)
  input.value = ''
  return bytes
}

/** The same without emptying the input, for a form that stays open when the server cannot be reached. */
export function readSecret(input: SecretInput): Uint8Array {
  return new TextEncoder().encode(input.value)
}

/** Overwrites secret bytes. JavaScript promises nothing about other copies; this removes the one we hold. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0)
}
