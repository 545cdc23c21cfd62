import { hash, webcrypto } from 'node:crypto'
import { equalBytes, toHex } from './bytes.ts'

const BLOCK = 64
const OUTER_LENGTH = BLOCK + 32

/** SHA-256 (FIPS 180-4), 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const digest = hash('sha256', bytes, 'buffer')
  // A plain Uint8Array on the same memory: Buffer's `slice` and `toString` mean other things than a reader expects.
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength)
}

/** SHA-256 as 64 digits of lower-case hex; four times as quick as the bytes, for which Node makes a Buffer. */
export function sha256Hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}

/** The same on another thread, for files of megabytes. `bytes` must not change meanwhile. */
export async function sha256HexOfLarge(bytes: Uint8Array): Promise<string> {
  const { buffer, byteOffset, byteLength } = bytes
  const own = buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, byteLength) : bytes.slice()
  return toHex(new Uint8Array(await webcrypto.subtle.digest('SHA-256', own)))
}

/**
 * HMAC-SHA256 (RFC 2104), 32 bytes. The caller wipes `key`; the padded copies made here are wiped.
 *
 * Written over one-shot hashes, because `createHmac` makes native objects for the collector: it is five times slower with a
 * key of raw bytes, and with a key object it still costs Fernet a quarter of its speed.
 */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const outer = outerMessage(key, bytes)
  const digest = sha256(outer)
  outer.fill(0)
  return digest
}

/** True when `mac` is the HMAC-SHA256 of `bytes` under `key`; compared in constant time. Quicker than making the MAC. */
export function isHmacSha256(key: Uint8Array, bytes: Uint8Array, mac: Uint8Array): boolean {
  const outer = outerMessage(key, bytes)
  // As text: a MAC lies beside what it signs and is no secret.
  const expected = Buffer.from(hash('sha256', outer, 'binary'), 'latin1')
  outer.fill(0)
  return equalBytes(expected, mac)
}

/** What the second hash of an HMAC is made of. The caller wipes it. */
function outerMessage(key: Uint8Array, bytes: Uint8Array): Buffer {
  const padded = key.byteLength > BLOCK ? sha256(key) : key
  const inner = Buffer.allocUnsafe(BLOCK + bytes.byteLength)
  const outer = Buffer.allocUnsafe(OUTER_LENGTH)
  for (let at = 0; at < BLOCK; at++) {
    const byte = padded[at] ?? 0
    inner[at] = byte ^ 0x36
    outer[at] = byte ^ 0x5c
  }
  inner.set(bytes, BLOCK)
  // As text, which is quicker than a Buffer. It tells neither the key nor the result, so a copy that stays is harmless.
  outer.write(hash('sha256', inner, 'binary'), BLOCK, 'latin1')
  inner.fill(0)
  if (padded !== key) padded.fill(0)
  return outer
}
