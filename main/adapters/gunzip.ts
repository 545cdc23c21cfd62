import { gunzipSync } from 'node:zlib'

/** What gzip holds; null when it is not whole or would be longer than `maxBytes`, at which it stops. The caller wipes it. */
export function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array | null {
  try {
    const shared = gunzipSync(bytes, { maxOutputLength: maxBytes })
    return new Uint8Array(shared.buffer, shared.byteOffset, shared.byteLength)
  } catch {
    return null
  }
}
