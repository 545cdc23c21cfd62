import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createFieldReader,
  encodePacket,
  encodeTimes,
  encodeWrite,
  fileKind,
  maxHandleLength,
  packetType,
  ProtocolError,
  readAttributes,
  readNames,
  writeHeaderRoom,
} from '../../../../main/connectors/sftp/wire.ts'

const body = (fields: Parameters<typeof encodePacket>[2]): Buffer => encodePacket(0, 0, fields).subarray(9)

describe('encodePacket', () => {
  it('writes an open request byte for byte as the draft has it', () => {
    const packet = encodePacket(packetType.open, 5, ['/a', 1, 0])
    expect(packet.toString('hex')).toBe(
      '00000013' + '03' + '00000005' + '00000002' + '2f61' + '00000001' + '00000000',
    )
  })

  it('is read back field by field', () => {
    fc.assert(
      fc.property(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.string(), (number, big, text) => {
        const reader = createFieldReader(body([number, big, text]))
        expect(reader.u32()).toBe(number)
        expect(reader.u64()).toBe(big)
        expect(reader.bytes().toString()).toBe(Buffer.from(text).toString())
        expect(reader.atEnd()).toBe(true)
      }),
    )
  })
})

describe('encodeWrite', () => {
  it('makes the same packet as the general encoder, without moving the content', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.uint8Array({ minLength: 1, maxLength: maxHandleLength }),
        fc.maxSafeNat(),
        (content, handle, offset) => {
          const buffer = Buffer.alloc(writeHeaderRoom + content.length)
          buffer.set(content, writeHeaderRoom)
          const packet = encodeWrite(buffer, content.length, { id: 9, handle, offset })
          expect(packet.buffer).toBe(buffer.buffer)
          expect(packet.equals(encodePacket(packetType.write, 9, [handle, BigInt(offset), content]))).toBe(
            true,
          )
        },
      ),
    )
  })
})

describe('createFieldReader', () => {
  it('throws instead of reading past the end, whatever the packet claims', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const read of [readNames, readAttributes]) {
          try {
            read(createFieldReader(Buffer.from(bytes)))
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        }
      }),
    )
    expect(() => createFieldReader(body([0xffff_ffff])).bytes()).toThrow(ProtocolError)
  })
})

describe('readAttributes', () => {
  it('reads all that version 3 has', () => {
    const reader = createFieldReader(body([0x8000000f, 5n, 1, 2, 0o100644, 11, 12, 1, 'x', 'y']))
    expect(readAttributes(reader)).toEqual({ size: 5, mode: 0o100644, modSeconds: 12 })
    expect(reader.atEnd()).toBe(true)
  })

  it('says null for what is missing', () => {
    const attributes = readAttributes(createFieldReader(body([0])))
    expect(attributes).toEqual({ size: null, mode: null, modSeconds: null })
  })

  it('says null for a size that a number cannot hold', () => {
    expect(readAttributes(createFieldReader(body([1, 2n ** 63n]))).size).toBeNull()
  })

  it('reads back the times that are sent', () => {
    expect(readAttributes(createFieldReader(body(encodeTimes(1_700_000_000)))).modSeconds).toBe(1_700_000_000)
  })
})

describe('fileKind', () => {
  it.each([
    [0o100644, 'file'],
    [0o040755, 'dir'],
    [0o120777, 'link'],
    [0o010644, 'special'],
    [0o140755, 'special'],
    [0o755, null],
    [null, null],
  ])('of mode %s is %s', (mode, kind) => {
    expect(fileKind({ size: 0, mode, modSeconds: 0 })).toBe(kind)
  })
})
