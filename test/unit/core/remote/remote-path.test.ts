import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  baseName,
  childPath,
  isReservedName,
  isSafeName,
  parentPath,
  parseRemotePath,
  pathKey,
  rootPath,
  tryParseRemotePath,
} from '../../../../main/core/remote/remote-path.ts'

const hostile = ['', '.', '..', '../a', 'a/b', '/abs', 'a/', 'a\0b', '\0']

describe('isSafeName', () => {
  for (const name of hostile) {
    it(`refuses ${JSON.stringify(name)} from a server`, () => {
      expect(isSafeName(name)).toBe(false)
      expect(() => childPath(rootPath, name)).toThrow(RangeError)
    })
  }
  it('takes every other name as it is, odd ones too', () => {
    for (const name of [
      ' ',
      'a b',
      '"',
      "'",
      '\n',
      '...',
      '\u{1F600}',
      'cafe\u0301',
      'CON',
      '-rf',
      '..a',
      'a\\b',
    ]) {
      expect(isSafeName(name)).toBe(true)
      expect(childPath(rootPath, name)).toBe(name)
    }
  })
})

describe('tryParseRemotePath', () => {
  for (const text of ['/', '/etc/passwd', '..', 'a/../b', 'a//b', './a', 'a/.', 'a/..', 'a/', 'a\0/b']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(tryParseRemotePath(text)).toBeNull()
      expect(() => parseRemotePath(text)).toThrow(RangeError)
    })
  }

  it('keeps what it takes and can take it apart again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1 }).filter(isSafeName), { minLength: 1 }),
        (parts) => {
          const path = parseRemotePath(parts.join('/'))
          expect(path.split('/')).toEqual(parts)
          expect(childPath(parentPath(path), baseName(path))).toBe(path)
        },
      ),
    )
  })

  it('never takes a path that leaves the root when it is resolved', () => {
    const part = fc.constantFrom('.', '..', '', 'a', '...', ' ', '\0')
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const path = tryParseRemotePath(parts.join('/'))
        if (path === null) return
        const url = new URL(`file:///root/${path.split('/').map(encodeURIComponent).join('/')}`)
        expect(url.pathname.startsWith('/root/')).toBe(true)
      }),
    )
  })
})

describe('pathKey', () => {
  it('is one for two forms of a name, and for two cases only where they are one', () => {
    expect(pathKey('cafe\u0301', false)).toBe(pathKey('caf\u00e9', false))
    expect(pathKey('A', false)).not.toBe(pathKey('a', false))
    expect(pathKey('STRASSE', true)).toBe(pathKey('stra\u00dfe', true))
  })
})

describe('isReservedName', () => {
  it('knows our own names and no others', () => {
    for (const name of ['.fernsync', '.fernsync-12345678-1.part', '.FernSync', '.fernsync-check-00']) {
      expect(isReservedName(name)).toBe(true)
    }
    for (const name of ['fernsync', '.fernsyncs', '.fernsync.txt', 'a.fernsync', '.fern']) {
      expect(isReservedName(name)).toBe(false)
    }
  })
})
