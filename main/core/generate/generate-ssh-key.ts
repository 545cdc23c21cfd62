import { concatBytes, utf8, wipe } from '../crypto/bytes.ts'
import { ed25519PublicKey } from '../crypto/ed25519.ts'
import { sha256 } from '../crypto/sha256.ts'
import type { Random } from '../ports/random.ts'

const KEY_TYPE = utf8('ssh-ed25519')
const MAGIC = utf8('openssh-key-v1\0')
const NONE = utf8('none')
const EMPTY = new Uint8Array(0)
const SEED_BYTES = 32
/** Block size of the cipher `none`. */
const BLOCK = 8
const LINE = 70

export type GeneratedKey = {
  /** OpenSSH's own format, UTF-8; the caller wipes it. */
  readonly privateKey: Uint8Array
  /** `ssh-ed25519 AAAA... comment`, as an authorized_keys file takes it. */
  readonly publicLine: string
  /** `SHA256:...` as `ssh-keygen -l` prints it. */
  readonly fingerprint: string
}

/**
 * A new Ed25519 key in the format of OpenSSH (PROTOCOL.key), without a passphrase of its own: the vault encrypts it. Every copy
 * made here but the answer is wiped.
 */
export function generateSshKey(comment: string, random: Random): GeneratedKey {
  const seed = random.bytes(SEED_BYTES)
  const publicKey = ed25519PublicKey(seed)
  const blob = concatBytes(field(KEY_TYPE), field(publicKey))
  const secret = privateSection(seed, publicKey, { comment, check: random.bytes(4) })
  const count = uint32(1)
  const whole = concatBytes(
    ...[MAGIC, field(NONE), field(NONE), field(EMPTY), count, field(blob)],
    uint32(secret.byteLength),
    secret,
  )
  const body = base64(whole)
  try {
    const tail = comment === '' ? '' : ` ${comment}`
    return {
      privateKey: armoured(body),
      publicLine: `ssh-ed25519 ${text(base64(blob))}${tail}`,
      fingerprint: `SHA256:${text(base64(sha256(blob))).replace(/=+$/, '')}`,
    }
  } finally {
    wipe(seed, secret, whole, body)
  }
}

type Section = { readonly comment: string; readonly check: Uint8Array }

/** Twice the same random number, which shows a reader that it decrypted rightly, then the key, padded with 1, 2, 3... */
function privateSection(seed: Uint8Array, publicKey: Uint8Array, { comment, check }: Section): Uint8Array {
  const parts = [
    check,
    check,
    field(KEY_TYPE),
    field(publicKey),
    uint32(64),
    seed,
    publicKey,
    field(utf8(comment)),
  ]
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
  const padding = Uint8Array.from({ length: (BLOCK - (length % BLOCK)) % BLOCK }, (_, at) => at + 1)
  return concatBytes(...parts, padding)
}

function field(bytes: Uint8Array): Uint8Array {
  return concatBytes(uint32(bytes.byteLength), bytes)
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

const ALPHABET = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const PAD = 0x3d

/** Base64 (RFC 4648 section 4) as bytes: a text of a private key could not be wiped. */
function base64(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.byteLength / 3) * 4).fill(PAD)
  for (let from = 0, to = 0; from < bytes.byteLength; from += 3, to += 4) {
    const left = Math.min(3, bytes.byteLength - from)
    const bits = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0)
    for (let at = 0; at <= left; at += 1) out[to + at] = ALPHABET[(bits >> (18 - 6 * at)) & 63] ?? PAD
  }
  return out
}

function armoured(body: Uint8Array): Uint8Array {
  const lineEnd = utf8('\n')
  const lines: Uint8Array[] = []
  for (let at = 0; at < body.byteLength; at += LINE) lines.push(body.subarray(at, at + LINE), lineEnd)
  return concatBytes(
    utf8('-----BEGIN OPENSSH PRIVATE KEY-----\n'),
    ...lines,
    utf8('-----END OPENSSH PRIVATE KEY-----\n'),
  )
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
