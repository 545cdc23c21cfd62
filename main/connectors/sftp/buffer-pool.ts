/** Buffers of one transfer that are used again: a gigabyte in fresh ones would be a gigabyte of garbage. */
export type BufferPool = {
  take(length: number): Buffer
  /** Only when nobody uses the buffer any more. */
  give(buffer: Buffer): void
}

/** `reuse: false` is for small files: they share Node's slabs and are gone with them. */
export function createBufferPool(reuse: boolean): BufferPool {
  const spare: Buffer[] = []
  return {
    take(length) {
      if (!reuse) return Buffer.allocUnsafe(length)
      const found = spare.pop()
      // Only the last part of a file is shorter than the others.
      if (found !== undefined && found.length >= length) return found.subarray(0, length)
      return Buffer.allocUnsafeSlow(length)
    },
    give(buffer) {
      if (reuse) spare.push(buffer)
    },
  }
}
