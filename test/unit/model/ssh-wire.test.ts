import { describe, expect, it } from 'vitest'
import { decodeBase64, readWire } from '../../../main/model/ssh-wire.ts'

describe('decodeBase64', () => {
  it('reads what Node writes', () => {
    for (let length = 0; length < 70; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 255)
      expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes)
    }
  })

  it.each(['A', 'AA', 'AAA', 'A===', 'AA=A', '====', 'AAA=AAAA', 'AB==', 'AAB=', 'AA A', 'AAA\n', 'AA-_'])(
    'refuses %j',
    (text) => {
      expect(decodeBase64(text)).toBeNull()
    },
  )
})

describe('readWire', () => {
  it('reads nothing more after something that lies beyond the end', () => {
    const reader = readWire(Uint8Array.of(0, 0, 0, 1, 65, 0, 0, 0, 9, 66))
    expect([reader.text(), reader.isWhole()]).toEqual(['A', true])
    expect([reader.string().byteLength, reader.isWhole()]).toEqual([0, false])
    expect([reader.uint32(), reader.uint64(), reader.isWhole()]).toEqual([0, 0n, false])
  })
})
