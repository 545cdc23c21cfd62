import { toBase64Url, wipe } from './bytes.ts'
import { CryptoError } from './crypto-error.ts'
import { contextInfo, hkdfSha256 } from './hkdf.ts'
import { hmacSha256 } from './sha256.ts'

export type BcryptInput = {
  /** The caller wipes it. */
  readonly password: Uint8Array
  /** 16 bytes. */
  readonly salt: Uint8Array
  /** Binary logarithm of the rounds. Bounds are policy, checked before. */
  readonly cost: number
}

/** bcrypt prints 23 of its 24 bytes, so programs that only see the text can be compared with. */
const PRINTED_BYTES = 23

/**
 * 32 bytes from bcrypt; the caller wipes them. bcrypt takes 72 bytes and stops at a zero, so it is given the base64url text of
 * HMAC-SHA256(salt, password), salted against tables of plain hashes; its 23 bytes become a key by HKDF-SHA256 with the same
 * salt and info "fernsync/1\nbcrypt". Computes on the calling thread, in WebAssembly. Throws CryptoError for a salt of
 * another length.
 */
export async function bcryptKey({ password, salt, cost }: BcryptInput): Promise<Uint8Array> {
  const mac = hmacSha256(salt, password)
  let raw: Uint8Array | null = null
  try {
    // When it is needed, as argon2 does.
    const { bcrypt } = await import('hash-wasm')
    raw = await bcrypt({ password: toBase64Url(mac), salt, costFactor: cost, outputType: 'binary' })
    const info = contextInfo('fernsync/1', 'bcrypt')
    return hkdfSha256({ key: raw.subarray(0, PRINTED_BYTES), salt, info, length: 32 })
  } catch {
    throw new CryptoError('invalid iteration count')
  } finally {
    wipe(mac)
    if (raw !== null) wipe(raw)
  }
}
