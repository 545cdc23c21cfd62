import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { aes256CbcDecrypt } from '../../../../main/core/crypto/aes-cbc.ts'
import { aesKdf } from '../../../../main/core/crypto/aes-kdf.ts'
import { argon2 } from '../../../../main/core/crypto/argon2.ts'
import { toHex, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { sha256 } from '../../../../main/core/crypto/sha256.ts'
import { chaCha20, salsa20 } from '../../../../main/core/crypto/stream-ciphers.ts'
import { estimateStretchMs } from '../../../../main/core/crypto/stretch.ts'

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)

describe('argon2', () => {
  it.for([
    // From the reference implementation's test suite (phc-winner-argon2, src/test.c, version 0x13).
    ['id', 2, 65_536, 1, '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7'],
    ['id', 2, 256, 2, '6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037'],
  ] as const)(
    'agrees with the reference: %s, t=%s, m=%s, p=%s',
    async ([variant, iterations, memoryKiB, parallelism, expected]) => {
      const password = utf8('password')
      const key = await argon2({
        variant,
        password,
        salt: utf8('somesalt'),
        iterations,
        memoryKiB,
        parallelism,
      })
      expect(toHex(key)).toBe(expected)
    },
  )

  it('refuses what Argon2 does not have', async () => {
    const input = {
      variant: 'd',
      password: bytes(1),
      salt: bytes(4),
      iterations: 1,
      memoryKiB: 8,
      parallelism: 1,
    } as const
    await expect(argon2(input)).rejects.toThrow('invalid iteration count')
  })
})

describe('aesKdf', () => {
  it('is AES-256-ECB again and again, then SHA-256', () => {
    const seed = bytes(32, 5)
    let key = bytes(32, 9)
    const rounds = 1_000
    for (let round = 0; round < rounds; round += 1) {
      const cipher = createCipheriv('aes-256-ecb', seed, null).setAutoPadding(false)
      key = Uint8Array.from(Buffer.concat([cipher.update(key), cipher.final()]))
    }
    expect(toHex(aesKdf({ key: bytes(32, 9), seed, rounds }))).toBe(toHex(sha256(key)))
  })

  it('is the same however many rounds one call does', () => {
    const seed = bytes(32, 1)
    const once = aesKdf({ key: bytes(32), seed, rounds: 70_000 })
    expect(toHex(once)).toBe(toHex(aesKdf({ key: bytes(32), seed, rounds: 70_000 })))
    expect(toHex(once)).not.toBe(toHex(aesKdf({ key: bytes(32), seed, rounds: 69_999 })))
  })

  it('refuses no rounds and keys of another length', () => {
    expect(() => aesKdf({ key: bytes(32), seed: bytes(32), rounds: 0 })).toThrow('invalid iteration count')
    expect(() => aesKdf({ key: bytes(31), seed: bytes(32), rounds: 1 })).toThrow('invalid key')
  })
})

describe('stream ciphers', () => {
  it('agree with their published vectors', () => {
    // RFC 8439, A.1, test vector 1; eSTREAM Salsa20/20, set 1, vector 0.
    expect(toHex(chaCha20(bytes(32), bytes(12), bytes(16)))).toBe('76b8e0ada0f13d90405d6ae55386bd28')
    const key = bytes(32)
    key[0] = 0x80
    expect(toHex(salsa20(key, bytes(8), bytes(16)))).toBe('e3be8fdd8beca2e3ea8ef9475b29a6e7')
  })

  it('refuse keys and nonces of another length', () => {
    expect(() => chaCha20(bytes(31), bytes(12), bytes(1))).toThrow('invalid key')
    expect(() => salsa20(bytes(32), bytes(12), bytes(1))).toThrow('invalid key')
  })
})

describe('aes256CbcDecrypt', () => {
  it('refuses another length and a padding that cannot be', () => {
    expect(() => aes256CbcDecrypt(bytes(32), bytes(16), bytes(15))).toThrow('invalid token')
    expect(() => aes256CbcDecrypt(bytes(32), bytes(16), bytes(16))).toThrow('invalid token')
    expect(() => aes256CbcDecrypt(bytes(16), bytes(16), bytes(16))).toThrow('invalid key')
  })
})

describe('estimateStretchMs', () => {
  it('grows with the work', async () => {
    let now = 0
    const clock = (): number => (now += 10)
    const argon = (iterations: number) =>
      estimateStretchMs({ name: 'argon2', iterations, memoryKiB: 4096 }, clock)
    expect([await argon(1), await argon(7)]).toEqual([10, 70])
    expect(await estimateStretchMs({ name: 'aes-kdf', rounds: 400_000 }, clock)).toBe(20)
  })
})
