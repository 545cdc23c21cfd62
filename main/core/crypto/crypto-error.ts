/** What a function of core/crypto refuses. Fixed texts: none may carry a byte of a key, a token or a plaintext. */
export type CryptoRefusal =
  | 'invalid token'
  | 'invalid key'
  | 'invalid iv'
  | 'invalid timestamp'
  | 'invalid base64url'
  | 'invalid hex'
  | 'invalid text'
  | 'invalid context field'
  | 'invalid length'
  | 'invalid iteration count'

/**
 * The one error of core/crypto. Decryption always says `invalid token` and has no cause: whoever could tell a wrong key
 * from a wrong padding would have a padding oracle (Vaudenay 2002).
 */
export class CryptoError extends Error {
  override readonly name = 'CryptoError'
  declare readonly message: CryptoRefusal

  constructor(refusal: CryptoRefusal) {
    super(refusal)
  }
}
