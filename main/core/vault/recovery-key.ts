import { AppError } from '../../model/app-error.ts'
import { utf8, wipe } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/sha256.ts'
import type { Random } from '../ports/random.ts'

/** Crockford's base 32: no I, L, O and U, so that what a person writes down can be read again. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const DATA_BYTES = 20
const DATA_CHARS = 32
const SUM_CHARS = 4
const GROUP_CHARS = 4
export const RECOVERY_GROUPS = (DATA_CHARS + SUM_CHARS) / GROUP_CHARS
const MAX_TYPED_BYTES = 256
const HYPHEN = 0x2d
const BITS_PER_CHAR = 5

/**
 * A new recovery key as 36 ASCII characters: 160 random bits and the first 20 bits of their SHA-256, against mistypes. The
 * caller wipes it.
 */
export function newRecoveryKey(random: Random): Uint8Array {
  const data = random.bytes(DATA_BYTES)
  const sum = sha256(data)
  try {
    const key = new Uint8Array(DATA_CHARS + SUM_CHARS)
    encode(data, key, 0, DATA_CHARS)
    encode(sum, key, DATA_CHARS, SUM_CHARS)
    return key
  } finally {
    wipe(data, sum)
  }
}

/** The key as it is shown: nine groups of four with hyphens between, 44 ASCII characters. The caller wipes both. */
export function groupedRecoveryKey(key: Uint8Array): Uint8Array {
  const shown = new Uint8Array(key.byteLength + RECOVERY_GROUPS - 1).fill(HYPHEN)
  for (let at = 0; at < key.byteLength; at += 1) shown[at + Math.floor(at / GROUP_CHARS)] = key[at] ?? 0
  return shown
}

/** One of the nine groups, counted from 1. Not a copy: wiping the key wipes it. */
export function recoveryGroup(key: Uint8Array, number: number): Uint8Array {
  return key.subarray((number - 1) * GROUP_CHARS, number * GROUP_CHARS)
}

/**
 * The 32 characters a derivation is given, from what a person typed: hyphens and blanks left out, upper case, I and L read as 1
 * and O as 0. Throws AppError('recovery-key-invalid') for another length, other characters or a checksum that does not fit, so
 * that a mistype costs no derivation. The caller wipes both.
 */
export function recoverySecret(typed: Uint8Array): Uint8Array {
  const key = normalised(typed)
  const data = new Uint8Array(DATA_BYTES)
  const sum = new Uint8Array(DATA_CHARS + SUM_CHARS)
  try {
    decode(key.subarray(0, DATA_CHARS), data)
    const digest = sha256(data)
    encode(digest, sum, 0, SUM_CHARS)
    wipe(digest)
    for (let at = 0; at < SUM_CHARS; at += 1) if (sum[at] !== key[DATA_CHARS + at]) throw invalid()
    return key.slice(0, DATA_CHARS)
  } finally {
    wipe(key, data, sum)
  }
}

/** The characters of a group as a person typed it, for comparison. The caller wipes it. */
export function normalisedGroup(typed: Uint8Array): Uint8Array {
  return letters(typed)
}

function normalised(typed: Uint8Array): Uint8Array {
  const key = typed.byteLength > MAX_TYPED_BYTES ? new Uint8Array(0) : letters(typed)
  if (key.byteLength === DATA_CHARS + SUM_CHARS) return key
  wipe(key)
  throw invalid()
}

const BLANKS = utf8('- \t\r\n')
const [LOWER_A, LOWER_Z, TO_UPPER] = [0x61, 0x7a, 0x20]
const ALIKE = new Map([
  [charCode('I'), charCode('1')],
  [charCode('L'), charCode('1')],
  [charCode('O'), charCode('0')],
])

function letters(typed: Uint8Array): Uint8Array {
  const kept = new Uint8Array(typed.byteLength)
  let length = 0
  for (const byte of typed) {
    if (BLANKS.includes(byte)) continue
    const upper = byte >= LOWER_A && byte <= LOWER_Z ? byte - TO_UPPER : byte
    kept[length] = ALIKE.get(upper) ?? upper
    length += 1
  }
  const exact = kept.slice(0, length)
  wipe(kept)
  return exact
}

function charCode(char: string): number {
  return char.charCodeAt(0)
}

/** The first `count` characters of the bits of `bytes`, into `into` from `start`. */
function encode(bytes: Uint8Array, into: Uint8Array, start: number, count: number): void {
  for (let at = 0; at < count; at += 1) {
    let value = 0
    for (let bit = at * BITS_PER_CHAR; bit < (at + 1) * BITS_PER_CHAR; bit += 1) {
      value = (value << 1) | (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1)
    }
    into[start + at] = ALPHABET.charCodeAt(value)
  }
}

/** Throws AppError('recovery-key-invalid') for a character that is not of the alphabet. */
function decode(chars: Uint8Array, into: Uint8Array): void {
  for (let at = 0; at < chars.byteLength; at += 1) {
    const value = ALPHABET.indexOf(String.fromCharCode(chars[at] ?? 0))
    if (value < 0) throw invalid()
    for (let n = 0; n < BITS_PER_CHAR; n += 1) {
      const bit = at * BITS_PER_CHAR + n
      into[bit >> 3] = (into[bit >> 3] ?? 0) | (((value >> (BITS_PER_CHAR - 1 - n)) & 1) << (7 - (bit & 7)))
    }
  }
}

function invalid(): AppError {
  return new AppError('recovery-key-invalid', 'recovery key: mistyped')
}
