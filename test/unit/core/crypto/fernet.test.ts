import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fromBase64Url, toBase64Url, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { CryptoError } from '../../../../main/core/crypto/crypto-error.ts'
import { fernetDecrypt, fernetEncrypt } from '../../../../main/core/crypto/fernet.ts'
import { hmacSha256 } from '../../../../main/core/crypto/sha256.ts'
import { readVectors } from './vectors.ts'

const Base = z.object({ token: z.string(), secret: z.string() })
const Generate = z.array(Base.extend({ now: z.string(), iv: z.array(z.number()), src: z.string() })).length(1)
const Verify = z.array(Base.extend({ now: z.string(), ttl_sec: z.number(), src: z.string() })).length(1)
const Invalid = z.array(Base.extend({ now: z.string(), ttl_sec: z.number(), desc: z.string() })).length(8)
const ExtraValid = z
  .array(Base.extend({ desc: z.string(), now: z.number(), iv: z.array(z.number()), src: z.string() }))
  .length(5)
const ExtraInvalid = z.array(Base.extend({ desc: z.string(), must: z.literal('reject') })).length(16)

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const text = fc.uint8Array({ maxLength: 200 })
const seconds = (iso: string): number => Date.parse(iso) / 1000
const refusal = new CryptoError('invalid token')

function refuses(key: Uint8Array, token: string): boolean {
  try {
    fernetDecrypt(key, token)
    return false
  } catch (error) {
    return error instanceof CryptoError && error.message === 'invalid token' && error.cause === undefined
  }
}

describe('fernetEncrypt', () => {
  it.each(readVectors('fernet/generate.json', Generate))('writes the published token of "$src"', (vector) => {
    const options = { iv: Uint8Array.from(vector.iv), timestamp: seconds(vector.now) }
    expect(fernetEncrypt(fromBase64Url(vector.secret), utf8(vector.src), options)).toBe(vector.token)
  })

  it.each(readVectors('fernet/extra/extra-valid.json', ExtraValid))('writes the token of $desc', (vector) => {
    const options = { iv: Uint8Array.from(vector.iv), timestamp: vector.now }
    expect(fernetEncrypt(fromBase64Url(vector.secret), utf8(vector.src), options)).toBe(vector.token)
  })

  it('writes dates beyond 32 bits', () => {
    const token = fernetEncrypt(new Uint8Array(32), new Uint8Array(0), {
      iv: new Uint8Array(16),
      timestamp: 2 ** 53 - 1,
    })
    expect([...fromBase64Url(token).subarray(1, 9)]).toEqual([0, 0x1f, 255, 255, 255, 255, 255, 255])
  })

  it.each([
    { what: 'a short key', key: 31, message: 'invalid key' },
    { what: 'a long key', key: 33, message: 'invalid key' },
    { what: 'a short IV', iv: 15, message: 'invalid iv' },
    { what: 'a negative date', timestamp: -1, message: 'invalid timestamp' },
    { what: 'half a second', timestamp: 0.5, message: 'invalid timestamp' },
  ] as const)('refuses $what', (wrong) => {
    const { key, iv, timestamp } = { key: 32, iv: 16, timestamp: 0, ...wrong }
    const encrypt = (): string =>
      fernetEncrypt(new Uint8Array(key), utf8('x'), { iv: new Uint8Array(iv), timestamp })
    expect(encrypt).toThrow(new CryptoError(wrong.message))
  })
})

describe('fernetDecrypt', () => {
  it.each(readVectors('fernet/verify.json', Verify))(
    'opens the published token of "$src" in its time',
    (vector) => {
      const lifetime = { ttlSeconds: vector.ttl_sec, nowSeconds: seconds(vector.now) }
      expect(fernetDecrypt(fromBase64Url(vector.secret), vector.token, lifetime)).toEqual(utf8(vector.src))
    },
  )

  it.each(readVectors('fernet/invalid.json', Invalid))('refuses the published token with $desc', (vector) => {
    const lifetime = { ttlSeconds: vector.ttl_sec, nowSeconds: seconds(vector.now) }
    expect(() => fernetDecrypt(fromBase64Url(vector.secret), vector.token, lifetime)).toThrow(refusal)
  })

  it.each(readVectors('fernet/extra/extra-valid.json', ExtraValid))('opens the token of $desc', (vector) => {
    expect(fernetDecrypt(fromBase64Url(vector.secret), vector.token)).toEqual(utf8(vector.src))
  })

  it.each(readVectors('fernet/extra/extra-invalid.json', ExtraInvalid))('refuses $desc', (vector) => {
    expect(refuses(fromBase64Url(vector.secret), vector.token)).toBe(true)
  })

  it('refuses a key that is not 32 bytes', () => {
    expect(() => fernetDecrypt(new Uint8Array(16), 'gAAA')).toThrow(new CryptoError('invalid key'))
  })

  it('counts age only when asked: at its ttl a token lives, a second later it is refused', () => {
    const key = new Uint8Array(32).fill(7)
    const token = fernetEncrypt(key, utf8('x'), { iv: new Uint8Array(16), timestamp: 1000 })
    const at = (nowSeconds: number) => () => fernetDecrypt(key, token, { ttlSeconds: 60, nowSeconds })
    expect(at(1060)()).toEqual(utf8('x'))
    expect(at(1061)).toThrow(refusal)
    expect(at(940)()).toEqual(utf8('x'))
    expect(at(939)).toThrow(refusal)
    expect(fernetDecrypt(key, token)).toEqual(utf8('x'))
  })

  it('returns what was encrypted, and leaves key and plaintext as they were', () => {
    fc.assert(
      fc.property(bytes(32), text, bytes(16), fc.maxSafeNat(), (key, plaintext, iv, timestamp) => {
        const before = [...key, ...plaintext]
        expect(fernetDecrypt(key, fernetEncrypt(key, plaintext, { iv, timestamp }))).toEqual(plaintext)
        expect([...key, ...plaintext]).toEqual(before)
      }),
    )
  })

  it('refuses every single flipped bit of a token', () => {
    const key = Uint8Array.from({ length: 32 }, (_, at) => at)
    const raw = fromBase64Url(
      fernetEncrypt(key, utf8('attack at dawn'), { iv: new Uint8Array(16), timestamp: 0 }),
    )
    for (let bit = 0; bit < raw.length * 8; bit++) {
      const changed = raw.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(refuses(key, toBase64Url(changed)), `bit ${bit} of the token`).toBe(true)
    }
  })

  it('refuses every single flipped bit of the signing half of a key', () => {
    const key = Uint8Array.from({ length: 32 }, (_, at) => at)
    const token = fernetEncrypt(key, utf8('attack at dawn'), { iv: new Uint8Array(16), timestamp: 0 })
    for (let bit = 0; bit < 128; bit++) {
      const changed = key.slice()
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(refuses(changed, token), `bit ${bit} of the key`).toBe(true)
    }
  })

  it('refuses every truncation, as text and as bytes', () => {
    const key = new Uint8Array(32)
    const token = fernetEncrypt(key, new Uint8Array(40), { iv: new Uint8Array(16), timestamp: 0 })
    const raw = fromBase64Url(token)
    for (let length = 0; length < token.length; length++)
      expect(refuses(key, token.slice(0, length))).toBe(true)
    for (let length = 0; length < raw.length; length++)
      expect(refuses(key, toBase64Url(raw.subarray(0, length)))).toBe(true)
  })

  it('refuses every other text for the same bytes', () => {
    const key = new Uint8Array(32)
    const junk = fc.constantFrom('\n', ' ', '=', '%', '+', '/', '\u0000', 'é', '\u0141', '\ufeff')
    fc.assert(
      fc.property(text, fc.nat(), junk, (plaintext, seed, inserted) => {
        const token = fernetEncrypt(key, plaintext, { iv: new Uint8Array(16), timestamp: 0 })
        const at = seed % (token.length + 1)
        expect(refuses(key, token.slice(0, at) + inserted + token.slice(at))).toBe(true)
        expect(refuses(key, token.replace(/=+$/, '') + (token.endsWith('=') ? '' : '='))).toBe(true)
      }),
    )
  })

  it('never throws anything but its one refusal, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (token) => refuses(new Uint8Array(32), token)))
  })

  it('refuses a wrong padding under a right MAC with the same error as a wrong MAC', () => {
    const key = new Uint8Array(32).fill(1)
    const raw = fromBase64Url(
      fernetEncrypt(key, new Uint8Array(31), { iv: new Uint8Array(16), timestamp: 0 }),
    )
    // The last byte of the block before decides the padding byte of the last one.
    const macAt = raw.length - 32
    for (let change = 1; change < 256; change++) {
      const forged = raw.slice()
      forged[macAt - 17] = (forged[macAt - 17] ?? 0) ^ change
      forged.set(hmacSha256(key.subarray(0, 16), forged.subarray(0, macAt)), macAt)
      expect(refuses(key, toBase64Url(forged)), `padding byte changed by ${change}`).toBe(true)
    }
  })
})

const Wycheproof = z.object({
  testGroups: z.array(
    z.object({
      keySize: z.number(),
      tests: z.array(
        z.object({
          tcId: z.number(),
          key: z.string(),
          iv: z.string(),
          msg: z.string(),
          ct: z.string(),
          result: z.enum(['valid', 'invalid']),
        }),
      ),
    }),
  ),
})

describe('the AES-CBC inside', () => {
  it('agrees with all 72 AES-128 vectors of Wycheproof, each in a token with a right MAC', () => {
    const { testGroups } = readVectors('wycheproof/aes_cbc_pkcs5_test.json', Wycheproof)
    const tests = testGroups.filter(({ keySize }) => keySize === 128).flatMap((group) => group.tests)
    expect(tests).toHaveLength(72)
    for (const test of tests) {
      const hex = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits, 'hex'))
      const signing = new Uint8Array(16).fill(9)
      const head = Uint8Array.from([0x80, ...new Uint8Array(8), ...hex(test.iv), ...hex(test.ct)])
      const token = toBase64Url(Uint8Array.from([...head, ...hmacSha256(signing, head)]))
      const key = Uint8Array.from([...signing, ...hex(test.key)])
      if (test.result === 'invalid') expect(refuses(key, token), `case ${test.tcId}`).toBe(true)
      else {
        expect(fernetDecrypt(key, token), `case ${test.tcId}`).toEqual(hex(test.msg))
        expect(fernetEncrypt(key, hex(test.msg), { iv: hex(test.iv), timestamp: 0 })).toBe(token)
      }
    }
  })
})
