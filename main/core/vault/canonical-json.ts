import { AppError } from '../../model/app-error.ts'
import { MAX_JSON_DEPTH } from './vault-limits.ts'

/**
 * RFC 8785 canonical JSON of the restricted domain our files use: objects, arrays, well-formed strings, booleans and
 * integers 0..2^53-1. Throws AppError('vault-damaged') for anything else, for `__proto__` as a key and for a nesting over 16:
 * a value without one canonical text cannot be authenticated.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 1)
}

/**
 * The value of text that is canonical JSON already, undefined for any other text. Proven by writing it again, which refuses
 * doubled keys, blanks, odd numbers and escapes; the fast writer of the engine does that, and its rules that are wider than
 * ours are checked on the value.
 */
export function parseCanonicalJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text && isInDomain(value, 1) ? value : undefined
  } catch {
    return undefined
  }
}

function isInDomain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0
  if (typeof value !== 'object') return typeof value === 'boolean'
  if (value === null || depth > MAX_JSON_DEPTH) return false
  if (Array.isArray(value)) return value.every((item) => isInDomain(item, depth + 1))
  let before: string | null = null
  for (const key of Object.keys(value)) {
    if ((before !== null && key <= before) || key === '__proto__' || !key.isWellFormed()) return false
    before = key
    // Read as a record: the key comes from the object itself.
    if (!isInDomain((value as Readonly<Record<string, unknown>>)[key], depth + 1)) return false
  }
  return true
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      return integer(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) throw refuse('null')
      if (depth > MAX_JSON_DEPTH) throw refuse('nesting too deep')
      return Array.isArray(value) ? array(value, depth) : object(value, depth)
    default:
      throw refuse(typeof value)
  }
}

function array(values: readonly unknown[], depth: number): string {
  let text = '['
  for (let index = 0; index < values.length; index += 1) {
    text += (index === 0 ? '' : ',') + write(values[index], depth + 1)
  }
  return text + ']'
}

function object(value: object, depth: number): string {
  // The default sort compares UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  const keys = Object.keys(value).sort()
  let text = '{'
  for (const key of keys) {
    if (key === '__proto__') throw refuse('__proto__')
    // Read as a record: the key comes from the object itself.
    const field = (value as Readonly<Record<string, unknown>>)[key]
    text += (text.length === 1 ? '' : ',') + quote(key) + ':' + write(field, depth + 1)
  }
  return text + '}'
}

function quote(text: string): string {
  // JSON.stringify escapes exactly as RFC 8785 section 3.2.2.2, except that a lone surrogate must be an error.
  if (!text.isWellFormed()) throw refuse('lone surrogate')
  return JSON.stringify(text)
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) throw refuse('number')
  return String(value)
}

function refuse(what: string): AppError {
  return new AppError('vault-damaged', `canonical json: ${what} is not allowed`)
}
