import { createSecretKey, hkdfSync } from 'node:crypto'
import { CryptoError } from './crypto-error.ts'

const MAX_LENGTH = 255 * 32
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
 * HKDF-SHA256 (RFC 5869), extract and expand. The caller wipes the result. Throws CryptoError('invalid length') outside the
 * bounds above; Node itself refuses an info of more than 1024 bytes.
 */
export function hkdfSha256({ key, salt, info, length }: HkdfInput): Uint8Array {
  if (!Number.isInteger(length) || length < 1 || length > MAX_LENGTH) throw new CryptoError('invalid length')
  // A key object, because hkdfSync with raw bytes takes twice as long and a list of credentials needs thousands of keys.
  return new Uint8Array(hkdfSync('sha256', createSecretKey(key), salt, info, length))
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
