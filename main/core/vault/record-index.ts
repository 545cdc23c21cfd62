import { fromBase64Url, fromUtf8, toBase64Url, utf8, wipe } from '../crypto/bytes.ts'
import { fernetDecrypt, fernetEncrypt } from '../crypto/fernet.ts'
import { contextInfo, hkdfSha256 } from '../crypto/hkdf.ts'
import type { FileStore } from '../ports/file-store.ts'
import type { Logger } from '../ports/logger.ts'
import type { Random } from '../ports/random.ts'
import type { OpenRecord } from './open-records.ts'
import type { Pacer } from './pacer.ts'
import type { Payload } from './record-parts.ts'
import type { Session } from './session.ts'
import { KEY_BYTES, MAX_FILE_BYTES, PART_SALT_BYTES } from './vault-limits.ts'

/**
 * device/index.txt: what the meta parts of records hold, by the digest of the record they were decrypted from, so that opening
 * a list of 10,000 costs a few tokens instead of as many keys and tokens. It is a memory of this device and never an authority:
 * a record whose digest is not in it is decrypted, whatever of it does not open is left out, and without it nothing is lost.
 * An old index cannot bring an old record back, because only the present records' digests are looked up.
 */
export const INDEX_PATH = 'device/index.txt'

const FORMAT = 'fernsync-index/1'
/** So that no step holds the event loop for long. */
const CHUNK_RECORDS = 500
const IV_BYTES = 16

/** Payloads of meta parts by the hex SHA-256 of their record. */
export type RecordIndex = ReadonlyMap<string, Payload>

type ReadPorts = { readonly files: FileStore; readonly log: Logger }
type WritePorts = { readonly files: FileStore; readonly random: Random }

/** What the index holds for this session's vault; empty when there is none of it. Never throws but AppError('locked'). */
export async function readIndex(
  { files, log }: ReadPorts,
  session: Session,
  pacer: Pacer,
): Promise<RecordIndex> {
  const index = new Map<string, Payload>()
  try {
    const bytes = await files.read(INDEX_PATH, MAX_FILE_BYTES)
    const [head, ...lines] = bytes === null ? [] : fromUtf8(bytes).split('\n')
    if (head !== headOf(session)) return index
    for (const line of lines) {
      if (line !== '') for (const [digest, payload] of openChunk(session, line)) index.set(digest, payload)
      const rest = pacer.rest()
      if (rest !== null) await rest
    }
  } catch {
    // Cut, edited, or of a key before: what opened so far is true, the rest is decrypted from the records.
    session.vaultKey()
    log.info('vault.index-unusable')
  }
  return index
}

/** Writes the index anew. The caller deals with failures: there is always the vault itself. */
export async function writeIndex(
  { files, random }: WritePorts,
  session: Session,
  records: ReadonlyMap<string, OpenRecord>,
  pacer: Pacer,
): Promise<void> {
  const lines = [headOf(session)]
  const entries = [...records]
  for (let start = 0; start < entries.length; start += CHUNK_RECORDS) {
    const chunk = entries.slice(start, start + CHUNK_RECORDS)
    lines.push(sealChunk(session, chunk, random))
    const rest = pacer.rest()
    if (rest !== null) await rest
  }
  const bytes = utf8(`${lines.join('\n')}\n`)
  if (bytes.byteLength <= MAX_FILE_BYTES) await files.writeDurably(INDEX_PATH, bytes)
}

function headOf({ vault }: Session): string {
  return `${FORMAT} ${vault}`
}

function sealChunk(
  session: Session,
  chunk: readonly (readonly [string, OpenRecord])[],
  random: Random,
): string {
  const salt = random.bytes(PART_SALT_BYTES)
  const key = chunkKey(session, salt)
  const plaintext = utf8(JSON.stringify(chunk.map(([digest, { payload }]) => [digest, payload])))
  try {
    const token = fernetEncrypt(key, plaintext, { iv: random.bytes(IV_BYTES), timestamp: 0 })
    return `${toBase64Url(salt)} ${token}`
  } finally {
    wipe(key, plaintext)
  }
}

/** Throws when the line is not one this vault's key sealed. */
function openChunk(session: Session, line: string): readonly (readonly [string, Payload])[] {
  const [salt = '', token = ''] = line.split(' ')
  const key = chunkKey(session, fromBase64Url(salt))
  let plaintext: Uint8Array | null = null
  try {
    plaintext = fernetDecrypt(key, token)
    return entriesOf(JSON.parse(fromUtf8(plaintext)))
  } finally {
    wipe(key)
    if (plaintext !== null) wipe(plaintext)
  }
}

function entriesOf(value: unknown): [string, Payload][] {
  if (!Array.isArray(value)) throw new TypeError('index: not a list')
  const entries: readonly unknown[] = value
  return entries.map((entry): [string, Payload] => {
    if (!Array.isArray(entry)) throw new TypeError('index: not a pair')
    const pair: readonly unknown[] = entry
    const [digest, payload] = pair
    if (typeof digest !== 'string' || !isPayload(payload)) throw new TypeError('index: not a pair')
    return [digest, payload]
  })
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One key per chunk, since each has a salt of its own. */
function chunkKey(session: Session, salt: Uint8Array): Uint8Array {
  const info = contextInfo('fernsync/1', 'index', session.vault)
  return hkdfSha256({ key: session.vaultKey(), salt, info, length: KEY_BYTES })
}
