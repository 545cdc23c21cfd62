import * as crypto from 'node:crypto'
import { describe, expect, it } from 'vitest'
import * as packetCrypto from '../../../../main/connectors/sftp/packet-crypto.ts'

const key = crypto.randomBytes(16)
const iv = crypto.randomBytes(12)
/** The types of `createCipheriv` tell GCM by a literal name only. */
const tagOf = (cipher: crypto.Cipheriv): Buffer => (cipher as crypto.CipherGCM).getAuthTag()
const text = crypto.randomBytes(32 * 1024)

describe('createCipheriv and createDecipheriv', () => {
  it('give what node:crypto gives, each time the same key is used', () => {
    for (let packet = 0; packet < 3; packet += 1) {
      const expected = crypto.createCipheriv('aes-128-gcm', key, iv)
      const ours = packetCrypto.createCipheriv('aes-128-gcm', key, iv)
      expect(ours.update(text)).toEqual(expected.update(text))
      ours.final()
      expected.final()
      expect(tagOf(ours)).toEqual(expected.getAuthTag())
    }
    const cipher = crypto.createCipheriv('aes-128-ctr', key, Buffer.alloc(16))
    const decipher = packetCrypto.createDecipheriv('aes-128-ctr', key, Buffer.alloc(16))
    expect(decipher.update(cipher.update(text))).toEqual(text)
  })

  it('keep keys of equal length apart', () => {
    const other = crypto.randomBytes(16)
    const one = packetCrypto.createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(text)
    const two = packetCrypto.createCipheriv('aes-128-ctr', other, Buffer.alloc(16)).update(text)
    expect(one).not.toEqual(two)
  })

  it('refuse a key of the wrong length', () => {
    expect(() => packetCrypto.createCipheriv('aes-128-ctr', Buffer.alloc(15), Buffer.alloc(16))).toThrow(
      'Invalid key length',
    )
  })
})

describe('createHmac', () => {
  it('gives what node:crypto gives', () => {
    const expected = crypto.createHmac('sha256', key).update(text).digest()
    expect(packetCrypto.createHmac('sha256', key).update(text).digest()).toEqual(expected)
  })
})

describe('randomFillSync', () => {
  it('fills exactly the asked range', () => {
    for (const size of [0, 1, 4, 19, 4096, 5000]) {
      const buffer = new Uint8Array(size + 8).fill(7)
      expect(packetCrypto.randomFillSync(buffer, 4, size)).toBe(buffer)
      expect([...buffer.subarray(0, 4), ...buffer.subarray(-4)]).toEqual(Array.from({ length: 8 }, () => 7))
      if (size > 16) expect(new Set(buffer.subarray(4, -4)).size).toBeGreaterThan(4)
    }
  })

  it('never hands out the same bytes twice', () => {
    const seen = new Set<string>()
    for (let count = 0; count < 2000; count += 1) {
      const buffer = Buffer.alloc(13)
      packetCrypto.randomFillSync(buffer, 0, 13)
      seen.add(buffer.toString('hex'))
    }
    expect(seen.size).toBe(2000)
  })
})
