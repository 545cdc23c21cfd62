import { AppError } from '../../model/app-error.ts'
import {
  concatBytes,
  decodeBase64Url,
  equalBytes,
  fromUtf8,
  toBase64Url,
  toHex,
  utf8,
  wipe,
} from '../crypto/bytes.ts'
import { contextInfo, hkdfSha256 } from '../crypto/hkdf.ts'
import { sha256 } from '../crypto/sha256.ts'
import type { Random } from '../ports/random.ts'
import { KEY_BYTES } from './vault-limits.ts'

const FORMAT = 'fernsync-keyfile-1'
const SUM_BYTES = 4
/** A key file is one line of 72 characters; what is larger is another file. */
export const MAX_KEY_FILE_BYTES = 4096

/** The content of a new key file: `fernsync-keyfile-1 <base64url of 32 random bytes> <first 8 hex digits of their SHA-256>`. */
export function newKeyFile(random: Random): Uint8Array {
  const key = random.bytes(KEY_BYTES)
  const digest = sha256(key)
  try {
    return utf8(`${FORMAT} ${toBase64Url(key)} ${toHex(digest.subarray(0, SUM_BYTES))}\n`)
  } finally {
    wipe(key, digest)
  }
}

/**
 * The 32 bytes of a key file; the caller wipes both. Throws AppError('key-file-invalid') for a file of another kind or one that
 * is damaged, which its sum tells from a wrong one.
 */
export function readKeyFile(content: Uint8Array): Uint8Array {
  const [format, text, sum, ...rest] = lineOf(content).split(' ')
  const shared = decodeBase64Url(text ?? '')
  const key = shared === null ? new Uint8Array(0) : concatBytes(shared)
  if (shared !== null) wipe(shared)
  const digest = sha256(key)
  const isSound =
    format === FORMAT &&
    rest.length === 0 &&
    key.byteLength === KEY_BYTES &&
    sum === toHex(digest.subarray(0, SUM_BYTES))
  wipe(digest)
  if (isSound) return key
  wipe(key)
  throw new AppError('key-file-invalid', 'key file: not one of ours, or damaged')
}

/** The slot's key from the stretched password and the key file's 32 bytes; the caller wipes all three. */
export function withKeyFile(stretched: Uint8Array, key: Uint8Array, slotId: string): Uint8Array {
  const salt = sha256(key)
  try {
    const info = contextInfo('fernsync/1', 'slot', slotId)
    return hkdfSha256({ key: stretched, salt, info, length: KEY_BYTES })
  } finally {
    wipe(salt)
  }
}

/** True for two contents of one key. */
export function isSameKeyFile(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [readKeyFile(one), readKeyFile(other)]
  const same = equalBytes(a, b)
  wipe(a, b)
  return same
}

/** Text cannot be wiped: it lives until it is collected. Empty for what is not a short text. */
function lineOf(content: Uint8Array): string {
  if (content.byteLength > MAX_KEY_FILE_BYTES) return ''
  try {
    return fromUtf8(content).replace(/\r?\n$/, '')
  } catch {
    return ''
  }
}
