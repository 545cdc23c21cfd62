/** Parts of the binary forms of SSH (RFC 4251 section 5) and their base64, as plain functions that run anywhere. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const digits = new Map([...alphabet].map((letter, value) => [letter, value]))

/** The bytes of canonical padded base64; null for anything else, white space included. */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null
  const letters = text.replace(/=+$/, '')
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4))
  let held = 0
  let bits = 0
  let at = 0
  for (const letter of letters) {
    held = ((held << 6) | (digits.get(letter) ?? 0)) & 0xfff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at] = held >> bits
    at += 1
  }
  // Bits that belong to no byte: two texts for one value would not be the same by comparison.
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null
}

export type WireReader = {
  /** A view of the bytes of a string; empty when its length goes beyond the end. */
  string(): Uint8Array
  /** The same as ASCII. */
  text(): string
  uint32(): number
  uint64(): bigint
  /** Passes over `count` bytes. */
  skip(count: number): void
  /** How many bytes were read. */
  at(): number
  /** True when nothing that was asked for lay beyond the end. */
  isWhole(): boolean
}

/** Reads on when something lies beyond the end, with nothing: `isWhole` is asked once at the end. Never throws. */
export function readWire(bytes: Uint8Array): WireReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let isWhole = true
  const take = (count: number): number | null => {
    if (!isWhole || count > bytes.byteLength - at) {
      isWhole = false
      return null
    }
    at += count
    return at - count
  }
  const uint32 = (): number => {
    const start = take(4)
    return start === null ? 0 : view.getUint32(start)
  }
  const string = (): Uint8Array => {
    const start = take(uint32())
    return start === null ? bytes.subarray(0, 0) : bytes.subarray(start, at)
  }
  return {
    string,
    text: () => String.fromCharCode(...string().subarray(0, 256)),
    uint32,
    uint64() {
      const start = take(8)
      return start === null ? 0n : view.getBigUint64(start)
    },
    skip: (count) => void take(count),
    at: () => at,
    isWhole: () => isWhole,
  }
}
