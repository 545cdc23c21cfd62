import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { fromUtf8, toBase64Url, utf8 } from '../../../main/core/crypto/bytes.ts'
import { cachedKeyEntry, readCachedKeyEntry } from '../../../main/services/cached-key-entry.ts'

const place = { vault: 'v', slot: 'pw1', saltHash: 'ab', notAfter: 5 }
const key = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('an entry of the keychain', () => {
  it('is the JSON it always was, and read back', () => {
    fc.assert(
      fc.property(key, (kek) => {
        const entry = cachedKeyEntry(place, kek)
        expect(JSON.parse(fromUtf8(entry))).toEqual({ v: 1, ...place, kek: toBase64Url(kek) })
        expect(readCachedKeyEntry(entry)).toEqual({ ...place, kek })
        expect(entry.every((byte) => byte === 0)).toBe(true)
      }),
    )
  })

  it('is read in any order of its fields, as an earlier version may have written it', () => {
    const kek = new Uint8Array(32).fill(9)
    const text = JSON.stringify({
      kek: toBase64Url(kek),
      notAfter: 5,
      v: 1,
      saltHash: 'ab',
      slot: 'pw1',
      vault: 'v',
    })
    expect(readCachedKeyEntry(utf8(text))?.kek).toEqual(kek)
  })

  it('never makes a string of the key', () => {
    const kek = new Uint8Array(32).map((_, n) => n + 65)
    const made = vi.spyOn(Buffer.prototype, 'toString')
    const decoded = vi.spyOn(TextDecoder.prototype, 'decode')
    readCachedKeyEntry(cachedKeyEntry(place, kek))
    const texts = [...made.mock.results, ...decoded.mock.results].map(({ value }) => String(value))
    expect(texts.filter((text) => text.includes(toBase64Url(kek).slice(0, 20)))).toEqual([])
    vi.restoreAllMocks()
  })

  it.each([
    ['', 'nothing'],
    ['{"v":1,"kek":"AAAA"}', 'a short key'],
    [`{"v":2,"kek":"${toBase64Url(new Uint8Array(32))}"}`, 'another version'],
    [`{"kek":"${toBase64Url(new Uint8Array(32)).slice(0, -1)}A"}`, 'no padding'],
    [`"kek":"${toBase64Url(new Uint8Array(32))}"`, 'no JSON'],
  ])('is refused when it is not ours: %s (%s)', (text) => {
    expect(readCachedKeyEntry(utf8(text))).toBeNull()
  })
})
