import { timingSafeEqual } from 'node:crypto'
import { CryptoError } from './crypto-error.ts'

const fatalUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf8Encoder = new TextEncoder()
const PADDING = ['', '', '==', '='] as const

/** The same memory as a Buffer, without a copy: wiping `bytes` wipes both. */
function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Base64url with padding (RFC 4648 section 5), the only text form of bytes in our files. */
export function toBase64Url(bytes: Uint8Array): string {
  const text = view(bytes).toString('base64url')
  return text + PADDING[text.length & 3]
}

/**
 * The bytes of canonical padded base64url, null for anything else: a missing or extra `=`, `+` or `/`, white space, set
 * trailing bits. Two texts for one value would break comparison by text. May lie in Node's shared pool, which is quicker:
 * for ciphertext only; secrets go through {@link fromBase64Url}.
 */
export function decodeBase64Url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url')
  // Node drops what it does not know instead of failing, so only the way back shows that nothing was dropped.
  return toBase64Url(bytes) === text ? bytes : null
}

/**
 * The bytes of canonical padded base64url in memory of their own; the caller wipes them when they are secret. Throws
 * CryptoError('invalid base64url') for everything {@link decodeBase64Url} refuses.
 */
export function fromBase64Url(text: string): Uint8Array {
  const shared = decodeBase64Url(text)
  if (shared === null) throw new CryptoError('invalid base64url')
  const bytes = Uint8Array.from(shared)
  wipe(shared)
  return bytes
}

/** Lower-case hex, two digits per byte. */
export function toHex(bytes: Uint8Array): string {
  return view(bytes).toString('hex')
}

/** The bytes of lower-case hex. Throws CryptoError('invalid hex') for anything else, upper case included. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw new CryptoError('invalid hex')
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

/**
 * UTF-8 of `text`. Throws CryptoError('invalid text') for a lone surrogate, which TextEncoder would silently turn into
 * U+FFFD: two different passwords would become one. The caller wipes the bytes when they are secret.
 */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new CryptoError('invalid text')
  return utf8Encoder.encode(text)
}

/** Text of UTF-8 bytes, a BOM kept as it is. Throws CryptoError('invalid text') for bytes that are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return fatalUtf8.decode(bytes)
  } catch {
    throw new CryptoError('invalid text')
  }
}

/** True when both hold the same bytes; the time depends only on the lengths, which count as public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

/** Overwrites every array with zeros. Copies the runtime made (strings, native key objects) are out of reach. */
export function wipe(...arrays: readonly Uint8Array[]): void {
  for (const bytes of arrays) bytes.fill(0)
}

/** One new array of all parts in order, never from Node's shared pool. The caller owns it; the parts are left as they are. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts)
}

/** The same of a list: arguments in their hundred thousands would not fit on the stack. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.byteLength
  }
  return all
}
