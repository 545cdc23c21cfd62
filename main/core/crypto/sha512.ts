import { createHash } from 'node:crypto'

/** SHA-512 of all parts in order. 64 bytes; the caller wipes them when they are secret. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return new Uint8Array(hash.digest())
}
