import { AppError } from '../../model/app-error.ts'
import { fromBase64Url, fromUtf8, toBase64Url, utf8, wipe } from '../crypto/bytes.ts'
import { fernetDecrypt, fernetEncrypt } from '../crypto/fernet.ts'
import { contextInfo, hkdfSha256 } from '../crypto/hkdf.ts'
import type { Random } from '../ports/random.ts'
import type { SealedPart } from './record-schema.ts'
import { damaged } from './vault-errors.ts'
import { KEY_BYTES, MAX_TOKEN_CHARS, PADDING_BYTES, PART_SALT_BYTES } from './vault-limits.ts'

/**
 * Where a part belongs. All of it goes into the derivation of its key, so a token moved to another record, part, revision,
 * device or vault does not decrypt.
 */
export type PartPlace = {
  readonly scope: 'record' | 'local'
  readonly part: 'meta' | 'secret'
  readonly vault: string
  readonly id: string
  readonly rev: number
  readonly dev: string
}

/** A decrypted payload; fields of newer programs are in it and are written back. */
export type Payload = Readonly<Record<string, unknown>>

const IV_BYTES = 16
const SPACE = 0x20

/**
 * Encrypts one part under a key of its own: a fresh salt at every write, so no key ever covers two messages. `_id` and `_rev`
 * are added. Throws AppError('limit-reached') when the token would exceed 1 MiB.
 */
export function sealPart(
  vaultKey: Uint8Array,
  place: PartPlace,
  payload: Payload,
  random: Random,
): SealedPart {
  const plaintext = padded({ ...payload, _id: place.id, _rev: place.rev })
  try {
    return sealBytes(vaultKey, place, plaintext, random)
  } finally {
    wipe(plaintext)
  }
}

function sealBytes(
  vaultKey: Uint8Array,
  place: PartPlace,
  plaintext: Uint8Array,
  random: Random,
): SealedPart {
  const salt = random.bytes(PART_SALT_BYTES)
  const key = partKey(vaultKey, salt, place)
  try {
    const token = fernetEncrypt(key, plaintext, { iv: random.bytes(IV_BYTES), timestamp: 0 })
    if (token.length > MAX_TOKEN_CHARS) throw new AppError('limit-reached', 'seal record: too large')
    return { salt: toBase64Url(salt), token }
  } finally {
    wipe(key)
  }
}

/**
 * The payload of a part. Throws AppError('vault-damaged') when it does not decrypt or names another record or revision. Its
 * strings cannot be wiped; callers that open a secret part drop it at once.
 */
export function openPart(vaultKey: Uint8Array, place: PartPlace, part: SealedPart): Payload {
  const plaintext = decrypt(vaultKey, place, part)
  try {
    const payload: unknown = JSON.parse(fromUtf8(plaintext))
    if (!isRecord(payload) || payload['_id'] !== place.id || payload['_rev'] !== place.rev) {
      throw damaged('payload names another record')
    }
    return payload
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw damaged('payload is not json')
  } finally {
    wipe(plaintext)
  }
}

/**
 * The same part under another vault key, its plaintext unread and unchanged. Throws AppError('vault-damaged') when it does not
 * decrypt. Fields of newer programs on the part are kept.
 */
export function resealPart(
  keys: { readonly from: Uint8Array; readonly to: Uint8Array },
  place: PartPlace,
  part: SealedPart,
  random: Random,
): SealedPart {
  const plaintext = decrypt(keys.from, place, part)
  try {
    return { ...part, ...sealBytes(keys.to, place, plaintext, random) }
  } finally {
    wipe(plaintext)
  }
}

/** JSON padded with spaces, which every JSON parser ignores: no reader needs code to unpad. The caller wipes it. */
export function padded(payload: Payload): Uint8Array {
  const text = utf8(JSON.stringify(payload))
  const bytes = new Uint8Array(Math.ceil(text.byteLength / PADDING_BYTES) * PADDING_BYTES).fill(SPACE)
  bytes.set(text)
  wipe(text)
  return bytes
}

function decrypt(vaultKey: Uint8Array, place: PartPlace, part: SealedPart): Uint8Array {
  let key: Uint8Array | null = null
  try {
    const salt = fromBase64Url(part.salt)
    if (salt.byteLength !== PART_SALT_BYTES) throw damaged('salt length')
    key = partKey(vaultKey, salt, place)
    return fernetDecrypt(key, part.token)
  } catch (cause) {
    throw cause instanceof AppError ? cause : damaged(`${place.part} does not decrypt`, cause)
  } finally {
    if (key !== null) wipe(key)
  }
}

function partKey(vaultKey: Uint8Array, salt: Uint8Array, place: PartPlace): Uint8Array {
  const { scope, part, vault, id, rev, dev } = place
  const info = contextInfo('fernsync/1', scope, part, vault, id, String(rev), dev)
  return hkdfSha256({ key: vaultKey, salt, info, length: KEY_BYTES })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
