import { createHash } from 'node:crypto'

/** SHA-256 (FIPS 180-4) of content that arrives in parts. */
export type Sha256Stream = {
  /** Takes the next part; the bytes are read before it returns and not kept. */
  update(bytes: Uint8Array): void
  /** The 32 bytes. May be called once; nothing may be added afterwards. */
  digest(): Uint8Array
}

/** Starts a hash over parts; for bytes at hand `sha256` is quicker. */
export function startSha256(): Sha256Stream {
  const hash = createHash('sha256')
  return {
    update(bytes) {
      hash.update(bytes)
    },
    digest() {
      const buffer = hash.digest()
      return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    },
  }
}
