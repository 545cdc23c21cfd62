import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeName, isRefusedByWindows } from '../../../../main/connectors/local/names.ts'

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

describe('decodeName', () => {
  it('gives back every text that UTF-8 can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        expect(decodeName(latin1(Buffer.from(name, 'utf8')))).toEqual({ ok: true, name })
      }),
    )
  })

  it('never turns different bytes into one name', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (bytes) => {
        const decoded = decodeName(latin1(bytes))
        if (decoded.ok) expect(Buffer.from(decoded.name, 'utf8')).toEqual(Buffer.from(bytes))
      }),
    )
  })

  const undecodable: readonly (readonly [what: string, bytes: readonly number[]])[] = [
    ['a lone byte over 127', [0x61, 0xff]],
    ['Latin-1 text', [0x63, 0x61, 0x66, 0xe9]],
    ['a sequence cut short', [0xe4, 0xb8]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ]
  for (const [what, bytes] of undecodable) {
    it(`refuses ${what}`, () => {
      expect(decodeName(latin1(Uint8Array.from(bytes)))).toMatchObject({ ok: false })
    })
  }

  it('keeps a byte order mark and a replacement character of the name', () => {
    for (const name of ['\ufeffa', 'a\ufffd']) {
      expect(decodeName(latin1(Buffer.from(name, 'utf8')))).toEqual({ ok: true, name })
    }
  })
})

describe('isRefusedByWindows', () => {
  const refused = [
    'CON', 'con', 'prn.txt', 'AUX.tar.gz', 'nul', 'COM1', 'com9.log', 'LPT1', 'COM\u00b9', 'CONIN$',
    'a:b', 'a<b', 'a>b', 'a"b', 'a|b', 'a?b', 'a*b', 'a\\b', 'a/b', 'a\nb', 'a\0b', 'a.', 'a ', '...',
  ] // prettier-ignore
  for (const name of refused) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      expect(isRefusedByWindows(name)).toBe(true)
    })
  }
  for (const name of [
    'console',
    'COM',
    'COM10',
    'COM0',
    'a.con',
    ' a',
    '.a',
    'null',
    'caf\u00e9',
    '\u{1F600}',
  ]) {
    it(`takes ${JSON.stringify(name)}`, () => {
      expect(isRefusedByWindows(name)).toBe(false)
    })
  }
})
