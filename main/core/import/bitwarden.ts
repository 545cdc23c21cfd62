import * as z from 'zod'
import { AppError } from '../../model/app-error.ts'
import { aes256CbcDecrypt } from '../crypto/aes-cbc.ts'
import { concatBytes, utf8, wipe } from '../crypto/bytes.ts'
import { hmacSha256, isHmacSha256, sha256 } from '../crypto/sha256.ts'
import type { Stretch } from '../crypto/stretch.ts'
import { readBitwardenItems } from './bitwarden-items.ts'
import { refusedFile, wrongPassword } from './import-errors.ts'
import { decodeBase64, decodeImport } from './import-text.ts'
import type { ImportContext, ImportedItem } from './imported-item.ts'
import { MAX_KDF_MEMORY_KIB } from './kdbx-header.ts'
import type { OpenParts } from './open-rows.ts'
import { readJson } from './scheme1.ts'
import { stretchWithConsent } from './stretch-with-consent.ts'

const PBKDF2 = 0
const ARGON2ID = 1
/** Bitwarden's own limits are narrower (KdfConfig of its clients); 5,000 were usual once. */
const Kdf = z.discriminatedUnion('kdfType', [
  z.object({ kdfType: z.literal(PBKDF2), kdfIterations: z.int().min(5_000).max(10_000_000) }),
  z.object({
    kdfType: z.literal(ARGON2ID),
    kdfIterations: z.int().min(1).max(100),
    /** In MiB. */
    kdfMemory: z
      .int()
      .min(16)
      .max(MAX_KDF_MEMORY_KIB / 1024),
    kdfParallelism: z.int().min(1).max(64),
  }),
])
type Kdf = z.infer<typeof Kdf>
const Head = z.object({
  encrypted: z.boolean().default(false),
  passwordProtected: z.boolean().default(false),
})
const Sealed = z.object({
  salt: z.string().min(1).max(200),
  encKeyValidation_DO_NOT_EDIT: z.string(),
  data: z.string(),
})

/** True for an export that has a password of its own. */
export function isEncryptedBitwarden(text: string): boolean {
  return /^\s*\{\s*"encrypted"\s*:\s*true\b/.test(text.slice(0, 1000))
}

/**
 * A JSON export of Bitwarden (https://bitwarden.com/help/encrypted-export/), in clear or protected with a password: PBKDF2 or Argon2id,
 * HKDF-Expand, AES-256-CBC with HMAC. One that is bound to an account cannot be read by anyone else. Throws AppError('import-unreadable'),
 * 'wrong-password', 'slow-kdf', and 'usage' without a password. The caller wipes the items.
 */
export async function readBitwarden(
  bytes: Uint8Array,
  context: ImportContext,
  parts: OpenParts,
): Promise<readonly ImportedItem[]> {
  const file = readJson(decodeImport(bytes))
  const head = Head.safeParse(file)
  if (!head.success) throw refusedFile('it is not a JSON export of Bitwarden')
  if (!head.data.encrypted) return readBitwardenItems(file, context.budget)
  if (!head.data.passwordProtected)
    throw refusedFile('it is bound to a Bitwarden account; export it again protected with a password')
  const plain = await openSealed(file, context, parts)
  context.budget.restart()
  try {
    return readBitwardenItems(readJson(decodeImport(plain)), context.budget)
  } finally {
    wipe(plain)
  }
}

async function openSealed(file: unknown, { password }: ImportContext, parts: OpenParts): Promise<Uint8Array> {
  const sealed = Sealed.safeParse(file)
  if (!sealed.success) throw refusedFile('it is not a JSON export of Bitwarden')
  const kdf = Kdf.safeParse(file)
  if (!kdf.success)
    throw refusedFile('its key derivation is not known or asks for more than is done for a file')
  const proof = parseEncString(sealed.data.encKeyValidation_DO_NOT_EDIT)
  const data = parseEncString(sealed.data.data)
  if (password === null) throw new AppError('usage', 'import: password of the file is missing')
  const key = await stretchWithConsent(stretchOf(kdf.data, sealed.data.salt, password), parts)
  const keys = { encryption: expand(key, 'enc'), mac: expand(key, 'mac') }
  wipe(key)
  try {
    const marker = openEncString(proof, keys)
    if (marker === null) throw wrongPassword()
    wipe(marker)
    const plain = openEncString(data, keys)
    if (plain === null) throw refusedFile('what it holds is damaged')
    return plain
  } finally {
    wipe(keys.encryption, keys.mac)
  }
}

/** The salt is taken as text, not as what it stands for; Argon2 gets its hash. */
function stretchOf(kdf: Kdf, saltText: string, password: Uint8Array): Stretch {
  const salt = utf8(saltText.toWellFormed())
  if (kdf.kdfType === PBKDF2)
    return { name: 'pbkdf2', password, salt, iterations: kdf.kdfIterations, length: 32 }
  return {
    name: 'argon2',
    variant: 'id',
    password,
    salt: sha256(salt),
    iterations: kdf.kdfIterations,
    memoryKiB: kdf.kdfMemory * 1024,
    parallelism: kdf.kdfParallelism,
  }
}

/** HKDF-Expand (RFC 5869) of one block. */
function expand(key: Uint8Array, info: 'enc' | 'mac'): Uint8Array {
  return hmacSha256(key, concatBytes(utf8(info), Uint8Array.of(1)))
}

type EncString = { readonly iv: Uint8Array; readonly text: Uint8Array; readonly mac: Uint8Array }
type Keys = { readonly encryption: Uint8Array; readonly mac: Uint8Array }

/** Bitwarden's EncString of type 2: `2.<iv>|<ciphertext>|<mac>`. */
function parseEncString(value: string): EncString {
  // One more than there may be: a text of separators alone would be a list of millions.
  const parts = value.startsWith('2.') ? value.slice(2).split('|', 4) : []
  const [iv, text, mac] = parts.map(decodeBase64)
  const isWhole = parts.length === 3 && iv?.byteLength === 16 && mac?.byteLength === 32
  if (!isWhole || text === null || text === undefined) throw refusedFile('what it holds is not whole')
  return { iv, text, mac }
}

function openEncString({ iv, text, mac }: EncString, keys: Keys): Uint8Array | null {
  if (!isHmacSha256(keys.mac, concatBytes(iv, text), mac)) return null
  try {
    return aes256CbcDecrypt(keys.encryption, iv, text)
  } catch {
    return null
  }
}
