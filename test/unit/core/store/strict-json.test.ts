import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { parseStrictJson, StrictJsonError } from '../../../../main/core/store/strict-json.ts'
import type { StrictJsonLimits, StrictJsonReason } from '../../../../main/core/store/strict-json.ts'

const limits: StrictJsonLimits = { maxBytes: 100_000 }

function refusalOf(input: string | Uint8Array, given: StrictJsonLimits = limits): StrictJsonReason | null {
  try {
    parseStrictJson(typeof input === 'string' ? utf8(input) : input, given)
    return null
  } catch (error) {
    if (error instanceof StrictJsonError) return error.reason
    throw error
  }
}

/** Values the format allows: no fractions, no negative numbers, no `__proto__`. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeNat(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('any'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
      tie('any'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
})).any

describe('parseStrictJson', () => {
  it('reads whatever JSON.stringify wrote of allowed values, compact and indented', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(0, 2), (written, indent) => {
        expect(parseStrictJson(utf8(JSON.stringify(written, null, indent)), limits)).toEqual(written)
      }),
    )
  })

  it('reads every number of JSON when asked to, as JSON.parse does', () => {
    const any = { ...limits, numbers: 'any' } as const
    for (const text of ['-1', '0.5', '-0', '1e3', '1E+400', '9007199254740993', '12', '[-1.5e-7,0]'])
      expect(parseStrictJson(utf8(text), any), text).toEqual(JSON.parse(text))
    for (const text of ['01', '-', '.5', '1.', '1e', '+1', '0x1', 'NaN', 'Infinity', '1.5.2'])
      expect(refusalOf(text, any), text).not.toBeNull()
    expect(refusalOf('-1')).toBe('number')
  })

  it('counts the members of one object or array when asked to', () => {
    const few = { ...limits, maxMembers: 2 }
    expect(
      ['[1,2]', '{"a":1,"b":[1,2]}', '[1,2,3]', '{"a":1,"b":2,"c":3}'].map((text) => refusalOf(text, few)),
    ).toEqual([null, null, 'too-large', 'too-large'])
  })

  it('accepts only what JSON.parse accepts, and reads it alike', () => {
    const piece = fc.constantFrom(
      ...'{}[]":,\\ \n\t',
      '"a"',
      '"b"',
      '12',
      '0',
      '-1',
      '1.5',
      'true',
      'null',
      '\\u00e9',
      'x',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        if (refusalOf(text) !== null) return
        expect(JSON.parse(text)).toEqual(parseStrictJson(utf8(text), limits))
      }),
      { numRuns: 3000 },
    )
  })

  it('reads every escape', () => {
    const text = String.raw`"\"\\\/\b\f\n\r\t\u0041\ud83d\uDE00"`
    expect(parseStrictJson(utf8(text), limits)).toBe('"\\/\b\f\n\r\tA\u{1f600}')
  })

  it.each<[string, string, StrictJsonReason]>([
    ['a duplicate key', '{"a":1,"b":2,"a":3}', 'duplicate-key'],
    ['a duplicate key written with an escape', String.raw`{"a":1,"\u0061":2}`, 'duplicate-key'],
    ['a duplicate key deep inside', '[{"x":{"a":1,"a":1}}]', 'duplicate-key'],
    ['__proto__', '{"__proto__":{}}', 'forbidden-key'],
    ['__proto__ written with an escape', String.raw`{"__pr\u006fto__":{}}`, 'forbidden-key'],
    ['a fraction', '1.5', 'number'],
    ['a whole number written as a fraction', '1.0', 'number'],
    ['an exponent', '1e3', 'number'],
    ['a negative number', '-1', 'number'],
    ['minus zero', '-0', 'number'],
    ['2^53', '9007199254740992', 'number'],
    ['a number of a thousand digits', '9'.repeat(1000), 'number'],
    ['a leading zero', '01', 'number'],
    ['NaN', 'NaN', 'syntax'],
    ['nothing', '', 'syntax'],
    ['two values', '1 2', 'syntax'],
    ['text after the value', '{}x', 'syntax'],
    ['a comma at the end', '[1,]', 'syntax'],
    ['a key without quotes', '{a:1}', 'syntax'],
    ['single quotes', "{'a':1}", 'syntax'],
    ['a comment', '/* */1', 'syntax'],
    ['an open object', '{"a":1', 'syntax'],
    ['an open text', '"abc', 'syntax'],
    ['a line break inside a text', '"a\nb"', 'syntax'],
    ['an unknown escape', String.raw`"\x41"`, 'syntax'],
    ['a short escape', String.raw`"\u12"`, 'syntax'],
    ['a lone surrogate', String.raw`"\ud800"`, 'syntax'],
    ['a byte order mark', '\ufeff{}', 'syntax'],
    ['a space that JSON does not know', '\u00a0{}', 'syntax'],
  ])('refuses %s', (_, text, reason) => {
    expect(refusalOf(text)).toBe(reason)
  })

  it('accepts 2^53-1, which is the largest', () => {
    expect(parseStrictJson(utf8('9007199254740991'), limits)).toBe(2 ** 53 - 1)
  })

  it.each([[[0x22, 0xff, 0x22]], [[0x22, 0xc0, 0x80, 0x22]], [[0x22, 0xed, 0xa0, 0x80, 0x22]]])(
    'refuses the bytes %j, which are not UTF-8',
    (bytes) => {
      expect(refusalOf(Uint8Array.from(bytes))).toBe('not-utf8')
    },
  )

  it('refuses more bytes than allowed, before it reads any', () => {
    expect(refusalOf(new Uint8Array([0xff, 0xff]), { maxBytes: 1 })).toBe('too-large')
    expect(refusalOf('[]', { maxBytes: 2 })).toBeNull()
  })

  it('allows 16 levels and refuses 17, in objects and in arrays', () => {
    const nested = (open: string, close: string, depth: number): string =>
      open.repeat(depth) + '1' + close.repeat(depth)
    expect(refusalOf(nested('[', ']', 16))).toBeNull()
    expect(refusalOf(nested('[', ']', 17))).toBe('too-deep')
    expect(refusalOf(nested('{"a":', '}', 16))).toBeNull()
    expect(refusalOf(nested('{"a":', '}', 17))).toBe('too-deep')
    expect(refusalOf('[[1]]', { maxBytes: 10, maxDepth: 1 })).toBe('too-deep')
  })

  it('does not exhaust the stack on a hostile depth', () => {
    expect(refusalOf('['.repeat(50_000))).toBe('too-deep')
  })

  it('refuses null only when told to', () => {
    expect(refusalOf('{"a":null}')).toBeNull()
    expect(refusalOf('{"a":null}', { maxBytes: 100, nulls: false })).toBe('null')
  })

  it('gives objects that a name of Object.prototype cannot confuse', () => {
    const parsed = parseStrictJson(utf8('{"constructor":1,"hasOwnProperty":2,"toString":3}'), limits)
    expect(parsed).toEqual({ constructor: 1, hasOwnProperty: 2, toString: 3 })
  })

  it('never puts a piece of the text into its error', () => {
    const parse = (): unknown => parseStrictJson(utf8('{"canary" "canary"}'), limits)
    expect(parse).toThrow(/^refused JSON: syntax at 10$/)
  })
})
