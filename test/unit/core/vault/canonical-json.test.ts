import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, parseCanonicalJson } from '../../../../main/core/vault/canonical-json.ts'
import { codeOf } from './kit.ts'

const domain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    fc.boolean(),
    fc.maxSafeNat(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 code units and escapes as RFC 8785 3.2 shows', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    expect(canonicalJson(value)).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    )
    expect(canonicalJson(['\u20ac$\u000f\nA\'B"\\\\"/', true, 0, 2 ** 53 - 1])).toBe(
      '["\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/",true,0,9007199254740991]',
    )
  })

  it('is the same text for the same value, whatever the order of keys, and reads back as that value', () => {
    fc.assert(
      fc.property(domain, (value) => {
        const text = canonicalJson(value)
        const shuffled: unknown = JSON.parse(text, (_key, inner: unknown) =>
          typeof inner === 'object' && inner !== null && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).reverse())
            : inner,
        )
        expect(shuffled).toEqual(value)
        expect(canonicalJson(shuffled)).toBe(text)
      }),
    )
  })

  it.each([
    ['null', { a: null }],
    ['undefined', { a: undefined }],
    ['a fraction', 1.5],
    ['a negative number', -1],
    ['minus zero', -0],
    ['a number beyond 2^53-1', 2 ** 53],
    ['NaN', Number.NaN],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['__proto__', JSON.parse('{"__proto__":1}')],
    ['a nesting of 17', JSON.parse('['.repeat(17) + ']'.repeat(17))],
    ['a bigint', 1n],
  ])('refuses %s', async (_fact, value) => {
    expect(await codeOf(Promise.resolve().then(() => canonicalJson(value)))).toBe('vault-damaged')
  })
})

describe('parseCanonicalJson', () => {
  it('reads what canonicalJson writes', () => {
    fc.assert(
      fc.property(domain, (value) => {
        const text = canonicalJson(value)
        // Keys that look like numbers are put in another order by the engine; such text goes the slow way.
        const read = parseCanonicalJson(text)
        if (!/"\d+":/.test(text)) expect(read).toEqual(value)
        else if (read !== undefined) expect(read).toEqual(value)
      }),
    )
  })

  it('takes no text that canonicalJson would write otherwise', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom('', ' ', '\n'), (json, blank) => {
        const value = parseCanonicalJson(json + blank)
        if (value !== undefined) expect(canonicalJson(value)).toBe(json + blank)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['keys out of order', '{"b":1,"a":2}'],
    ['keys out of order further in', '[{"a":{"b":1,"a":2}}]'],
    ['a doubled key', '{"a":1,"a":1}'],
    ['a blank', '{"a": 1}'],
    ['null', '{"a":null}'],
    ['a fraction', '1.5'],
    ['a negative number', '-1'],
    ['minus zero', '-0'],
    ['an exponent', '1e3'],
    ['a number beyond 2^53-1', '9007199254740992'],
    ['a needless escape', '"\\u0061"'],
    ['a lone surrogate', '"\\ud800"'],
    ['a lone surrogate in a key', '{"\\udc00":1}'],
    ['__proto__', '{"__proto__":1}'],
    ['a nesting of 17', '['.repeat(17) + ']'.repeat(17)],
    ['no JSON', '{'],
    ['nothing', ''],
  ])('takes no %s', (_fact, text) => {
    expect(parseCanonicalJson(text)).toBeUndefined()
  })
})
