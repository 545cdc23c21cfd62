import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrameReader, maxPacketLength } from '../../../../main/connectors/sftp/frames.ts'
import { encodePacket, packetType, ProtocolError } from '../../../../main/connectors/sftp/wire.ts'

type Seen = { packets: string[]; data: string[] }

/** Feeds `stream` cut at `cuts` and returns what came out; every id has a destination of `room` bytes. */
function feed(stream: Buffer, cuts: readonly number[], room = 64): Seen {
  const seen: Seen = { packets: [], data: [] }
  const destinations = new Map<number, Buffer>()
  const read = createFrameReader({
    onPacket: (packet) => seen.packets.push(packet.toString('hex')),
    destinationOf: (id) => {
      const buffer = Buffer.alloc(room)
      destinations.set(id, buffer)
      return buffer
    },
    onData: (id, length) =>
      seen.data.push(`${id}:${destinations.get(id)?.subarray(0, length).toString('hex') ?? ''}`),
  })
  const edges = [0, ...[...cuts].map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length]
  edges.slice(1).forEach((edge, index) => read(stream.subarray(edges[index], edge)))
  return seen
}

const dataReply = (id: number, content: Uint8Array): Buffer => encodePacket(packetType.data, id, [content])

describe('createFrameReader', () => {
  it('finds the same packets however the stream is cut', () => {
    const packet = fc.oneof(
      fc.record({ id: fc.nat(), text: fc.string({ maxLength: 40 }) }).map(({ id, text }) => ({
        bytes: encodePacket(packetType.handle, id, [text]),
        isData: false,
      })),
      fc
        .record({ id: fc.nat(), content: fc.uint8Array({ maxLength: 64 }) })
        .map(({ id, content }) => ({ bytes: dataReply(id, content), isData: true })),
    )
    fc.assert(
      fc.property(
        fc.array(packet, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (list, cuts) => {
          const stream = Buffer.concat(list.map(({ bytes }) => bytes))
          const whole = feed(stream, [])
          expect(whole.packets).toHaveLength(list.filter(({ isData }) => !isData).length)
          expect(whole.data).toHaveLength(list.filter(({ isData }) => isData).length)
          expect(feed(stream, cuts)).toEqual(whole)
        },
      ),
    )
  })

  it('puts read content where it belongs', () => {
    expect(feed(dataReply(7, Buffer.from('abc')), [3, 9, 14]).data).toEqual(['7:616263'])
  })

  it('refuses a packet longer than any server sends', () => {
    const head = Buffer.alloc(5, 101)
    head.writeUInt32BE(maxPacketLength + 1)
    expect(() => feed(head, [])).toThrow(ProtocolError)
  })

  it('refuses an empty packet', () => {
    expect(() => feed(Buffer.alloc(5), [])).toThrow(ProtocolError)
  })

  it('refuses more content than was asked for', () => {
    expect(() => feed(dataReply(1, Buffer.alloc(65)), [])).toThrow('more than was asked for')
  })

  it('refuses content with two lengths', () => {
    const packet = dataReply(1, Buffer.alloc(8))
    packet.writeUInt32BE(7, 9)
    expect(() => feed(packet, [])).toThrow('two lengths')
  })

  it('refuses a read reply without room for its fields', () => {
    const packet = Buffer.alloc(9)
    packet.writeUInt32BE(5)
    packet.writeUInt8(packetType.data, 4)
    expect(() => feed(packet, [])).toThrow('too short')
  })

  it('refuses content that nobody waits for', () => {
    const read = createFrameReader({
      onPacket: () => undefined,
      destinationOf: () => null,
      onData: () => undefined,
    })
    expect(() => read(dataReply(1, Buffer.alloc(1)))).toThrow('nobody asked for')
  })
})
