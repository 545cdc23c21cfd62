import { AppError } from '../../model/app-error.ts'
import { aes256CbcDecrypt } from '../crypto/aes-cbc.ts'
import { concatBytes, equalBytes, joinBytes, wipe } from '../crypto/bytes.ts'
import { CryptoError } from '../crypto/crypto-error.ts'
import { isHmacSha256, sha256 } from '../crypto/sha256.ts'
import { sha512 } from '../crypto/sha512.ts'
import { chaCha20 } from '../crypto/stream-ciphers.ts'
import { MAX_IMPORT_BYTES, MAX_IMPORT_ITEMS } from './import-budget.ts'
import type { ImportBudget } from './import-budget.ts'
import { refusedFile, wrongPassword } from './import-errors.ts'
import type { ImportContext, ImportedItem } from './imported-item.ts'
import { readKdbxEntries } from './kdbx-entries.ts'
import type { KdbxDatabase } from './kdbx-entries.ts'
import { createReader, readKdbxHeader } from './kdbx-header.ts'
import type { KdbxHeader } from './kdbx-header.ts'
import { compositeKey } from './kdbx-key.ts'
import type { OpenParts } from './open-rows.ts'
import { stretchWithConsent } from './stretch-with-consent.ts'

/** A database of 16 MiB of text inflates to less; what inflates to more is made to. */
const MAX_INFLATED_BYTES = 64 * 1024 * 1024
const HASH_BYTES = 32
/** Programs write a mebibyte in each. */
const MAX_BLOCKS = 10_000
/** Before the document: two, and one for each attachment. */
const MAX_INNER_FIELDS = MAX_IMPORT_ITEMS
const shortFile = 'it ends too early'

/**
 * A database of KeePass 2, KeePassXC and others: KDBX 4 and 3.1 (https://keepass.info/help/kb/kdbx.html). AES-256 or ChaCha20 outside,
 * AES-KDF or Argon2, password or key file or both. Throws AppError('import-unreadable'), 'wrong-password', 'slow-kdf', and 'usage' without
 * any key. The caller wipes the items.
 */
export async function readKdbx(
  file: Uint8Array,
  context: ImportContext,
  parts: OpenParts,
): Promise<readonly ImportedItem[]> {
  const { password, keyFile, budget } = context
  if (file.byteLength > MAX_IMPORT_BYTES)
    throw refusedFile(`it is larger than ${MAX_IMPORT_BYTES / 1024 / 1024} MiB`)
  const header = readKdbxHeader(file)
  if (password === null && keyFile === null)
    throw new AppError('usage', 'import: password of the file is missing')
  const body = file.subarray(header.bytes.byteLength)
  if (header.version === 4) checkHeaderHash(header, body)
  const composite = compositeKey(password, keyFile, budget)
  const key = await stretchWithConsent(stretchOf(header, composite), parts).finally(() => wipe(composite))
  // What a derivation took is not the file's time.
  budget.restart()
  try {
    const content =
      header.version === 4 ? openNew(header, body, { key, budget }) : openOld(header, body, { key, budget })
    const database = databaseOf(header, content, parts)
    try {
      return readKdbxEntries(database, context)
    } finally {
      wipe(database.inflated)
    }
  } finally {
    wipe(key)
  }
}

function stretchOf({ kdf }: KdbxHeader, composite: Uint8Array) {
  return kdf.name === 'aes-kdf' ? { ...kdf, key: composite } : { ...kdf, password: composite }
}

function checkHeaderHash({ bytes }: KdbxHeader, body: Uint8Array): void {
  const mark = createReader(body, shortFile).take(HASH_BYTES)
  if (!equalBytes(sha256(bytes), mark)) throw refusedFile('its header is damaged')
}

type Opening = { readonly key: Uint8Array; readonly budget: ImportBudget }

/** Version 4: an HMAC over the header, then blocks with an HMAC each, all checked before anything is decrypted. */
function openNew(header: KdbxHeader, body: Uint8Array, { key, budget }: Opening): Uint8Array {
  const macKey = sha512(header.masterSeed, key, Uint8Array.of(1))
  const reader = createReader(body, shortFile)
  reader.take(HASH_BYTES)
  const blocks: Uint8Array[] = []
  try {
    if (!isBlockMac(macKey, null, header.bytes, reader.take(HASH_BYTES))) throw wrongPassword()
    for (let index = 0; ; index += 1) {
      checkBlock(index, budget)
      const mac = reader.take(HASH_BYTES)
      const sized = reader.take(4)
      const length = new DataView(sized.buffer, sized.byteOffset, 4).getUint32(0, true)
      const block = reader.take(length)
      const text = concatBytes(uint64(index), sized, block)
      if (!isBlockMac(macKey, index, text, mac)) throw refusedFile('a block of it is damaged')
      if (length === 0) break
      blocks.push(block)
    }
  } finally {
    wipe(macKey)
  }
  return decrypt(header, joinBytes(blocks), key)
}

function checkBlock(index: number, budget: ImportBudget): void {
  budget.step()
  if (index > MAX_BLOCKS) throw refusedFile('it has too many blocks')
}

function isBlockMac(macKey: Uint8Array, index: number | null, text: Uint8Array, mac: Uint8Array): boolean {
  const key = sha512(index === null ? new Uint8Array(8).fill(0xff) : uint64(index), macKey)
  const isRight = isHmacSha256(key, text, mac)
  wipe(key)
  return isRight
}

/** Version 3: one ciphertext that begins with bytes of the header, then blocks with a hash each. */
function openOld(header: KdbxHeader, body: Uint8Array, { key, budget }: Opening): Uint8Array {
  const plain = decrypt(header, body, key)
  const reader = createReader(plain, shortFile)
  const start = header.old?.startBytes ?? new Uint8Array()
  if (plain.byteLength < HASH_BYTES || !equalBytes(reader.take(HASH_BYTES), start)) {
    wipe(plain)
    throw wrongPassword()
  }
  try {
    const blocks: Uint8Array[] = []
    for (let index = 0; ; index += 1) {
      checkBlock(index, budget)
      const number = reader.uint(4)
      const hash = reader.take(HASH_BYTES)
      const block = reader.take(reader.uint(4))
      if (block.byteLength === 0) return joinBytes(blocks)
      if (number !== index || !equalBytes(sha256(block), hash)) throw refusedFile('a block of it is damaged')
      blocks.push(block)
    }
  } finally {
    wipe(plain)
  }
}

function decrypt({ cipher, masterSeed, iv }: KdbxHeader, text: Uint8Array, key: Uint8Array): Uint8Array {
  const seeded = concatBytes(masterSeed, key)
  const outer = sha256(seeded)
  try {
    return cipher === 'aes256' ? aes256CbcDecrypt(outer, iv, text) : chaCha20(outer, iv, text)
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error
    throw wrongPassword()
  } finally {
    wipe(seeded, outer)
  }
}

/** Takes `content` over and wipes it; what comes back is the caller's to wipe. */
function databaseOf(header: KdbxHeader, content: Uint8Array, { gunzip }: OpenParts): KdbxDatabase {
  const inflated = header.isCompressed ? gunzip(content, MAX_INFLATED_BYTES) : content
  if (inflated !== content) wipe(content)
  if (inflated === null) throw refusedFile('what it holds does not inflate, or to more than 64 MiB')
  const headerHash = header.version === 3 ? sha256(header.bytes) : null
  if (header.old !== null)
    return { inflated, xml: inflated, stream: header.old.stream, attachments: [], headerHash }
  const reader = createReader(inflated, shortFile)
  const attachments: Uint8Array[] = []
  let id = 0
  let key = new Uint8Array()
  for (let count = 0; ; count += 1) {
    if (count > MAX_INNER_FIELDS) throw refusedFile('it has too many attachments')
    const field = reader.uint(1)
    const value = reader.take(reader.uint(4))
    if (field === 0) break
    if (field === 1) id = value[0] ?? 0
    if (field === 2) key = Uint8Array.from(value)
    // The first byte says whether it wants protection in memory.
    if (field === 3) attachments.push(value.subarray(1))
  }
  const xml = inflated.subarray(reader.at())
  return { inflated, xml, stream: { id, key }, attachments, headerHash }
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}
