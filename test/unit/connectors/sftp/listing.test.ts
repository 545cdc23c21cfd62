import { describe, expect, it } from 'vitest'
import { decodeName } from '../../../../main/connectors/sftp/listing.ts'

describe('decodeName', () => {
  it.each(['a', ' a ', 'ä', 'a\u0308', '😀', '\uFFFD', '\uFEFFbom', 'a\\b', 'a\nb', '...'])(
    'keeps %j',
    (name) => {
      expect(decodeName(Buffer.from(name))).toBe(name)
    },
  )

  it.each(['', '.', '..', 'a/b', '/', '../a', 'a\0b', 'x'.repeat(1025)])('refuses %j', (name) => {
    expect(decodeName(Buffer.from(name))).toBeNull()
  })

  it.each([[[0xff]], [[0x61, 0xc3]], [[0xed, 0xa0, 0x80]], [[0xc0, 0xaf]]])(
    'refuses the bytes %j',
    (bytes) => {
      expect(decodeName(Buffer.from(bytes))).toBeNull()
    },
  )
})
