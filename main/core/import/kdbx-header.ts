import { toHex } from '../crypto/bytes.ts'
import { refusedFile } from './import-errors.ts'

const MAX_HEADER_BYTES = 65_536
const SIGNATURE = [0x03, 0xd9, 0xa2, 0x9a, 0x67, 0xfb, 0x4b, 0xb5] as const
/** Older KeePass 1 files begin alike. */
const KEEPASS1 = 0x65

const fieldIds = {
  end: 0,
  cipher: 2,
  compression: 3,
  masterSeed: 4,
  transformSeed: 5,
  rounds: 6,
  iv: 7,
  streamKey: 8,
  startBytes: 9,
  streamId: 10,
  kdf: 11,
} as const

const uuids = {
  aes256: '31c1f2e6bf714350be5805216afc5aff',
  chacha20: 'd6038a2b8b6f4cb5a524339a31dbb59a',
  aesKdf: 'c9d9f39a628a4460bf740d08c18a4fea',
  argon2d: 'ef636ddf8c29444b91f7a9a403e30a0c',
  argon2id: '9e298b1956db4773b23dfc3ec6f0a1e6',
} as const

/** What may be asked of this machine before anything is derived. */
export const MAX_KDF_MEMORY_KIB = 1024 * 1024
export const MAX_KDF_ITERATIONS = 10_000
export const MAX_KDF_LANES = 64
/** KeePassXC makes a hundred million a second of them. */
export const MAX_AES_ROUNDS = 1_000_000_000

export type KdbxKdf =
  | { readonly name: 'aes-kdf'; readonly seed: Uint8Array; readonly rounds: number }
  | {
      readonly name: 'argon2'
      readonly variant: 'd' | 'id'
      readonly salt: Uint8Array
      readonly iterations: number
      readonly memoryKiB: number
      readonly parallelism: number
    }

export type InnerStream = { readonly id: number; readonly key: Uint8Array }

export type KdbxHeader = {
  readonly version: 3 | 4
  readonly cipher: 'aes256' | 'chacha20'
  readonly isCompressed: boolean
  readonly masterSeed: Uint8Array
  readonly iv: Uint8Array
  readonly kdf: KdbxKdf
  /** Of version 3, whose inner stream is named here; null in version 4, which names it inside. */
  readonly old: { readonly startBytes: Uint8Array; readonly stream: InnerStream } | null
  /** The header as it is in the file. */
  readonly bytes: Uint8Array
}

/**
 * The header of a KDBX file (https://keepass.info/help/kb/kdbx.html), version 3.1 or 4, with every number in bounds: memory up to 1 GiB,
 * 10,000 iterations of Argon2, a thousand million rounds of AES-KDF. Nothing is derived. Throws AppError('import-unreadable').
 */
export function readKdbxHeader(file: Uint8Array): KdbxHeader {
  const reader = createReader(file, 'its header is not whole')
  const signature = reader.take(8)
  if (signature[4] === KEEPASS1 && SIGNATURE.slice(0, 4).every((byte, at) => signature[at] === byte))
    throw refusedFile('it is of KeePass 1; save it as KDBX with KeePass 2 or KeePassXC first')
  if (!SIGNATURE.every((byte, at) => signature[at] === byte)) throw refusedFile('it is not a KDBX file')
  reader.uint(2)
  const major = reader.uint(2)
  if (major !== 3 && major !== 4) throw refusedFile('only the versions 3 and 4 of KDBX can be read')
  const fields = readFields(reader, major === 4 ? 4 : 2)
  const bytes = file.subarray(0, reader.at())
  const cipher = cipherOf(field(fields, 'cipher', 16))
  const compression = toUint(field(fields, 'compression', 4))
  if (compression > 1) throw refusedFile('its compression is not known')
  return {
    version: major,
    cipher,
    isCompressed: compression === 1,
    masterSeed: field(fields, 'masterSeed', 32),
    iv: field(fields, 'iv', cipher === 'aes256' ? 16 : 12),
    kdf: major === 4 ? kdfOf(field(fields, 'kdf')) : oldKdf(fields),
    old: major === 4 ? null : oldStream(fields),
    bytes,
  }
}

export type ByteReader = {
  at(): number
  isAtEnd(): boolean
  /** A view of the next bytes. Throws AppError('import-unreadable') when there are fewer. */
  take(length: number): Uint8Array
  /** Little-endian; above 2^53 it is Infinity, which no bound admits. */
  uint(length: number): number
}

export function createReader(bytes: Uint8Array, whyShort: string): ByteReader {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (length > bytes.byteLength - at) throw refusedFile(whyShort)
    at += length
    return bytes.subarray(at - length, at)
  }
  return {
    at: () => at,
    isAtEnd: () => at === bytes.byteLength,
    take,
    uint: (length) => toUint(take(length)),
  }
}

type Fields = ReadonlyMap<number, Uint8Array>

function readFields(reader: ByteReader, lengthBytes: 2 | 4): Fields {
  const fields = new Map<number, Uint8Array>()
  for (;;) {
    const id = reader.uint(1)
    const value = reader.take(reader.uint(lengthBytes))
    if (reader.at() > MAX_HEADER_BYTES) throw refusedFile('its header is too long')
    if (fields.has(id)) throw refusedFile('its header names something twice')
    if (id === fieldIds.end) return fields
    fields.set(id, value)
  }
}

function field(fields: Fields, name: keyof typeof fieldIds, length?: number): Uint8Array {
  const value = fields.get(fieldIds[name])
  if (value === undefined || (length !== undefined && value.byteLength !== length))
    throw refusedFile('its header is not whole')
  return value
}

function cipherOf(id: Uint8Array): KdbxHeader['cipher'] {
  const hex = toHex(id)
  if (hex === uuids.aes256) return 'aes256'
  if (hex === uuids.chacha20) return 'chacha20'
  throw refusedFile('its cipher is neither AES-256 nor ChaCha20')
}

function oldKdf(fields: Fields): KdbxKdf {
  return aesKdf(field(fields, 'transformSeed', 32), toUint(field(fields, 'rounds', 8)))
}

function oldStream(fields: Fields): KdbxHeader['old'] {
  const id = toUint(field(fields, 'streamId', 4))
  return { startBytes: field(fields, 'startBytes', 32), stream: { id, key: field(fields, 'streamKey') } }
}

function aesKdf(seed: Uint8Array, rounds: number): KdbxKdf {
  if (seed.byteLength !== 32 || rounds < 1 || rounds > MAX_AES_ROUNDS) throw outOfBounds()
  return { name: 'aes-kdf', seed, rounds }
}

function kdfOf(dictionary: Uint8Array): KdbxKdf {
  const values = readDictionary(dictionary)
  const bytes = (key: string): Uint8Array => values.get(key) ?? new Uint8Array()
  const number = (key: string): number => toUint(bytes(key))
  const uuid = toHex(bytes('$UUID'))
  if (uuid === uuids.aesKdf) return aesKdf(bytes('S'), number('R'))
  if (uuid !== uuids.argon2d && uuid !== uuids.argon2id) throw refusedFile('its key derivation is not known')
  if (number('V') !== 0x13 || values.has('K') || values.has('A'))
    throw refusedFile('its kind of Argon2 is not known')
  const salt = bytes('S')
  const kdf = { iterations: number('I'), memoryKiB: number('M') / 1024, parallelism: number('P') }
  const isBounded =
    isFrom(kdf.iterations, 1, MAX_KDF_ITERATIONS) &&
    isFrom(kdf.parallelism, 1, MAX_KDF_LANES) &&
    isFrom(kdf.memoryKiB, 8 * kdf.parallelism, MAX_KDF_MEMORY_KIB) &&
    isFrom(salt.byteLength, 8, 64)
  if (!isBounded) throw outOfBounds()
  return { name: 'argon2', variant: uuid === uuids.argon2d ? 'd' : 'id', salt, ...kdf }
}

function isFrom(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

function outOfBounds(): Error {
  return refusedFile('its key derivation asks for more than is done for a file')
}

/** KDBX's VariantDictionary: type, key, value; only bytes and numbers matter here. */
function readDictionary(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const reader = createReader(bytes, 'its key derivation is not whole')
  if (reader.uint(2) >> 8 !== 1) throw refusedFile('its key derivation is not known')
  const values = new Map<string, Uint8Array>()
  for (;;) {
    if (reader.uint(1) === 0) return values
    const key = String.fromCharCode(...reader.take(Math.min(reader.uint(4), 64)))
    const value = reader.take(reader.uint(4))
    if (values.has(key)) throw refusedFile('its key derivation names something twice')
    values.set(key, value)
  }
}

function toUint(bytes: Uint8Array): number {
  let value = 0
  for (const byte of bytes.toReversed()) value = value * 256 + byte
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY
}
