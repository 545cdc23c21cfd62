import * as z from 'zod'
import { concatBytes, fromUtf8, utf8, wipe } from '../core/crypto/bytes.ts'

/** What is in the keychain: the derived key of one slot, useless as soon as that slot's salt changes; never the password. */
const Entry = z.object({
  v: z.literal(1),
  vault: z.string(),
  slot: z.string(),
  saltHash: z.string(),
  notAfter: z.int(),
  kek: z.string(),
})
type Place = Omit<z.infer<typeof Entry>, 'v' | 'kek'>

const ALPHABET = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const PAD = 0x3d
const QUOTE = 0x22
const KEY_FIELD = utf8('"kek":"')
const KEY_BYTES = 32
/** 32 bytes in base64url with padding. */
const KEY_CHARS = 44

/**
 * The entry as UTF-8 of its JSON. The key becomes text as bytes only: this process lives on after a lock, and a string in it could not
 * be wiped. The caller wipes the answer; `kek` stays its own.
 */
export function cachedKeyEntry(place: Place, kek: Uint8Array): Uint8Array {
  const head = utf8(`${JSON.stringify({ v: 1, ...place }).slice(0, -1)},`)
  const key = encode(kek)
  try {
    return concatBytes(head, KEY_FIELD, key, utf8('"}'))
  } finally {
    wipe(key)
  }
}

/** The place of an entry and its key, 32 bytes that the caller wipes; null when it is not ours. Wipes `bytes`. */
export function readCachedKeyEntry(bytes: Uint8Array): (Place & { readonly kek: Uint8Array }) | null {
  const start = indexOf(bytes, KEY_FIELD) + KEY_FIELD.byteLength
  const text = bytes.slice(start, start + KEY_CHARS)
  const kek = start >= KEY_FIELD.byteLength && bytes[start + KEY_CHARS] === QUOTE ? decode(text) : null
  const rest =
    kek === null ? new Uint8Array() : concatBytes(bytes.subarray(0, start), bytes.subarray(start + KEY_CHARS))
  wipe(text, bytes)
  if (kek === null) return null
  const entry = Entry.safeParse(parsed(rest))
  // A second key beside the one cut out would still stand there.
  if (entry.success && entry.data.kek === '') {
    const { vault, slot, saltHash, notAfter } = entry.data
    return { vault, slot, saltHash, notAfter, kek }
  }
  wipe(rest, kek)
  return null
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes))
  } catch {
    return null
  }
}

function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  for (let at = 0; at + part.byteLength <= bytes.byteLength; at += 1) {
    if (part.every((byte, n) => bytes[at + n] === byte)) return at
  }
  return -part.byteLength - 1
}

/** Base64url (RFC 4648 section 5) of `key`, padded, as bytes. */
function encode(key: Uint8Array): Uint8Array {
  const text = new Uint8Array(Math.ceil(key.byteLength / 3) * 4).fill(PAD)
  let [bits, held, at] = [0, 0, 0]
  const push = (value: number): void => {
    text[at] = ALPHABET[value & 63] ?? PAD
    at += 1
  }
  for (const byte of key) {
    held = ((held << 8) | byte) & 0xffff
    for (bits += 8; bits >= 6; bits -= 6) push(held >> (bits - 6))
  }
  if (bits > 0) push(held << (6 - bits))
  return text
}

/** The key of exactly one text of it, null for any other. */
function decode(text: Uint8Array): Uint8Array | null {
  const key = new Uint8Array(KEY_BYTES)
  let [bits, held, at] = [0, 0, 0]
  for (const char of text.subarray(0, KEY_CHARS - 1)) {
    held = ((held << 6) | Math.max(0, ALPHABET.indexOf(char))) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    key[at] = (held >> bits) & 0xff
    at += 1
  }
  const again = encode(key)
  const isExact = again.byteLength === text.byteLength && again.every((byte, n) => text[n] === byte)
  wipe(again)
  if (isExact) return key
  wipe(key)
  return null
}
