import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  concatBytes,
  equalBytes,
  fromBase64Url,
  fromHex,
  fromUtf8,
  toBase64Url,
  toHex,
  utf8,
  wipe,
} from '../../../../main/core/crypto/bytes.ts'
import { CryptoError } from '../../../../main/core/crypto/crypto-error.ts'

const some = fc.uint8Array({ maxLength: 300 })

describe('toBase64Url', () => {
  // RFC 4648 section 10
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foobar', 'Zm9vYmFy'],
  ])('writes "%s" as "%s"', (text, encoded) => {
    expect(toBase64Url(utf8(text))).toBe(encoded)
  })

  it('uses - and _ and covers a part of a larger array only', () => {
    const larger = Uint8Array.of(1, 0xfb, 0xff, 0xbf, 2)
    expect(toBase64Url(larger.subarray(1, 4))).toBe('-_-_')
  })
})

describe('fromBase64Url', () => {
  it('reads back every array, into memory of its own', () => {
    fc.assert(
      fc.property(some, (bytes) => {
        const read = fromBase64Url(toBase64Url(bytes))
        expect(read).toEqual(bytes)
        expect(read.buffer.byteLength).toBe(bytes.length)
      }),
    )
  })

  it.each([
    ['missing padding', 'Zg'],
    ['half a padding', 'Zg='],
    ['padding too much', 'Zm9v===='],
    ['trailing bits', 'Zh=='],
    ['the other alphabet', '+/+/'],
    ['a space', 'Zm9v Zm9v'],
    ['a newline at the end', 'Zm9v\n'],
    ['a single character', 'Z'],
    ['text after the padding', 'Zg==Zg=='],
    ['a character whose low byte is a letter', '\u015am9v'],
  ])('refuses %s', (_, text) => {
    expect(() => fromBase64Url(text)).toThrow(new CryptoError('invalid base64url'))
  })

  it('accepts exactly one text per value', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AZaz09-_=+/ ') }), (text) => {
        try {
          expect(toBase64Url(fromBase64Url(text))).toBe(text)
        } catch (error) {
          expect(error).toBeInstanceOf(CryptoError)
        }
      }),
    )
  })
})

describe('hex', () => {
  it('round-trips every array', () => {
    fc.assert(
      fc.property(some, (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes)
      }),
    )
  })

  it.each(['A0', '0', 'g0', '0x00', ' 00', '00\n'])('refuses "%s"', (text) => {
    expect(() => fromHex(text)).toThrow(new CryptoError('invalid hex'))
  })
})

describe('utf8', () => {
  it('round-trips every well-formed text, a BOM included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromUtf8(utf8(text))).toBe(text)
      }),
    )
    expect(fromUtf8(utf8('\ufeffx'))).toBe('\ufeffx')
  })

  it.each(['\ud800', 'a\udc00b', '\udc00\ud800'])('refuses a lone surrogate', (text) => {
    expect(() => utf8(text)).toThrow(new CryptoError('invalid text'))
  })
})

describe('fromUtf8', () => {
  it.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe2, 0x82]], [[0xf4, 0x90, 0x80, 0x80]]])(
    'refuses the bytes %j',
    (bytes) => {
      expect(() => fromUtf8(Uint8Array.from(bytes))).toThrow(new CryptoError('invalid text'))
    },
  )
})

describe('equalBytes', () => {
  it('is true for the same bytes only', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false)
    expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true)
  })
})

describe('wipe', () => {
  it('zeroes every array it is given and nothing beside them', () => {
    const larger = Uint8Array.of(1, 2, 3, 4)
    const other = Uint8Array.of(5)
    wipe(larger.subarray(1, 3), other)
    expect([...larger, ...other]).toEqual([1, 0, 0, 4, 0])
  })
})

describe('concatBytes', () => {
  it('joins in order into new memory', () => {
    const part = Uint8Array.of(1)
    const all = concatBytes(part, new Uint8Array(0), Uint8Array.of(2, 3))
    wipe(part)
    expect([...all]).toEqual([1, 2, 3])
    expect(all.buffer.byteLength).toBe(3)
  })
})
