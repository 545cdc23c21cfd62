import { fromUtf8, utf8 } from '../crypto/bytes.ts'
import { StrictJsonError, parseStrictJson } from '../store/strict-json.ts'
import { looseTop, takeEmbedded } from './salvage-text.ts'
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
  /** What can be told of them one by one, as far as that makes a top level; null when the slots are not among it. */
  readonly loose: Readonly<Record<string, unknown>> | null
  /** Records that can be read, in the order of the file; two may bear one id. */
  readonly entries: readonly RecordEntry[]
  readonly broken: readonly BrokenPiece[]
}

/** What once was a record: its text, and the ids that can be made out in it. */
export type BrokenPiece = { readonly ids: readonly string[]; readonly text: string }

const HEAD_END = /"records":\s*\[/
const TAIL = /^\],"mac":"[0-9a-f]{64}"\}$/
const MAC = '"mac":'
/** Our records start a line; the lines of other layouts are indented. */
const PIECES = /\n(?! )/
/** Also where the quotes around it are gone; a vault's own id is none of a record. */
const ID = /(?<!"vault":\s*")([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/g
/** What is left of a token, a salt or an id, or was zeroed: text without any of it never was a record. */
const REMNANT = /[A-Za-z0-9_=-]{24}|\0/
const LINE_FEED = 0x0a

/**
 * Reads line by line as our writer laid it out, or as JSON of any layout, whichever gives more. Never throws for what the bytes are.
 */
export async function salvage(bytes: Uint8Array, pacer: Pacer): Promise<Salvage> {
  const byLines = await byLine(bytes, pacer)
  if (byLines.isWhole) return byLines
  const whole = parse(bytes)
  const asJson = whole === null ? null : await fromJson(whole, pacer)
  return asJson !== null && asJson.entries.length >= byLines.entries.length ? asJson : byLines
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
  const loose = looseTop(JSON.stringify(top), (json) => parse(utf8(json)))
  return { isWhole: Array.isArray(records) && typeof mac === 'string', top, loose, entries, broken }
}

/** Lines that are no record stay together until the next that is one: damage may have taken the line feed between two. */
async function byLine(bytes: Uint8Array, pacer: Pacer): Promise<Salvage> {
  const found: Found = { entries: [], broken: [] }
  const head: string[] = []
  const rest: string[] = []
  let isHead = true
  let hasTail = false
  let isClean = true
  for (const line of lines(bytes)) {
    const text = decode(line)
    const end: number | null = isHead ? endOfHead(text) : null
    const { entry, isExact }: Line =
      end === null ? recordIn(text) : { entry: null, isExact: end === text.length }
    if (entry !== null) {
      takeLoose(rest.splice(0), found)
      found.entries.push(entry)
    } else if (isHead) {
      head.push(text.slice(0, end ?? text.length))
      rest.push(...(end === null ? [] : [text.slice(end)]))
    } else if (TAIL.test(text)) {
      hasTail = true
      continue
    } else rest.push(text)
    isClean &&= isExact || text === ''
    isHead &&= entry === null && end === null
    await pacer.rest()
  }
  takeLoose(rest, found)
  // Where the end of the head is gone, records may be on its line; what bears no id may as well be the head itself.
  const inHead: Found = { entries: found.entries, broken: [] }
  takeLoose([head.join('\n')], inHead)
  found.broken.push(...inHead.broken.filter(({ ids }) => ids.length > 0))
  const top = withoutRecords(parse(utf8(`${head.join('\n')}]}`)))
  const loose = looseTop(head.join('\n'), (json) => parse(utf8(json)))
  return { isWhole: top !== null && hasTail && isClean, top, loose, ...found }
}

type Line = { readonly entry: RecordEntry | null; readonly isExact: boolean }

type Found = { readonly entries: RecordEntry[]; readonly broken: BrokenPiece[] }

function endOfHead(text: string): number | null {
  const found = HEAD_END.exec(text)
  return found === null ? null : found.index + found[0].length
}

/** Records in lines that are none by themselves, and what is left of them as broken pieces. */
function takeLoose(lines: readonly string[], { entries, broken }: Found): void {
  const around = takeEmbedded(lines.join('\n'), (piece) => {
    const { entry } = recordIn(piece)
    if (entry !== null) entries.push(entry)
    return entry !== null
  })
  for (const piece of around.flatMap((text) => text.split(PIECES))) {
    const text = withoutTail(piece)
    if (REMNANT.test(text)) broken.push(brokenPiece(text))
  }
}

/**
 * Text without the end of the file, where that does not stand on a line of its own. Not by one expression: that would begin again at
 * each bracket, and a file of brackets would hold the lock of the vault for hours.
 */
function withoutTail(text: string): string {
  const at = text.lastIndexOf(MAC)
  if (at === -1) return text
  const end = text.slice(at + MAC.length).trimEnd()
  const before = text.slice(0, at).trimEnd()
  const list = before.endsWith(',') ? before.slice(0, -1) : before
  const isTail = list.endsWith(']') && !/[{}]/.test(end.endsWith('}') ? end.slice(0, -1) : end)
  return isTail ? list.slice(0, -1) : text
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
function recordIn(line: string): Line {
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
