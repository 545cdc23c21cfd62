import { fromUtf8, utf8 } from '../crypto/bytes.ts'
import { StrictJsonError, parseStrictJson } from '../store/strict-json.ts'
import type { Pacer } from './pacer.ts'
import { recordEntry } from './record-file.ts'
import type { RecordEntry } from './record-file.ts'
import { StoredRecord } from './record-schema.ts'
import { MAX_FILE_BYTES, MAX_JSON_DEPTH } from './vault-limits.ts'

/** What a record file still holds, however broken it is: the opposite of `readRecordFile`, which takes all of it or nothing. */
export type Salvage = {
  /** The whole file reads as JSON of our layout. */
  readonly isWhole: boolean
  /** Top-level fields but `records` and `mac`; null when they cannot be read. Not checked. */
  readonly top: Readonly<Record<string, unknown>> | null
  /** Records that can be read, in the order of the file; two may bear one id. */
  readonly entries: readonly RecordEntry[]
  readonly broken: readonly BrokenPiece[]
}

/** What once was a record: its text, and the ids that can be made out in it. */
export type BrokenPiece = { readonly ids: readonly string[]; readonly text: string }

const HEAD_END = '"records":['
const TAIL = /^\],"mac":"[0-9a-f]{64}"\}$/
const ID = /"id":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"/g
/** What is left of a token, a salt or an id, or was zeroed: text without any of it never was a record. */
const REMNANT = /[A-Za-z0-9_=-]{24}|\0/
const LINE_FEED = 0x0a

/** Reads line by line as our writer laid it out, else as JSON of any layout. Never throws for what the bytes are. */
export async function salvage(bytes: Uint8Array, pacer: Pacer): Promise<Salvage> {
  const byLines = await byLine(bytes, pacer)
  if (byLines.entries.length > 0) return byLines
  const whole = parse(bytes)
  return whole === null ? byLines : fromJson(whole, pacer)
}

async function fromJson(whole: Readonly<Record<string, unknown>>, pacer: Pacer): Promise<Salvage> {
  const { records, mac, ...top } = whole
  const values: readonly unknown[] = Array.isArray(records) ? records : []
  const entries: RecordEntry[] = []
  const broken: BrokenPiece[] = []
  for (const value of values) {
    const parsed = StoredRecord.safeParse(value)
    if (parsed.success) entries.push(recordEntry(parsed.data))
    else broken.push(brokenPiece(JSON.stringify(value)))
    await pacer.rest()
  }
  return { isWhole: Array.isArray(records) && typeof mac === 'string', top, entries, broken }
}

async function byLine(bytes: Uint8Array, pacer: Pacer): Promise<Salvage> {
  const entries: RecordEntry[] = []
  const broken: BrokenPiece[] = []
  let top: Salvage['top'] = null
  let hasTail = false
  let isClean = true
  let isFirst = true
  for (const line of lines(bytes)) {
    const text = decode(line)
    if (isFirst && text.endsWith(HEAD_END)) {
      top = withoutRecords(parse(utf8(`${text}]}`)))
    } else if (TAIL.test(text)) {
      hasTail = true
    } else if (text !== '') {
      const { entry, isExact } = recordIn(text)
      isClean &&= isExact
      if (entry !== null) entries.push(entry)
      else if (REMNANT.test(text)) broken.push(brokenPiece(text))
    }
    isFirst = false
    await pacer.rest()
  }
  return { isWhole: top !== null && hasTail && isClean, top, entries, broken }
}

function* lines(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0
  while (start < bytes.byteLength) {
    const end = bytes.indexOf(LINE_FEED, start)
    yield bytes.subarray(start, end === -1 ? bytes.byteLength : end)
    if (end === -1) return
    start = end + 1
  }
}

/** The record of a line. What stands around its braces is no part of it, but then the file is not as it was written. */
function recordIn(line: string): { entry: RecordEntry | null; isExact: boolean } {
  const start = line.indexOf('{')
  const end = line.lastIndexOf('}') + 1
  const value = parse(utf8(line.slice(Math.max(0, start), end)))
  const parsed = StoredRecord.safeParse(value)
  return {
    entry: parsed.success ? recordEntry(parsed.data) : null,
    isExact: value !== null && start === 0 && (end === line.length || line.slice(end) === ','),
  }
}

function withoutRecords(head: Readonly<Record<string, unknown>> | null): Salvage['top'] {
  return head === null
    ? null
    : Object.fromEntries(Object.entries(head).filter(([name]) => name !== 'records'))
}

function parse(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = parseStrictJson(bytes, {
      maxBytes: MAX_FILE_BYTES,
      maxDepth: MAX_JSON_DEPTH,
      nulls: false,
    })
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return Object.fromEntries(Object.entries(value))
  } catch (error) {
    if (error instanceof StrictJsonError) return null
    throw error
  }
}

/** The ids are a clue to whom the text belonged, believed only as far as a sound copy knows them. */
function brokenPiece(text: string): BrokenPiece {
  return { ids: [...new Set([...text.matchAll(ID)].map(([, id]) => id ?? ''))], text }
}

/** Text of a line; of one that is not UTF-8 one character per byte, in which ids can still be found and JSON cannot. */
function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    let text = '\u0000'
    for (const byte of bytes) text += String.fromCharCode(byte)
    return text
  }
}
