import { createDecipheriv } from 'node:crypto'
import { CryptoError } from './crypto-error.ts'

const BLOCK = 16

/**
 * AES-256-CBC with PKCS #7 padding (RFC 5652 section 6.3), for files of other programs whose MAC was checked before. `key` 32 bytes, `iv`
 * 16. The caller wipes the result. Throws CryptoError('invalid token') for a length or a padding that cannot be.
 */
export function aes256CbcDecrypt(key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array {
  if (key.byteLength !== 32 || iv.byteLength !== BLOCK) throw new CryptoError('invalid key')
  if (text.byteLength === 0 || text.byteLength % BLOCK !== 0) throw new CryptoError('invalid token')
  const decipher = createDecipheriv('aes-256-cbc', key, iv)
  const shared = [decipher.update(text)]
  try {
    shared.push(decipher.final())
    return Uint8Array.from(Buffer.concat(shared))
  } catch {
    throw new CryptoError('invalid token')
  } finally {
    for (const part of shared) part.fill(0)
  }
}
