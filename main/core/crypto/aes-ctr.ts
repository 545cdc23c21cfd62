import { createDecipheriv } from 'node:crypto'
import { CryptoError } from './crypto-error.ts'

/**
 * AES-256-CTR without a MAC: hides nothing from whoever has the key and notices no change. For files of other programs. `key`
 * 32 bytes, `iv` 16. The caller wipes the result. Throws CryptoError for a key or IV of another length.
 */
export function aes256Ctr(key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array {
  if (key.byteLength !== 32 || iv.byteLength !== 16) throw new CryptoError('invalid key')
  const shared = createDecipheriv('aes-256-ctr', key, iv).update(text)
  const plain = Uint8Array.from(shared)
  shared.fill(0)
  return plain
}
