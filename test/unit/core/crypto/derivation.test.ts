import { createHmac, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { toHex, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { CryptoError } from '../../../../main/core/crypto/crypto-error.ts'
import { contextInfo, hkdfSha256 } from '../../../../main/core/crypto/hkdf.ts'
import { estimatePbkdf2Ms, pbkdf2HmacSha256 } from '../../../../main/core/crypto/pbkdf2.ts'
import { hmacSha256, isHmacSha256, sha256, sha256Hex } from '../../../../main/core/crypto/sha256.ts'
import { readVectors } from './vectors.ts'

const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits, 'hex'))
const result = z.enum(['valid', 'invalid'])

function groupsOf<T extends z.ZodType>(test: T) {
  return z.object({ testGroups: z.array(z.object({ tagSize: z.number().optional(), tests: z.array(test) })) })
}

describe('sha256', () => {
  // FIPS 180-4 examples
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('of "%s" is the published one', (text, digest) => {
    expect(toHex(sha256(utf8(text)))).toBe(digest)
    expect(sha256Hex(utf8(text))).toBe(digest)
  })
})

describe('hmacSha256', () => {
  const Test = z.object({ tcId: z.number(), key: z.string(), msg: z.string(), tag: z.string(), result })

  it('agrees with all 174 vectors of Wycheproof', () => {
    const { testGroups } = readVectors('wycheproof/hmac_sha256_test.json', groupsOf(Test))
    const tests = testGroups.flatMap((group) =>
      group.tests.map((test) => ({ ...test, tagBits: group.tagSize ?? 256 })),
    )
    expect(tests).toHaveLength(174)
    for (const test of tests) {
      const tag = toHex(hmacSha256(hex(test.key), hex(test.msg)).subarray(0, test.tagBits / 8))
      expect(tag === test.tag, `case ${test.tcId}`).toBe(test.result === 'valid')
    }
  })

  it('equals the HMAC of the runtime for keys and messages of any length, and wipes neither', () => {
    const bytes = fc.uint8Array({ maxLength: 200 })
    fc.assert(
      fc.property(bytes, bytes, (key, message) => {
        const before = toHex(key)
        expect(toHex(hmacSha256(key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'))
        expect(toHex(key)).toBe(before)
      }),
    )
  })
})

describe('isHmacSha256', () => {
  it('is true for the MAC alone: not after any bit flip, nor for a part of it', () => {
    const bytes = fc.uint8Array({ maxLength: 200 })
    fc.assert(
      fc.property(bytes, bytes, fc.nat(255), (key, message, bit) => {
        const mac = hmacSha256(key, message)
        expect(isHmacSha256(key, message, mac)).toBe(true)
        expect(isHmacSha256(key, message, mac.subarray(0, 31))).toBe(false)
        mac[bit >> 3] = (mac[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(isHmacSha256(key, message, mac)).toBe(false)
      }),
    )
  })
})

describe('hkdfSha256', () => {
  const Test = z.object({
    tcId: z.number(),
    ikm: z.string(),
    salt: z.string(),
    info: z.string(),
    size: z.number(),
    okm: z.string(),
    result,
  })

  it('agrees with all 86 vectors of Wycheproof', () => {
    const { testGroups } = readVectors('wycheproof/hkdf_sha256_test.json', groupsOf(Test))
    const tests = testGroups.flatMap((group) => group.tests)
    expect(tests).toHaveLength(86)
    for (const test of tests) {
      const input = { key: hex(test.ikm), salt: hex(test.salt), info: hex(test.info), length: test.size }
      if (test.result === 'valid') expect(toHex(hkdfSha256(input)), `case ${test.tcId}`).toBe(test.okm)
      else expect(() => hkdfSha256(input), `case ${test.tcId}`).toThrow(new CryptoError('invalid length'))
    }
  })

  it('equals the HKDF of the runtime for any input, and wipes none of it', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 200 }), (key, salt, info, length) => {
        const before = [key, salt, info].map(toHex)
        const expected = Buffer.from(hkdfSync('sha256', key, salt, info, length)).toString('hex')
        expect(toHex(hkdfSha256({ key, salt, info, length }))).toBe(expected)
        expect([key, salt, info].map(toHex)).toEqual(before)
      }),
    )
  })

  it('takes text as UTF-8', () => {
    const input = { key: utf8('key'), salt: new Uint8Array(0), length: 32 }
    expect(hkdfSha256({ ...input, info: 'zwölf' })).toEqual(hkdfSha256({ ...input, info: utf8('zwölf') }))
  })

  it.each([0, -1, 1.5, 8161])('refuses a length of %s', (length) => {
    const input = { key: utf8('key'), salt: new Uint8Array(0), info: '', length }
    expect(() => hkdfSha256(input)).toThrow(new CryptoError('invalid length'))
  })
})

describe('contextInfo', () => {
  it('joins the fields with line feeds', () => {
    expect(contextInfo('fernsync/1', 'record', 'meta', 'a-b', '7')).toBe('fernsync/1\nrecord\nmeta\na-b\n7')
  })

  it.each([
    ['no field', []],
    ['the suite alone', ['fernsync/1']],
    ['another suite', ['fernsync/2', 'record']],
    ['an empty field', ['fernsync/1', '']],
    ['a line feed', ['fernsync/1', 'a\nb']],
    ['a line feed at the end', ['fernsync/1', 'a\n']],
    ['a slash', ['fernsync/1', 'a/b']],
    ['65 characters', ['fernsync/1', 'a'.repeat(65)]],
    ['a letter beyond ASCII', ['fernsync/1', 'ä']],
  ])('refuses %s', (_, fields) => {
    expect(() => contextInfo(...fields)).toThrow(new CryptoError('invalid context field'))
  })
})

describe('pbkdf2HmacSha256', () => {
  const Test = z.object({
    tcId: z.number(),
    password: z.string(),
    salt: z.string(),
    iterationCount: z.number(),
    dkLen: z.number(),
    dk: z.string(),
    result,
  })

  it('agrees with all 60 vectors of Wycheproof, in their first 32 bytes', async () => {
    const { testGroups } = readVectors('wycheproof/pbkdf2_hmacsha256_test.json', groupsOf(Test))
    const tests = testGroups.flatMap((group) => group.tests)
    expect(tests).toHaveLength(60)
    for (const test of tests) {
      const password = hex(test.password)
      const input = { password, salt: hex(test.salt), iterations: test.iterationCount, length: 32 as const }
      const common = Math.min(test.dkLen, 32) * 2
      const key = toHex(await pbkdf2HmacSha256(input))
      expect(key.slice(0, common) === test.dk.slice(0, common), `case ${test.tcId}`).toBe(
        test.result === 'valid',
      )
    }
  })

  it('does not block the event loop while it derives', async () => {
    let ended = false
    const salt = new Uint8Array(16)
    const derivation = pbkdf2HmacSha256({ password: utf8('x'), salt, iterations: 300_000, length: 32 }).then(
      () => {
        ended = true
      },
    )
    await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toBe(false)
    await derivation
    expect(ended).toBe(true)
  })

  it.each([0, -1, 1.5, 2 ** 31, Number.NaN])('refuses %s iterations', async (iterations) => {
    const input = { password: utf8('x'), salt: new Uint8Array(16), iterations, length: 32 as const }
    await expect(pbkdf2HmacSha256(input)).rejects.toThrow(new CryptoError('invalid iteration count'))
  })
})

describe('estimatePbkdf2Ms', () => {
  it('scales the time of a 20,000-iteration probe', async () => {
    const readings = [1000, 1004]
    expect(await estimatePbkdf2Ms(1_200_000, () => readings.shift() ?? 0)).toBe(240)
  })
})
