import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  escapeForTerminal,
  escapeJsonText,
  formatBytes,
  formatTable,
  shellWord,
  shownWord,
} from '../../../main/cli/terminal-text.ts'

/** C0 and C1 controls, DEL, bidi and other format characters, line and paragraph separators. */
// eslint-disable-next-line no-control-regex -- control characters are what this is about
const dangerous = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/

describe('escapeForTerminal', () => {
  it.for([
    ['\u001b[31mred', '\\u{1b}[31mred'],
    ['a\nb\rc\td', 'a\\u{a}b\\u{d}c\\u{9}d'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['\u009b31m', '\\u{9b}31m'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half \ud800', 'half \\u{d800}'],
  ])('makes %j harmless', ([text, shown]) => {
    expect(escapeForTerminal(text ?? '')).toBe(shown)
  })

  it('leaves letters of all scripts, spaces, quotes and emoji alone', () => {
    const text = 'Größe  "a b" \'c\' 日本 e\u0301 🚀 \\ %'
    expect(escapeForTerminal(text)).toBe(text)
  })

  it('lets no dangerous character through, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeForTerminal(text)).not.toMatch(dangerous)
      }),
    )
  })
})

describe('escapeJsonText', () => {
  it('keeps the value of every document and shows no dangerous character but line ends', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, name) => {
        const document = { name, value }
        const text = escapeJsonText(JSON.stringify(document, null, 2))
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)))
        expect(text.replaceAll('\n', '')).not.toMatch(dangerous)
      }),
    )
  })

  it('writes characters beyond the basic plane as a pair', () => {
    expect(escapeJsonText('"\u{e0041}"')).toBe('"\\udb40\\udc41"')
  })
})

describe('formatTable', () => {
  it('lines up all columns but the last', () => {
    expect(
      formatTable([
        ['a', 'bbb', 'c'],
        ['aaa', 'b', 'cccc'],
      ]),
    ).toBe('a    bbb  c\naaa  b    cccc\n')
  })

  it('is empty without rows', () => {
    expect(formatTable([])).toBe('')
  })
})

describe('formatBytes', () => {
  it.for([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1_572_864, '1.5 MiB'],
    [2 ** 50, '1024.0 TiB'],
  ] as const)('shows %d as %s', ([bytes, text]) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})

describe('shellWord', () => {
  it('quotes what a shell would take apart', () => {
    expect(shellWord("my nas's $(key)")).toBe("'my nas'\\''s $(key)'")
    expect(shellWord('')).toBe("''")
  })

  it('leaves plain words alone', () => {
    expect(shellWord('user@nas.example:22/a-b_c')).toBe('user@nas.example:22/a-b_c')
  })
})

describe('shownWord', () => {
  it('escapes what a terminal would obey in a name that a command is shown with', () => {
    const name = 'nas\u202egpj.exe'
    expect([shownWord('my nas'), shownWord(name)]).toEqual(["'my nas'", "'nas\\u{202e}gpj.exe'"])
  })
})
