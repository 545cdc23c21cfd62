import { deserialize, serialize } from 'node:v8'

/** One message over a byte stream: 4 bytes of length, then a structured clone. Throws for what cannot be cloned. */
export function encodeFrame(value: unknown): Buffer {
  const body = serialize(value)
  const header = Buffer.alloc(4)
  header.writeUInt32BE(body.length)
  return Buffer.concat([header, body])
}

/** Collects chunks and hands over each complete message. */
export function createFrameReader(onMessage: (value: unknown) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = []
  let size = 0
  return (chunk) => {
    chunks.push(chunk)
    size += chunk.length
    if (size < 4) return
    const wanted = (): number => 4 + (chunks[0]?.readUInt32BE(0) ?? 0)
    if ((chunks[0]?.length ?? 0) < 4) chunks = [Buffer.concat(chunks)]
    while (size >= 4 && size >= wanted()) {
      const all = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
      const end = 4 + all.readUInt32BE(0)
      const rest = all.subarray(end)
      chunks = rest.length > 0 ? [rest] : []
      size = rest.length
      onMessage(deserialize(all.subarray(4, end)))
    }
  }
}
