import { fromUtf8 } from '../crypto/bytes.ts'

/** Why a text was refused; never a piece of it. */
export type StrictJsonReason =
  'too-large' | 'not-utf8' | 'syntax' | 'too-deep' | 'duplicate-key' | 'forbidden-key' | 'number' | 'null'

export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError'
  readonly reason: StrictJsonReason
  /** UTF-16 offset of the offence, 0 when the whole input is meant. */
  readonly at: number

  constructor(reason: StrictJsonReason, at = 0) {
    super(`refused JSON: ${reason} at ${at}`)
    this.reason = reason
    this.at = at
  }
}

export type StrictJsonLimits = {
  readonly maxBytes: number
  /** Nested objects and arrays, 16 unless given. */
  readonly maxDepth?: number
  /** False refuses `null`, which the vault's format does not have. */
  readonly nulls?: boolean
  /** `any` takes every number of RFC 8259, rounded as JavaScript does, for files that are not ours; integers from 0 unless given. */
  readonly numbers?: 'integers' | 'any'
  /** Of one object or array; refused as `too-large` beyond. No limit unless given. */
  readonly maxMembers?: number
  /** Of one object, which cost more; as many as `maxMembers` unless given. */
  readonly maxKeys?: number
  /** Everywhere in the text together. No limit unless given. */
  readonly maxValues?: number
}

const MAX_DEPTH = 16
const SPACE = /[ \t\n\r]*/y
// Never two quantifiers over the same characters: a hostile text must not make the expression backtrack.
// eslint-disable-next-line no-control-regex -- RFC 8259 section 7: a control character in a string must be escaped
const PLAIN = /[^"\\\u0000-\u001f]*/y
const INTEGER = /(?:0|[1-9][0-9]{0,15})(?![0-9.eE])/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.eE])/y
const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const

type Cursor = {
  readonly text: string
  readonly maxDepth: number
  readonly nulls: boolean
  readonly isAnyNumber: boolean
  readonly maxMembers: number
  readonly maxKeys: number
  readonly maxValues: number
  values: number
  at: number
}

/**
 * Reads one JSON text (RFC 8259) of a file that someone else may have written. Beyond the grammar it refuses, with
 * StrictJsonError: duplicate keys and `__proto__` (two readers would see two files), numbers other than integers 0 to 2^53-1
 * (unless asked for), lone surrogates, invalid UTF-8, a BOM, and everything over the limits. What it returns is `unknown` until a schema read it.
 */
export function parseStrictJson(bytes: Uint8Array, limits: StrictJsonLimits): unknown {
  if (bytes.byteLength > limits.maxBytes) throw new StrictJsonError('too-large')
  const cursor: Cursor = {
    text: decode(bytes),
    maxDepth: limits.maxDepth ?? MAX_DEPTH,
    nulls: limits.nulls ?? true,
    isAnyNumber: limits.numbers === 'any',
    maxMembers: limits.maxMembers ?? Infinity,
    maxKeys: limits.maxKeys ?? limits.maxMembers ?? Infinity,
    maxValues: limits.maxValues ?? Infinity,
    values: 0,
    at: 0,
  }
  skipSpace(cursor)
  const value = readValue(cursor, 0)
  skipSpace(cursor)
  if (cursor.at !== cursor.text.length) throw new StrictJsonError('syntax', cursor.at)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    throw new StrictJsonError('not-utf8')
  }
}

function readValue(cursor: Cursor, depth: number): unknown {
  cursor.values++
  if (cursor.values > cursor.maxValues) throw new StrictJsonError('too-large', cursor.at)
  switch (cursor.text[cursor.at]) {
    case '{':
      return readObject(cursor, depth + 1)
    case '[':
      return readArray(cursor, depth + 1)
    case '"':
      return readString(cursor)
    default:
      return readWord(cursor)
  }
}

function readObject(cursor: Cursor, depth: number): Record<string, unknown> {
  enter(cursor, depth)
  const object: Record<string, unknown> = {}
  if (skipTo(cursor, '}')) return object
  for (let count = 1; ; count++) {
    refuseMany(cursor, count, cursor.maxKeys)
    const keyAt = cursor.at
    const key = readString(cursor)
    if (key === '__proto__') throw new StrictJsonError('forbidden-key', keyAt)
    if (Object.hasOwn(object, key)) throw new StrictJsonError('duplicate-key', keyAt)
    if (!skipTo(cursor, ':')) throw new StrictJsonError('syntax', cursor.at)
    object[key] = readValue(cursor, depth)
    if (skipTo(cursor, '}')) return object
    if (!skipTo(cursor, ',')) throw new StrictJsonError('syntax', cursor.at)
  }
}

function readArray(cursor: Cursor, depth: number): unknown[] {
  enter(cursor, depth)
  const array: unknown[] = []
  if (skipTo(cursor, ']')) return array
  for (let count = 1; ; count++) {
    refuseMany(cursor, count, cursor.maxMembers)
    array.push(readValue(cursor, depth))
    if (skipTo(cursor, ']')) return array
    if (!skipTo(cursor, ',')) throw new StrictJsonError('syntax', cursor.at)
  }
}

function refuseMany(cursor: Cursor, count: number, most: number): void {
  if (count > most) throw new StrictJsonError('too-large', cursor.at)
}

/** Steps over the opening bracket. */
function enter(cursor: Cursor, depth: number): void {
  if (depth > cursor.maxDepth) throw new StrictJsonError('too-deep', cursor.at)
  cursor.at++
}

function readString(cursor: Cursor): string {
  const started = cursor.at
  if (cursor.text[started] !== '"') throw new StrictJsonError('syntax', started)
  cursor.at++
  const plain = match(cursor, PLAIN)
  const value = cursor.text[cursor.at] === '\\' ? readEscaped(cursor, started) : plain
  if (cursor.text[cursor.at] !== '"') throw new StrictJsonError('syntax', cursor.at)
  cursor.at++
  if (!value.isWellFormed()) throw new StrictJsonError('syntax', started)
  return value
}

/** A string with escapes, up to its closing quote. Put together piece by piece, eight million of them took two seconds and 500 MB. */
function readEscaped(cursor: Cursor, started: number): string {
  const { text } = cursor
  let end = text.indexOf('"', cursor.at)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  if (end === -1) throw new StrictJsonError('syntax', text.length)
  cursor.at = end
  try {
    // JSON.parse has the grammar of RFC 8259 for strings, control characters included; what it says of a mistake quotes the text.
    return String(JSON.parse(text.slice(started, end + 1)))
  } catch {
    throw new StrictJsonError('syntax', started)
  }
}

/** By an odd number of backslashes before it; the opening quote ends the count. */
function isEscaped(text: string, at: number): boolean {
  let start = at
  while (text[start - 1] === '\\') start--
  return (at - start) % 2 === 1
}

function readWord(cursor: Cursor): unknown {
  const { text, at } = cursor
  for (const [word, value] of WORDS) {
    if (!text.startsWith(word, at)) continue
    if (value === null && !cursor.nulls) throw new StrictJsonError('null', at)
    cursor.at += word.length
    return value
  }
  if (!/[-0-9]/.test(text[at] ?? '')) throw new StrictJsonError('syntax', at)
  const digits = match(cursor, cursor.isAnyNumber ? NUMBER : INTEGER)
  const number = Number(digits)
  if (digits === '' || !(cursor.isAnyNumber || Number.isSafeInteger(number)))
    throw new StrictJsonError('number', at)
  return number
}

/** Steps over white space and, when it comes next, over `sign` and the white space after it; else false. */
function skipTo(cursor: Cursor, sign: string): boolean {
  skipSpace(cursor)
  if (cursor.text[cursor.at] !== sign) return false
  cursor.at++
  skipSpace(cursor)
  return true
}

function skipSpace(cursor: Cursor): void {
  match(cursor, SPACE)
}

/** What the sticky `pattern` finds right here, '' when nothing. */
function match(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at
  if (!pattern.test(cursor.text)) return ''
  const started = cursor.at
  cursor.at = pattern.lastIndex
  return cursor.text.slice(started, cursor.at)
}
