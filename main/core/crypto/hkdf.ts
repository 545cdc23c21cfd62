import { utf8, wipe } from './bytes.ts'
import { CryptoError } from './crypto-error.ts'
import { hmacSha256 } from './sha256.ts'

const HASH_LENGTH = 32
const MAX_LENGTH = 255 * HASH_LENGTH
const SUITE = 'fernsync/1'
const FIELD = /^[A-Za-z0-9_.:-]{1,64}$/

export type HkdfInput = {
  /** Input key material, at least one byte; the caller wipes it. */
  readonly key: Uint8Array
  /** May be empty. */
  readonly salt: Uint8Array
  /** Context, usually of {@link contextInfo}; text is taken as UTF-8. */
  readonly info: string | Uint8Array
  /** Wanted bytes, 1 to 8160. */
  readonly length: number
}

/**
 * HKDF-SHA256 (RFC 5869), extract and expand. The caller wipes the result; what lies between is wiped. Throws
 * CryptoError('invalid length') outside the bounds above.
 *
 * Written over our HMAC, because Node's hkdfSync makes a job and native objects for each of the thousands of keys that a list of
 * credentials needs, and so takes twice as long.
 */
export function hkdfSha256({ key, salt, info, length }: HkdfInput): Uint8Array {
  if (!Number.isInteger(length) || length < 1 || length > MAX_LENGTH) throw new CryptoError('invalid length')
  const context = typeof info === 'string' ? utf8(info) : info
  const prk = hmacSha256(salt, key)
  const output = new Uint8Array(length)
  // T(n) = HMAC(PRK, T(n-1) | info | n), section 2.3; the first has no block before it.
  const input = Buffer.allocUnsafe(HASH_LENGTH + context.byteLength + 1)
  input.set(context, HASH_LENGTH)
  let from = HASH_LENGTH
  for (let at = 0, count = 1; at < length; at += HASH_LENGTH, count += 1) {
    input[input.length - 1] = count
    const block = hmacSha256(prk, input.subarray(from))
    output.set(at + HASH_LENGTH <= length ? block : block.subarray(0, length - at), at)
    input.set(block)
    wipe(block)
    from = 0
  }
  wipe(prk, input)
  return output
}

/**
 * Joins the fields of an HKDF context with line feeds; the first names the crypto suite, `fernsync/1`. Every other field is 1
 * to 64 characters of `A-Za-z0-9_.:-`, so that none can hold the separator and two contexts can never become one text.
 * Throws CryptoError('invalid context field').
 */
export function contextInfo(...fields: readonly string[]): string {
  const [suite, ...context] = fields
  if (suite !== SUITE || context.length === 0 || !context.every((field) => FIELD.test(field)))
    throw new CryptoError('invalid context field')
  return fields.join('\n')
}
