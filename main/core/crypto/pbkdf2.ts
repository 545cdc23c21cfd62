import { pbkdf2 } from 'node:crypto'
import { CryptoError } from './crypto-error.ts'
import { wipe } from './bytes.ts'

const PROBE_ITERATIONS = 20_000

export type Pbkdf2Input = {
  /** The caller wipes it, after the promise settles. */
  readonly password: Uint8Array
  readonly salt: Uint8Array
  /** Bounds are policy and checked by the vault before any derivation; here only 1 to 2^31-1. */
  readonly iterations: number
  /** More than one block of SHA-256 would double our cost and not an attacker's. */
  readonly length: 32
}

/** PBKDF2-HMAC-SHA256 (RFC 8018 section 5.2) on Node's thread pool. 32 bytes; the caller wipes them. */
export function pbkdf2HmacSha256({ password, salt, iterations, length }: Pbkdf2Input): Promise<Uint8Array> {
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > 0x7fff_ffff)
    return Promise.reject(new CryptoError('invalid iteration count'))
  return new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, length, 'sha256', (error, key) => {
      if (error) reject(error)
      else resolve(new Uint8Array(key.buffer, key.byteOffset, key.byteLength))
    })
  })
}

/**
 * Milliseconds that `iterations` will take here and now, from a probe of 20,000 (about 4 ms). `monotonic` is the clock
 * port's. An estimate: a busy machine makes it longer.
 */
export async function estimatePbkdf2Ms(iterations: number, monotonic: () => number): Promise<number> {
  const started = monotonic()
  const probe = await pbkdf2HmacSha256({
    password: new Uint8Array(16),
    salt: new Uint8Array(16),
    iterations: PROBE_ITERATIONS,
    length: 32,
  })
  wipe(probe)
  return ((monotonic() - started) / PROBE_ITERATIONS) * iterations
}
