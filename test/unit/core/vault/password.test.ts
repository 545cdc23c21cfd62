import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { normaliseNewPassword, normalisePassword } from '../../../../main/core/vault/password.ts'
import { codeOf } from './kit.ts'

const refusal = (work: () => unknown): Promise<string | null> => codeOf(Promise.resolve().then(work))

describe('normalisePassword', () => {
  it('gives one result for every canonically equal form, and trims nothing', () => {
    const form = fc.constantFrom('NFC', 'NFD')
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((value) => !value.includes('\0'))
    fc.assert(
      fc.property(text, form, (password, normal) => {
        expect(fromUtf8(normalisePassword(utf8(password.normalize(normal))))).toBe(password.normalize('NFC'))
      }),
    )
    expect(fromUtf8(normalisePassword(utf8(' pass\r\n')))).toBe(' pass\r\n')
  })

  it('leaves the bytes it was given to their owner', () => {
    const password = utf8('correct horse')
    const normal = normalisePassword(password)
    normal.fill(0)
    expect(fromUtf8(password)).toBe('correct horse')
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['1025 bytes', new Uint8Array(1025).fill(0x61)],
    ['1024 bytes that NFC makes longer', utf8('\u0958'.repeat(341))],
    ['a NUL', utf8('a\0b')],
    ['an encoded lone surrogate', Uint8Array.of(0xed, 0xa0, 0x80)],
    ['a byte that is not UTF-8', Uint8Array.of(0x61, 0xff)],
  ])('refuses %s', async (_fact, password) => {
    expect(await refusal(() => normalisePassword(password))).toBe('password-invalid')
  })
})

describe('normaliseNewPassword', () => {
  it.each([
    ['', 'password-too-short'],
    ['elevenchars', 'password-too-short'],
    // Twelve bytes decomposed, eight composed: what counts is what is stretched.
    ['\u0061\u0308'.repeat(4), 'password-too-short'],
    ['twelve chars', null],
    ['\u65e5\u672c\u8a9e\u65e5', null],
    ['long enough\0', 'password-invalid'],
  ])('answers %j with %s', async (password, code) => {
    expect(await refusal(() => normaliseNewPassword(utf8(password)))).toBe(code)
  })
})
