import type { Clock } from '../../core/ports/clock.ts'

export type RequestSizer = {
  /** Bytes to ask for next. */
  size(): number
  /** Tells that this many bytes of a big file have arrived. */
  record(bytes: number): void
}

const mebibyte = 1024 * 1024
/** Bytes that may still belong to requests of the size before. */
const warmUpBytes = 4 * mebibyte
const trialBytes = 8 * mebibyte

/**
 * Finds the request size that moves most bytes, by trying each on real traffic once. No fixed size is right: with 32 KiB replies a
 * link with big frames waits for delayed acknowledgements (five times slower on loopback), while 255 KiB is slower on Ethernet.
 * A bigger size must be a tenth faster to win, because small requests are kinder to slow lines.
 */
export function createRequestSizer(clock: Clock, sizes: readonly [number, ...number[]]): RequestSizer {
  let trial = 0
  let bytes = 0
  let startedAt = 0
  let best = { size: sizes[0], rate: 0 }

  function finishTrial(size: number): void {
    const rate = trialBytes / Math.max(clock.monotonic() - startedAt, 0.001)
    if (rate > best.rate * 1.1) best = { size, rate }
    trial++
    bytes = 0
  }

  return {
    size: () => sizes[trial] ?? best.size,
    record(count) {
      const size = sizes[trial]
      if (size === undefined) return
      const before = bytes
      bytes += count
      if (before < warmUpBytes && bytes >= warmUpBytes) startedAt = clock.monotonic()
      if (bytes >= warmUpBytes + trialBytes) finishTrial(size)
    },
  }
}
