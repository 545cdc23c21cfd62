import { MAX_IMPORT_BYTES, MAX_IMPORT_LINES } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'

const encodings = [
  { name: 'utf-8', mark: [0xef, 0xbb, 0xbf] },
  { name: 'utf-16le', mark: [0xff, 0xfe] },
  { name: 'utf-16be', mark: [0xfe, 0xff] },
] as const

/**
 * The text of a file: UTF-8, or UTF-16 with a byte order mark as programs on Windows write it; the mark is dropped. Throws
 * AppError('import-unreadable') over `maxBytes` (16 MiB), for bytes that are not such text, and for NUL, at which other readers would stop.
 */
export function decodeImport(bytes: Uint8Array, maxBytes = MAX_IMPORT_BYTES): string {
  if (bytes.byteLength > maxBytes) throw refusedFile(`it is larger than ${maxBytes / 1024 / 1024} MiB`)
  const encoding = encodings.find(({ mark }) => mark.every((byte, at) => bytes[at] === byte))
  let text: string
  try {
    text = new TextDecoder(encoding?.name ?? 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refusedFile('it is neither UTF-8 nor UTF-16 with a byte order mark')
  }
  if (text.includes('\0')) throw refusedFile('it holds NUL characters')
  return text
}

/**
 * Lines of a text, which end with LF, CRLF or CR. One at a time: a list of all would take hundreds of megabytes for a file of line ends.
 * Throws AppError('import-unreadable') beyond half a million.
 */
export function* linesOf(text: string): Generator<string> {
  let nextCr = text.indexOf('\r')
  let at = 0
  for (let count = 1; at <= text.length; count += 1) {
    if (count > MAX_IMPORT_LINES) throw refusedFile('it has too many lines', count)
    if (nextCr !== -1 && nextCr < at) nextCr = text.indexOf('\r', at)
    const lf = text.indexOf('\n', at)
    const isCr = nextCr !== -1 && (lf === -1 || nextCr < lf)
    const end = isCr ? nextCr : lf === -1 ? text.length : lf
    yield text.slice(at, end)
    at = end + (isCr && lf === end + 1 ? 2 : 1)
  }
}

const LF = 0x0a

/** The line, from 1, on which the character at `at` stands. */
export function lineAt(text: string, at: number): number {
  let line = 1
  for (let before = 0; before < at; before += 1) if (text.charCodeAt(before) === LF) line += 1
  return line
}

const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** The bytes of base64 in either alphabet, padded or not; null for anything else. The caller wipes them. */
export function decodeBase64(text: string): Uint8Array | null {
  if (!base64.test(text)) return null
  const bare = text.replace(/=+$/, '')
  const isPadded = bare.length !== text.length
  if (bare.length % 4 === 1 || (isPadded && text.length % 4 !== 0)) return null
  // Copied out of Node's shared pool, which nobody could wipe.
  const shared = Buffer.from(bare.replaceAll('-', '+').replaceAll('_', '/'), 'base64')
  const bytes = Uint8Array.from(shared)
  shared.fill(0)
  return bytes
}

/** Bytes that are a text other than the empty one; null for what is not UTF-8 or holds NUL. */
export function isSecretText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
