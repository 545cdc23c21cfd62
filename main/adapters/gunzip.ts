import { gunzipSync } from 'node:zlib'

/** Sixteen kibibytes, as usual, would be thousands of calls for what may be in a database. */
const CHUNK_BYTES = 1024 * 1024

/** What gzip holds; null when it is not whole or would be longer than `maxBytes`, at which it stops. The caller wipes it. */
export function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array | null {
  try {
    const shared = gunzipSync(bytes, { maxOutputLength: maxBytes, chunkSize: CHUNK_BYTES })
    return new Uint8Array(shared.buffer, shared.byteOffset, shared.byteLength)
  } catch {
    return null
  }
}
