import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { decodeBase64Url, toBase64Url, wipe } from './bytes.ts'
import { CryptoError } from './crypto-error.ts'
import { hmacSha256, isHmacSha256 } from './sha256.ts'

// Token (fernet/spec): version 1 byte | timestamp u64 BE | IV 16 | AES-128-CBC with PKCS#7 | HMAC-SHA256 32 of all before it.
const VERSION = 0x80
const IV_AT = 9
const TEXT_AT = 25
const BLOCK = 16
const MAC_LENGTH = 32
const KEY_LENGTH = 32
const HALF = 16
const MIN_RAW = TEXT_AT + BLOCK + MAC_LENGTH
/** A convention of the implementations; the specification has no number, only a vector ten hours ahead. */
const MAX_CLOCK_SKEW_SECONDS = 60n

export type FernetEncryptOptions = {
  /** 16 fresh random bytes, never used before under this key. */
  readonly iv: Uint8Array
  /** Seconds since 1970, an integer from 0; readable in the token, so our files write 0. */
  readonly timestamp: number
}

/** Given only when tokens are messages; stored data has no age limit. `nowSeconds` is seconds since 1970. */
export type FernetLifetime = { readonly ttlSeconds: number; readonly nowSeconds: number }

/**
 * Encrypts `plaintext` into one Fernet token, canonical padded base64url. `key` is 32 bytes: the first half signs, the
 * second encrypts. The caller wipes `key` and `plaintext`. Throws CryptoError for a key, IV or timestamp of the wrong form.
 */
export function fernetEncrypt(key: Uint8Array, plaintext: Uint8Array, options: FernetEncryptOptions): string {
  const { iv, timestamp } = options
  if (key.byteLength !== KEY_LENGTH) throw new CryptoError('invalid key')
  if (iv.byteLength !== BLOCK) throw new CryptoError('invalid iv')
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) throw new CryptoError('invalid timestamp')

  const whole = plaintext.byteLength - (plaintext.byteLength % BLOCK)
  const macAt = TEXT_AT + whole + BLOCK
  const token = Buffer.allocUnsafe(macAt + MAC_LENGTH)
  token[0] = VERSION
  token.writeUInt32BE(Math.floor(timestamp / 2 ** 32), 1)
  token.writeUInt32BE(timestamp % 2 ** 32, 5)
  token.set(iv, IV_AT)
  const cipher = createCipheriv('aes-128-cbc', cipherKey(key), iv)
  token.set(cipher.update(plaintext), TEXT_AT)
  token.set(cipher.final(), TEXT_AT + whole)
  token.set(hmacSha256(key.subarray(0, HALF), token.subarray(0, macAt)), macAt)
  return toBase64Url(token)
}

/**
 * The plaintext of a token; the caller wipes it and `key`. Strict: canonical base64url, then length, version, age when asked
 * for, MAC in constant time, and only then decryption. Every refusal is the same CryptoError('invalid token').
 */
export function fernetDecrypt(key: Uint8Array, token: string, lifetime?: FernetLifetime): Uint8Array {
  if (key.byteLength !== KEY_LENGTH) throw new CryptoError('invalid key')
  const raw = decodeBase64Url(token)
  if (
    raw === null ||
    raw.byteLength < MIN_RAW ||
    (raw.byteLength - MIN_RAW) % BLOCK !== 0 ||
    raw[0] !== VERSION ||
    (lifetime !== undefined && !isAlive(raw, lifetime))
  )
    throw new CryptoError('invalid token')
  const macAt = raw.byteLength - MAC_LENGTH
  if (!isHmacSha256(key.subarray(0, HALF), raw.subarray(0, macAt), raw.subarray(macAt)))
    throw new CryptoError('invalid token')
  return open(key, raw.subarray(IV_AT, TEXT_AT), raw.subarray(TEXT_AT, macAt))
}

/** A key object, because createCipheriv takes ten times as long when given raw bytes. Node cleanses its copy when collected. */
function cipherKey(key: Uint8Array): KeyObject {
  return createSecretKey(key.subarray(HALF))
}

/** Decrypts text whose MAC was right. The padding is ours to check: one call, and one array that holds the plaintext. */
function open(key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-128-cbc', cipherKey(key), iv).setAutoPadding(false)
  const padded = decipher.update(text)
  const end = padded.byteLength
  const padding = padded[end - 1] ?? 0
  const length = end - padding
  // A loop: an iterator over a view of them takes a tenth of the time of a short token.
  let isPadding = padding >= 1 && padding <= BLOCK
  for (let at = end - 1; isPadding && at >= length; at -= 1) isPadding = padded[at] === padding
  if (!isPadding) {
    wipe(padded)
    throw new CryptoError('invalid token')
  }
  return new Uint8Array(padded.buffer, padded.byteOffset, length)
}

function isAlive(raw: Uint8Array, { ttlSeconds, nowSeconds }: FernetLifetime): boolean {
  // BigInt: the field holds 64 bits, and a Number would round a huge date into the range that is accepted.
  const created = new DataView(raw.buffer, raw.byteOffset + 1, 8).getBigUint64(0)
  const now = BigInt(Math.floor(nowSeconds))
  return created + BigInt(ttlSeconds) >= now && created <= now + MAX_CLOCK_SKEW_SECONDS
}
