import { chacha20 as nobleChaCha20 } from '@noble/ciphers/chacha.js'
import { salsa20 as nobleSalsa20 } from '@noble/ciphers/salsa.js'
import { CryptoError } from './crypto-error.ts'

/**
 * ChaCha20 (RFC 8439, counter 0) without a MAC, for files of other programs: Electron's crypto has it with Poly1305 only. `key` 32 bytes,
 * `nonce` 12. The caller wipes the result.
 */
export function chaCha20(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array {
  if (key.byteLength !== 32 || nonce.byteLength !== 12) throw new CryptoError('invalid key')
  return nobleChaCha20(key, nonce, text)
}

/** Salsa20 (counter 0) without a MAC, for files of other programs. `key` 32 bytes, `nonce` 8. The caller wipes the result. */
export function salsa20(key: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array {
  if (key.byteLength !== 32 || nonce.byteLength !== 8) throw new CryptoError('invalid key')
  return nobleSalsa20(key, nonce, text)
}
