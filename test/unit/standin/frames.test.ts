import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameReader, encodeFrame } from '../../standin/frames.ts'

describe('createFrameReader', () => {
  it('hands over every message once and in order, however the stream is cut', () => {
    const messages = fc.array(
      fc.oneof(
        fc.string(),
        fc.uint8Array({ maxLength: 300 }),
        fc.dictionary(fc.string(), fc.bigInt(), { noNullPrototype: true }),
      ),
    )
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(encodeFrame))
        const received: unknown[] = []
        const read = createFrameReader((message) => received.push(message))
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const length = cuts[turn % cuts.length] ?? 1
          read(stream.subarray(at, at + length))
          at += length
        }
        expect(received).toStrictEqual(sent)
      }),
    )
  })
})

describe('encodeFrame', () => {
  it('refuses what structured clone refuses', () => {
    expect(() => encodeFrame(() => 1)).toThrow('could not be cloned')
  })
})
