import { createCipheriv } from 'node:crypto'
import { concatBytes, wipe } from './bytes.ts'
import { CryptoError } from './crypto-error.ts'
import { sha256 } from './sha256.ts'

const BLOCK = 16
const ROUNDS_PER_CALL = 65_536

export type AesKdfInput = {
  /** 32 bytes; the caller wipes it. */
  readonly key: Uint8Array
  /** 32 bytes. */
  readonly seed: Uint8Array
  readonly rounds: number
}

/**
 * KeePass's AES-KDF: both halves of `key` encrypted `rounds` times with AES-256 in ECB mode under `seed`, then SHA-256. 32 bytes; the caller
 * wipes them. Computes on the calling thread: for processes that have nothing else to do.
 */
export function aesKdf({ key, seed, rounds }: AesKdfInput): Uint8Array {
  if (key.byteLength !== 2 * BLOCK || seed.byteLength !== 32) throw new CryptoError('invalid key')
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new CryptoError('invalid iteration count')
  const halves = [key.subarray(0, BLOCK), key.subarray(BLOCK)].map((half) => encryptAgain(seed, half, rounds))
  const whole = concatBytes(...halves)
  const derived = sha256(whole)
  wipe(whole, ...halves)
  return derived
}

/** CBC over zeros encrypts the block before it: that is ECB again and again, many rounds a call. */
function encryptAgain(seed: Uint8Array, block: Uint8Array, rounds: number): Uint8Array {
  const cipher = createCipheriv('aes-256-cbc', seed, block).setAutoPadding(false)
  const zeros = new Uint8Array(Math.min(rounds, ROUNDS_PER_CALL) * BLOCK)
  const last = new Uint8Array(BLOCK)
  for (let left = rounds; left > 0;) {
    const now = Math.min(left, ROUNDS_PER_CALL)
    const chain = cipher.update(zeros.subarray(0, now * BLOCK))
    last.set(chain.subarray(chain.byteLength - BLOCK))
    chain.fill(0)
    left -= now
  }
  return last
}
