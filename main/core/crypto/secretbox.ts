import nacl from 'tweetnacl'
import { CryptoError } from './crypto-error.ts'

export const SECRETBOX_KEY_BYTES = 32
export const SECRETBOX_NONCE_BYTES = 24

/**
 * Opens a NaCl secretbox (XSalsa20-Poly1305): `nonce` 24 bytes, `box` the MAC and the ciphertext. For files of other programs;
 * ours use Fernet. The caller wipes `key` (32 bytes) and the result. Throws CryptoError for a box that was not made with this key.
 */
export function openSecretbox(key: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array {
  if (key.byteLength !== SECRETBOX_KEY_BYTES || nonce.byteLength !== SECRETBOX_NONCE_BYTES)
    throw new CryptoError('invalid key')
  // Plain arrays: the library refuses Buffers.
  const plain: unknown = nacl.secretbox.open(
    Uint8Array.from(box),
    Uint8Array.from(nonce),
    Uint8Array.from(key),
  )
  if (!(plain instanceof Uint8Array)) throw new CryptoError('invalid token')
  return plain
}
