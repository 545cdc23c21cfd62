import { decodeImport, decodeBase64 } from './import-text.ts'
import { concatBytes, equalBytes, fromHex, wipe } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/sha256.ts'
import type { ImportBudget } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'
import { attributeOf, childOf, readXml } from './xml.ts'
import type { XmlElement } from './xml.ts'

const KEY_BYTES = 32

/**
 * KeePass's composite key: SHA-256 over the hash of the password and the key of the key file, each if there is one. 32 bytes; the
 * caller wipes them. Throws AppError('import-unreadable') for a key file that says itself that it is damaged.
 */
export function compositeKey(
  password: Uint8Array | null,
  keyFile: Uint8Array | null,
  budget: ImportBudget,
): Uint8Array {
  const parts: Uint8Array[] = []
  if (password !== null) parts.push(sha256(password))
  if (keyFile !== null) parts.push(keyOfFile(keyFile, budget))
  const all = concatBytes(...parts)
  const key = sha256(all)
  wipe(all, ...parts)
  return key
}

/** As KeePass takes it: its XML of version 1 or 2, 32 bytes, 64 hex digits, or the hash of whatever file it is. */
function keyOfFile(file: Uint8Array, budget: ImportBudget): Uint8Array {
  const fromXml = keyOfXml(file, budget)
  if (fromXml !== null) return fromXml
  if (file.byteLength === KEY_BYTES) return Uint8Array.from(file)
  const text = file.byteLength === 2 * KEY_BYTES ? new TextDecoder('latin1').decode(file) : ''
  return /^[0-9a-fA-F]{64}$/.test(text) ? fromHex(text.toLowerCase()) : sha256(file)
}

function keyOfXml(file: Uint8Array, budget: ImportBudget): Uint8Array | null {
  const root = xmlOf(file, budget)
  const key = root?.name === 'KeyFile' ? childOf(root, 'Key') : undefined
  const data = key === undefined ? undefined : childOf(key, 'Data')
  if (root === null || data === undefined) return null
  const meta = childOf(root, 'Meta')
  const version = meta === undefined ? '' : (childOf(meta, 'Version')?.text.trim() ?? '')
  const text = data.text.replace(/\s+/g, '')
  if (!version.startsWith('2.')) {
    const bytes = decodeBase64(text)
    return bytes?.byteLength === KEY_BYTES ? bytes : null
  }
  return hexKey(text, attributeOf(data, 'Hash') ?? '')
}

/** Version 2: 64 hex digits, and the first four bytes of their hash. */
function hexKey(text: string, mark: string): Uint8Array {
  const isWhole = /^[0-9a-fA-F]{64}$/.test(text) && /^[0-9a-fA-F]{8}$/.test(mark)
  const bytes = isWhole ? fromHex(text.toLowerCase()) : new Uint8Array()
  if (!isWhole || !equalBytes(sha256(bytes).subarray(0, 4), fromHex(mark.toLowerCase())))
    throw refusedFile('its key file is damaged')
  return bytes
}

/** Null for every file that is no XML: it is a key file all the same. */
function xmlOf(file: Uint8Array, budget: ImportBudget): XmlElement | null {
  const start = new TextDecoder('latin1').decode(file.subarray(0, 200)).trimStart()
  if (!start.includes('<')) return null
  try {
    return readXml(decodeImport(file), budget)
  } catch {
    return null
  }
}
