import { hash } from 'node:crypto'

const BLOCK = 64
const OUTER_LENGTH = BLOCK + 32

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = hash('sha256', bytes, 'buffer')
  // A plain Uint8Array on the same memory: Buffer's `slice` and `toString` mean other things than a reader expects.
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength)
}

/**
 * HMAC-SHA256 (RFC 2104), 32 bytes. The caller wipes `key`; the padded copies made here are wiped.
 *
 * Written over one-shot hashes, because `createHmac` makes native objects for the collector: it is five times slower with a
 * key of raw bytes, and with a key object it still costs Fernet a quarter of its speed.
 */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const padded = key.byteLength > BLOCK ? sha256(key) : key
  const inner = Buffer.allocUnsafe(BLOCK + bytes.byteLength)
  const outer = Buffer.allocUnsafe(OUTER_LENGTH)
  for (let at = 0; at < BLOCK; at++) {
    const byte = padded[at] ?? 0
    inner[at] = byte ^ 0x36
    outer[at] = byte ^ 0x5c
  }
  inner.set(bytes, BLOCK)
  outer.set(hash('sha256', inner, 'buffer'), BLOCK)
  const digest = sha256(outer)
  inner.fill(0)
  outer.fill(0)
  if (padded !== key) padded.fill(0)
  return digest
}
