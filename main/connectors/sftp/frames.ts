import { packetType, ProtocolError } from './wire.ts'

/**
 * The longest packet we accept. OpenSSH sends at most 256 KiB and we never ask for more; without a bound a server could make us
 * collect 4 GiB.
 */
export const maxPacketLength = 256 * 1024 + 4096

export type FrameHandlers = {
  /** A whole packet without its length; a view that is valid during the call only. */
  onPacket(packet: Buffer): void
  /** Where the content of the read reply `id` belongs, null when nobody waits for it. */
  destinationOf(id: number): Uint8Array | null
  /** `length` bytes of content now lie in the destination of `id`. */
  onData(id: number, length: number): void
}

const dataHead = 13

/** Where the packet whose head has been read goes: `body` takes `length` bytes, of which `early` lie in the head already. */
type Plan = {
  readonly body: Uint8Array
  readonly length: number
  readonly early: number
  /** The request that the content answers; null for every other packet. */
  readonly dataId: number | null
}

/** Null while more of the head is needed: 5 bytes tell the type, 13 the place of read content. */
function planPacket(head: Buffer, filled: number, handlers: FrameHandlers): Plan | null {
  if (filled < 5) return null
  const length = head.readUInt32BE(0)
  if (length < 1 || length > maxPacketLength) throw new ProtocolError('a packet has an impossible length')
  if (head.readUInt8(4) !== packetType.data) {
    const body = Buffer.allocUnsafe(length)
    body.set(head.subarray(4, 5))
    return { body, length, early: 1, dataId: null }
  }
  if (length < dataHead - 4) throw new ProtocolError('a read reply is too short')
  if (filled < dataHead) return null
  const id = head.readUInt32BE(5)
  const size = head.readUInt32BE(9)
  const into = handlers.destinationOf(id)
  if (into === null) throw new ProtocolError('a read reply that nobody asked for')
  if (size !== length - 9) throw new ProtocolError('a read reply with two lengths')
  if (size > into.length) throw new ProtocolError('a read reply with more than was asked for')
  return { body: into, length: size, early: 0, dataId: id }
}

/**
 * Cuts a byte stream into packets. Content of read replies goes straight to its destination, which saves one copy of every
 * byte of a download. Throws `ProtocolError` for what no honest server sends; it must not be fed afterwards.
 */
export function createFrameReader(handlers: FrameHandlers): (chunk: Buffer) => void {
  const head = Buffer.allocUnsafe(dataHead)
  let headFilled = 0
  let plan: Plan | null = null
  let filled = 0

  function readHead(chunk: Buffer, from: number): number {
    const goal = headFilled < 5 ? 5 : dataHead
    const count = Math.min(goal - headFilled, chunk.length - from)
    chunk.copy(head, headFilled, from, from + count)
    headFilled += count
    plan = planPacket(head, headFilled, handlers)
    filled = plan?.early ?? 0
    return from + count
  }

  function finish({ body, length, dataId }: Plan): void {
    plan = null
    headFilled = 0
    if (dataId !== null) handlers.onData(dataId, length)
    else handlers.onPacket(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  }

  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (plan === null) at = readHead(chunk, at)
      if (plan === null) continue
      const count = Math.min(plan.length - filled, chunk.length - at)
      if (count > 0) plan.body.set(chunk.subarray(at, at + count), filled)
      filled += count
      at += count
      if (filled === plan.length) finish(plan)
    }
  }
}
