import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { blocksItsThread, deriveKey, estimateKdfMs } from '../../../../main/core/crypto/kdf.ts'
import type { KdfInput } from '../../../../main/core/crypto/kdf.ts'

const salt = Uint8Array.from({ length: 16 }, (_, n) => n)

describe('deriveKey', () => {
  it.each<[string, KdfInput, string]>([
    [
      // RFC 7914 section 11
      'pbkdf2-hmac-sha256',
      {
        name: 'pbkdf2-hmac-sha256',
        password: utf8('Password'),
        salt: utf8('NaCl'),
        iterations: 80_000,
        length: 32,
      },
      '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56',
    ],
    [
      // RFC 7914 section 12; its 64 bytes begin with what 32 are
      'scrypt',
      { name: 'scrypt', password: utf8('password'), salt: utf8('NaCl'), logN: 10, r: 8, p: 16 },
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162',
    ],
    [
      // made with Python's hashlib.scrypt
      'scrypt',
      { name: 'scrypt', password: utf8('pässword'), salt, logN: 10, r: 8, p: 3 },
      '552ef567a62d95917474599a8db79a8b183f6615d203ada46d852134fc601e16',
    ],
    [
      // test.c of the reference implementation, version 0x13
      'argon2id',
      {
        name: 'argon2id',
        password: utf8('password'),
        salt: utf8('somesalt'),
        memoryKiB: 65_536,
        iterations: 2,
        parallelism: 1,
      },
      '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7',
    ],
    [
      // made with crypt(3) of libxcrypt and HKDF of RFC 5869 in Python
      'bcrypt',
      { name: 'bcrypt', password: utf8('correct horse battery stäple'), salt, cost: 10 },
      '7312081051bec1b893a8c1cb4dd371b8ef5f90fded586d987be13f57e76a695a',
    ],
  ])('%s agrees with others', async (_name, input, expected) => {
    expect(toHex(await deriveKey(input))).toBe(expected)
  })

  it('tells two passwords apart that bcrypt alone would take for one', async () => {
    const long = 'x'.repeat(80)
    const derive = async (text: string): Promise<string> =>
      toHex(await deriveKey({ name: 'bcrypt', password: utf8(text), salt, cost: 4 }))
    expect(
      new Set([await derive(`${long}a`), await derive(`${long}b`), await derive('a\0b'), await derive('a')])
        .size,
    ).toBe(4)
  })

  it('of argon2id with more memory than there is fails and does not end the process', async () => {
    const input = { name: 'argon2id' as const, password: utf8('x'), salt, iterations: 1, parallelism: 1 }
    await expect(deriveKey({ ...input, memoryKiB: 2 ** 24 })).rejects.toThrow('invalid iteration count')
  })
})

describe('estimateKdfMs', () => {
  it.each<[KdfInput, number]>([
    [{ name: 'pbkdf2-hmac-sha256', password: salt, salt, iterations: 1_200_000, length: 32 }, 60],
    [{ name: 'scrypt', password: salt, salt, logN: 17, r: 8, p: 1 }, 128],
    [{ name: 'argon2id', password: salt, salt, memoryKiB: 65_536, iterations: 3, parallelism: 4 }, 48],
    [{ name: 'bcrypt', password: salt, salt, cost: 12 }, 64],
  ])('multiplies the time of a probe: %o', async (input, times) => {
    let now = 0
    const derive = (probe: KdfInput): Promise<Uint8Array> => {
      now += 5
      expect([probe.name, probe.password.every((byte) => byte === 0)]).toEqual([input.name, true])
      return Promise.resolve(new Uint8Array(32))
    }
    expect(await estimateKdfMs(input, derive, () => now)).toBeCloseTo(5 * times)
  })
})

describe('blocksItsThread', () => {
  it('is true of all that are not computed by Node itself', () => {
    expect((['pbkdf2-hmac-sha256', 'scrypt', 'argon2id', 'bcrypt'] as const).map(blocksItsThread)).toEqual([
      false,
      true,
      true,
      true,
    ])
  })
})
