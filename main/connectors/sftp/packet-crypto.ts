import { createSecretKey, randomFillSync as fillRandom } from 'node:crypto'
import * as crypto from 'node:crypto'
import type { Cipheriv, Decipheriv, Hmac, KeyObject } from 'node:crypto'

/*
 * What ssh2's packet ciphers see as `node:crypto` in our builds (build/vite/configs.mjs); the same functions with the same
 * results. ssh2 asks for a cipher with the same key, and for a handful of random bytes, once per packet of 32 KiB; done the plain
 * way these two took a third of an upload's time.
 */

export { timingSafeEqual } from 'node:crypto'

/** Made once per key: from bytes Node would build one for every packet, and find out that they are none by throwing inside. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>()

function keyObjectOf(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key)
  if (known !== undefined) return known
  const made = createSecretKey(key)
  keyObjects.set(key, made)
  return made
}

/** `crypto.createCipheriv`. `key` must keep its content while it is in use here. */
export function createCipheriv(algorithm: string, key: Uint8Array, iv: Uint8Array): Cipheriv {
  return crypto.createCipheriv(algorithm, keyObjectOf(key), iv)
}

/** `crypto.createDecipheriv`. `key` must keep its content while it is in use here. */
export function createDecipheriv(algorithm: string, key: Uint8Array, iv: Uint8Array): Decipheriv {
  return crypto.createDecipheriv(algorithm, keyObjectOf(key), iv)
}

/** `crypto.createHmac`. `key` must keep its content while it is in use here. */
export function createHmac(algorithm: string, key: Uint8Array): Hmac {
  return crypto.createHmac(algorithm, keyObjectOf(key))
}

const supply = Buffer.allocUnsafeSlow(4096)
let used = supply.length

/**
 * Fills `size` bytes of `buffer` from `offset` on with bytes of the system's secure generator, fetched for many packets at once;
 * none is handed out twice. It is the padding of packets (RFC 4253, section 6).
 */
export function randomFillSync(buffer: Uint8Array, offset: number, size: number): Uint8Array {
  if (size > supply.length) return fillRandom(buffer, offset, size)
  if (used + size > supply.length) {
    fillRandom(supply)
    used = 0
  }
  buffer.set(supply.subarray(used, used + size), offset)
  used += size
  return buffer
}
