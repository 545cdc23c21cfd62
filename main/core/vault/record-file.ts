import * as z from 'zod'
import { AppError } from '../../model/app-error.ts'
import { fromUtf8, utf8 } from '../crypto/bytes.ts'
import { sha256Hex, sha256HexOfLarge } from '../crypto/sha256.ts'
import { parseStrictJson } from '../store/strict-json.ts'
import { canonicalJson, parseCanonicalJson } from './canonical-json.ts'
import type { Pacer } from './pacer.ts'
import { isPlainRecord, StoredRecord } from './record-schema.ts'
import { damaged } from './vault-errors.ts'
import { MAX_FILE_BYTES, MAX_HEADER_BYTES, MAX_JSON_DEPTH, MAX_RECORDS } from './vault-limits.ts'

/**
 * The layout that vault.json and local.json share: one JSON object of top-level fields, `records` and `mac`. We write it in
 * canonical JSON with each record on a line of its own, which lets a reader check and hash 10,000 records one at a time
 * without a long pause; any other layout of the same JSON is read too.
 */
export type RecordFile = {
  /** Every top-level field but `records` and `mac`, unknown ones included. */
  readonly top: Readonly<Record<string, unknown>>
  readonly records: ReadonlyMap<string, RecordEntry>
  readonly mac: string
  /** Hex SHA-256 of the whole file: what "did the file change" is answered by. */
  readonly sha256: string
}

export type RecordEntry = {
  readonly record: StoredRecord
  /** J(record) in UTF-8, as it lies in the file; a view of the file it was read from. */
  readonly bytes: Uint8Array
  /** Hex SHA-256 of `bytes`: the record's line in the manifest. */
  readonly digest: string
}

const Mac = z.string().regex(/^[0-9a-f]{64}$/)
const NEXT_LINE = utf8('\n')
const NEXT_RECORD = utf8(',\n')
const HEAD_END = '"records":['
const TAIL = /^\],"mac":"([0-9a-f]{64})"\}$/

/** A record file of which only the top level was read yet. */
export type OpenedRecordFile<Top> = {
  readonly top: Top
  readonly mac: string
  /** Reads and checks the records. Throws AppError('vault-damaged'). */
  readonly records: (pacer: Pacer) => Promise<ReadonlyMap<string, RecordEntry>>
}

/**
 * Reads and checks everything that needs no key, in two steps: `checkTop` parses the top-level fields before any record is
 * looked at, so that a newer version is told from damage. Throws AppError('vault-damaged') for JSON our strict reader refuses,
 * for limits exceeded, for two records of one id and for records of another shape.
 */
export function openRecordFile<Top extends RecordFile['top']>(
  bytes: Uint8Array,
  checkTop: (top: Readonly<Record<string, unknown>>) => Top,
): OpenedRecordFile<Top> {
  if (bytes.byteLength > MAX_FILE_BYTES) throw damaged('file too large')
  const source = splitLines(bytes) ?? splitWhole(bytes)
  if (canonicalJson(source.top).length > MAX_HEADER_BYTES) throw damaged('header too large')
  const top = checkTop(source.top)
  if (source.count > MAX_RECORDS) throw damaged('too many records')
  return { top, mac: source.mac, records: (pacer) => readRecords(source, pacer) }
}

async function readRecords(source: Source, pacer: Pacer): Promise<Map<string, RecordEntry>> {
  const records = new Map<string, RecordEntry>()
  for (let index = 0; index < source.count; index += 1) {
    const entry = source.at(index)
    if (records.has(entry.record.id)) throw damaged('two records of one id')
    records.set(entry.record.id, entry)
    const rest = pacer.rest()
    if (rest !== null) await rest
  }
  return records
}

/** The top level of a record file. */
export type RecordHead<Top> = { readonly top: Top; readonly mac: string }

/**
 * The top level of a file in our own layout, from its first and last line alone; null for a file that does not look like one. Says
 * nothing about what lies between. Throws as {@link openRecordFile}.
 */
export function peekRecordFile<Top extends RecordFile['top']>(
  bytes: Uint8Array,
  checkTop: (top: Readonly<Record<string, unknown>>) => Top,
): RecordHead<Top> | null {
  const headEnd = bytes.indexOf(LINE_FEED)
  const tailStart = bytes.lastIndexOf(LINE_FEED, bytes.byteLength - 2) + 1
  const isLines = bytes.at(-1) === LINE_FEED && headEnd < tailStart
  if (!isLines || headEnd > MAX_HEADER_BYTES + HEAD_END.length) return null
  const found = topOf(decode(bytes.subarray(0, headEnd)), decode(bytes.subarray(tailStart, -1)))
  return found === null ? null : { top: checkTop(found.top), mac: found.mac }
}

/** True when both are the top level of one file: what a peek has said of it is what all of it says. */
export function isSameHead(
  peeked: RecordHead<RecordFile['top']>,
  whole: RecordHead<RecordFile['top']>,
): boolean {
  return peeked.mac === whole.mac && canonicalJson(peeked.top) === canonicalJson(whole.top)
}

/** Null for lines that are not the first and the last of our layout. */
function topOf(head: string, tail: string): RecordHead<Record<string, unknown>> | null {
  const mac = TAIL.exec(tail)?.[1]
  if (mac === undefined || !head.endsWith(HEAD_END)) return null
  const top = parseObject(utf8(head + tail))
  delete top['records']
  delete top['mac']
  return { top, mac }
}

/** The file's text for `readRecordFile`. `top` must hold neither `records` nor `mac`. */
export function writeRecordFile(
  top: Readonly<Record<string, unknown>>,
  records: ReadonlyMap<string, RecordEntry>,
  mac: string,
): Uint8Array {
  const parts = [...recordFileParts({ top, records, mac })]
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0)
  const headBytes = parts[0]?.byteLength ?? 0
  if (size > MAX_FILE_BYTES || records.size > MAX_RECORDS || headBytes > MAX_HEADER_BYTES) {
    throw new AppError('limit-reached', 'write record file: size limit of the format')
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}

/** What {@link writeRecordFile} puts together: one by one they tell whether a file is this one, without a copy or a digest. */
export function* recordFileParts({ top, records, mac }: Omit<RecordFile, 'sha256'>): Generator<Uint8Array> {
  yield utf8(`${canonicalJson(top).slice(0, -1)},${HEAD_END}`)
  let separator = NEXT_LINE
  for (const entry of records.values()) {
    yield separator
    yield entry.bytes
    separator = NEXT_RECORD
  }
  yield utf8(`\n],"mac":"${mac}"}\n`)
}

export function recordEntry(record: StoredRecord): RecordEntry {
  const bytes = utf8(canonicalJson(record))
  return { record, bytes, digest: sha256Hex(bytes) }
}

/** What "did the file change" is answered by; computed on another thread. */
export function fileDigest(bytes: Uint8Array): Promise<string> {
  return sha256HexOfLarge(bytes)
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = parseStrictJson(bytes, { maxBytes: MAX_FILE_BYTES, maxDepth: MAX_JSON_DEPTH, nulls: false })
  } catch (cause) {
    throw damaged('not strict json', cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged('not an object')
  return Object.fromEntries(Object.entries(value))
}

/** Where records come from: a line that is parsed only when it is asked for, or a value of JSON read whole. */
type Source = {
  readonly top: Readonly<Record<string, unknown>>
  readonly mac: string
  readonly count: number
  readonly at: (index: number) => RecordEntry
}

const LINE_FEED = 0x0a
const COMMA = 0x2c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Our own layout, or null. JSON strings hold no raw line feed, so lines cut only between tokens; the fixed tail closes the
 * array that the head opened, which is therefore the top-level `records`. Only for files that are all ASCII, as ours are:
 * there an offset is the same in bytes and text, so a line is a view of both and 15 MB are not copied.
 */
function splitLines(bytes: Uint8Array): Source | null {
  const text = decode(bytes)
  const lines = text.length === bytes.byteLength ? lineRanges(bytes) : null
  const head = lines?.shift()
  const tail = lines?.pop()
  if (lines === null || head === undefined || tail === undefined) return null
  const ranges = recordRanges(bytes, lines)
  const found = ranges === null ? null : topOf(text.slice(...head), text.slice(...tail))
  if (ranges === null || found === null) return null
  const at = (index: number): RecordEntry => {
    const range = ranges[index] ?? [0, 0]
    return parseLine(text.slice(...range), bytes.subarray(...range))
  }
  return { ...found, count: ranges.length, at }
}

type Range = [start: number, end: number]

/** The lines of a file that ends with a line feed, null for any other. */
function lineRanges(bytes: Uint8Array): Range[] | null {
  const ranges: Range[] = []
  let start = 0
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
    ranges.push([start, end])
    start = end + 1
  }
  return start === bytes.byteLength ? ranges : null
}

/** Lines that each hold one object, the commas between them left out; null when they do not look like that. */
function recordRanges(bytes: Uint8Array, lines: readonly Range[]): Range[] | null {
  const ranges = lines.map(([start, end], index): Range => {
    const isLast = index === lines.length - 1
    return [start, isLast || bytes[end - 1] !== COMMA ? end : end - 1]
  })
  const isObject = ([start, end]: Range, index: number): boolean =>
    bytes[start] === OPEN_BRACE &&
    bytes[end - 1] === CLOSE_BRACE &&
    (index === lines.length - 1 || bytes[end] === COMMA)
  return ranges.every(isObject) ? ranges : null
}

/**
 * A record in canonical form is proven to be one by writing it again: that refuses doubled keys, odd numbers and escapes at
 * the cost of one pass, and shows that these bytes are what the manifest hashes. Others go through the strict reader.
 */
function parseLine(text: string, bytes: Uint8Array): RecordEntry {
  const value = parseCanonicalJson(text)
  if (value === undefined) return recordEntry(parseRecord(parseObject(bytes)))
  return { record: parseRecord(value), bytes, digest: sha256Hex(bytes) }
}

function splitWhole(bytes: Uint8Array): Source {
  const { records, mac, ...top } = parseObject(bytes)
  const parsedMac = Mac.safeParse(mac)
  if (!Array.isArray(records) || !parsedMac.success) throw damaged('records or mac missing')
  const values: readonly unknown[] = records
  return {
    top,
    mac: parsedMac.data,
    count: values.length,
    at: (index) => recordEntry(parseRecord(values[index])),
  }
}

function parseRecord(value: unknown): StoredRecord {
  if (isPlainRecord(value)) return value
  const parsed = StoredRecord.safeParse(value)
  if (!parsed.success) throw damaged('record of another shape', parsed.error)
  return parsed.data
}

function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw damaged('not utf-8', cause)
  }
}
