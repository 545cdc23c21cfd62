import { createPrivateKey, createPublicKey } from 'node:crypto'
import { concatBytes, wipe } from './bytes.ts'
import { CryptoError } from './crypto-error.ts'

const SEED_BYTES = 32
/** Everything of a PKCS #8 Ed25519 key before its seed (RFC 8410 section 7). */
const PKCS8_HEAD = Uint8Array.of(
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20],
)
/** Length of an Ed25519 SubjectPublicKeyInfo before the 32 bytes of the key. */
const SPKI_HEAD_BYTES = 12

/** The public key (32 bytes) of an Ed25519 seed (32 bytes, RFC 8032 section 5.1.5). The caller wipes the seed. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  if (seed.byteLength !== SEED_BYTES) throw new CryptoError('invalid length')
  const der = concatBytes(PKCS8_HEAD, seed)
  try {
    const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
    return Uint8Array.from(spki.subarray(SPKI_HEAD_BYTES))
  } finally {
    wipe(der)
  }
}
