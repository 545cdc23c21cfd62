/**
 * SFTP version 3 as bytes (draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL file for the extensions). No effects.
 * File names are kept as the bytes the server sent: the draft names no encoding, so decoding is a decision of its caller.
 */

export const packetType = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 200,
  extendedReply: 201,
} as const

export const openFlag = { read: 0x01, write: 0x02, create: 0x08, exclusive: 0x20 } as const

const attribute = { size: 0x01, owner: 0x02, permissions: 0x04, times: 0x08, extended: 0x80000000 } as const

/** What the server broke when it cannot be understood; the connection is of no use afterwards. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** A number is a uint32, a bigint a uint64; text (as UTF-8) and bytes get a length before them. */
export type Field = number | bigint | string | Uint8Array

function fieldLength(field: Field): number {
  if (typeof field === 'number') return 4
  if (typeof field === 'bigint') return 8
  return 4 + Buffer.byteLength(field)
}

/** One request with its length in front, ready to send. */
export function encodePacket(type: number, id: number, fields: readonly Field[]): Buffer {
  const length = fields.reduce((sum: number, field) => sum + fieldLength(field), 5)
  const packet = Buffer.allocUnsafe(4 + length)
  packet.writeUInt32BE(length, 0)
  packet.writeUInt8(type, 4)
  packet.writeUInt32BE(id, 5)
  let at = 9
  for (const field of fields) {
    if (typeof field === 'number') packet.writeUInt32BE(field, at)
    else if (typeof field === 'bigint') packet.writeBigUInt64BE(field, at)
    else {
      packet.writeUInt32BE(fieldLength(field) - 4, at)
      if (typeof field === 'string') packet.write(field, at + 4, 'utf8')
      else packet.set(field, at + 4)
    }
    at += fieldLength(field)
  }
  return packet
}

/** Handles of servers are at most 256 bytes (draft, section 6.2). */
export const maxHandleLength = 256

/** Room that a buffer for `encodeWrite` must keep free before the content. */
export const writeHeaderRoom = 4 + 1 + 4 + 4 + maxHandleLength + 8 + 4

/**
 * Puts the header of a write request directly before content that already lies at `writeHeaderRoom` in `buffer`, so that
 * content is copied once only, and returns the whole packet as a view of `buffer`.
 */
export function encodeWrite(
  buffer: Buffer,
  length: number,
  request: { id: number; handle: Uint8Array; offset: number },
): Buffer {
  const headLength = 25 + request.handle.length
  const packet = buffer.subarray(writeHeaderRoom - headLength, writeHeaderRoom + length)
  packet.writeUInt32BE(packet.length - 4, 0)
  packet.writeUInt8(packetType.write, 4)
  packet.writeUInt32BE(request.id, 5)
  packet.writeUInt32BE(request.handle.length, 9)
  packet.set(request.handle, 13)
  packet.writeBigUInt64BE(BigInt(request.offset), 13 + request.handle.length)
  packet.writeUInt32BE(length, 21 + request.handle.length)
  return packet
}

/** Access and modification time in whole seconds since 1970, as version 3 has them: both or none. */
export function encodeTimes(seconds: number): readonly Field[] {
  return [attribute.times, seconds, seconds]
}

export const noAttributes: readonly Field[] = [0]

export type FieldReader = {
  u32(): number
  u64(): bigint
  /** A view, valid as long as the packet is. */
  bytes(): Buffer
  atEnd(): boolean
}

/** Reads the fields of one packet in order; throws `ProtocolError` when one reaches past its end. */
export function createFieldReader(packet: Buffer): FieldReader {
  let at = 0
  const take = (length: number): number => {
    if (length > packet.length - at) throw new ProtocolError('a packet ends within a field')
    at += length
    return at - length
  }
  const u32 = (): number => packet.readUInt32BE(take(4))
  return {
    u32,
    u64: () => packet.readBigUInt64BE(take(8)),
    bytes: () => {
      const length = u32()
      const from = take(length)
      return packet.subarray(from, from + length)
    },
    atEnd: () => at === packet.length,
  }
}

/** What a server says about one file; null = it did not say. */
export type Attributes = {
  /** Bytes; null also when it is no safe integer. */
  readonly size: number | null
  /** Type and permission bits as in POSIX `st_mode`. */
  readonly mode: number | null
  /** Seconds since 1970. */
  readonly modSeconds: number | null
}

export function readAttributes(reader: FieldReader): Attributes {
  const flags = reader.u32()
  const size = flags & attribute.size ? reader.u64() : null
  if (flags & attribute.owner) {
    reader.u32()
    reader.u32()
  }
  const mode = flags & attribute.permissions ? reader.u32() : null
  let modSeconds: number | null = null
  if (flags & attribute.times) {
    reader.u32()
    modSeconds = reader.u32()
  }
  if (flags & attribute.extended) {
    for (let count = reader.u32(); count > 0; count--) {
      reader.bytes()
      reader.bytes()
    }
  }
  const exact = size !== null && size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : null
  return { size: exact, mode, modSeconds }
}

/** One line of a listing. `name` is a copy and outlives its packet. */
export type NamedAttributes = { readonly name: Buffer; readonly attributes: Attributes }

export function readNames(reader: FieldReader): readonly NamedAttributes[] {
  const names: NamedAttributes[] = []
  for (let count = reader.u32(); count > 0; count--) {
    const name = Buffer.from(reader.bytes())
    reader.bytes() // The long form is for people only.
    names.push({ name, attributes: readAttributes(reader) })
  }
  return names
}

export type FileKind = 'file' | 'dir' | 'link' | 'special'

/** Null when the server gave no type. */
export function fileKind(attributes: Attributes): FileKind | null {
  if (attributes.mode === null) return null
  switch (attributes.mode & 0o170000) {
    case 0o100000:
      return 'file'
    case 0o040000:
      return 'dir'
    case 0o120000:
      return 'link'
    case 0:
      return null
    default:
      return 'special'
  }
}
