import { describe, expect, it } from 'vitest'
import { aes256Ctr } from '../../../../main/core/crypto/aes-ctr.ts'
import { fromHex, toHex } from '../../../../main/core/crypto/bytes.ts'
import { openSecretbox } from '../../../../main/core/crypto/secretbox.ts'

describe('openSecretbox', () => {
  // The example of NaCl itself (tests/secretbox.c).
  const key = fromHex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389')
  const nonce = fromHex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37')
  const box = fromHex(
    'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5',
  )

  it("opens NaCl's own example", () => {
    expect(toHex(openSecretbox(key, nonce, box)).slice(0, 32)).toBe('be075fc53c81f2d5cf141316ebeb0c7b')
  })

  it('refuses a changed box, another key and sizes that are wrong', () => {
    const changed = Uint8Array.from(box)
    changed[20] = (changed[20] ?? 0) ^ 1
    expect(() => openSecretbox(key, nonce, changed)).toThrow('invalid token')
    expect(() => openSecretbox(new Uint8Array(32), nonce, box)).toThrow('invalid token')
    expect(() => openSecretbox(key, nonce, new Uint8Array(3))).toThrow('invalid token')
    expect(() => openSecretbox(key.slice(1), nonce, box)).toThrow('invalid key')
  })
})

describe('aes256Ctr', () => {
  it('agrees with NIST SP 800-38A, F.5.6', () => {
    const key = fromHex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4')
    const iv = fromHex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')
    expect(toHex(aes256Ctr(key, iv, fromHex('601ec313775789a5b7a7f504bbf3d228')))).toBe(
      '6bc1bee22e409f96e93d7e117393172a',
    )
    expect(() => aes256Ctr(key, iv.slice(1), iv)).toThrow('invalid key')
  })
})
