import { describe, expect, it } from 'vitest'
import { createRequestSizer } from '../../../../main/connectors/sftp/request-size.ts'

const kibibyte = 1024

/** The size chosen on a line that moves `rate(size)` bytes a millisecond. */
function chosen(sizes: readonly [number, ...number[]], rate: (size: number) => number): number {
  let time = 0
  const sizer = createRequestSizer(
    { now: () => 0, monotonic: () => time, setTimer: () => () => undefined },
    sizes,
  )
  for (let moved = 0; moved < 200 * kibibyte * kibibyte; moved += sizer.size()) {
    const size = sizer.size()
    time += size / rate(size)
    sizer.record(size)
  }
  return sizer.size()
}

describe('createRequestSizer', () => {
  const sizes = [32 * kibibyte, 128 * kibibyte, 255 * kibibyte] as const

  it('takes big requests where small ones wait for acknowledgements', () => {
    expect(chosen(sizes, (size) => (size < 100_000 ? 100_000 : 400_000 + size))).toBe(255 * kibibyte)
  })

  it('takes small requests where big ones are slower', () => {
    expect(chosen(sizes, (size) => 1e9 / size)).toBe(32 * kibibyte)
  })

  it('takes the smallest of equals', () => {
    expect(chosen(sizes, () => 100_000)).toBe(32 * kibibyte)
  })

  it('has no choice with one size', () => {
    expect(chosen([10 * kibibyte], () => 1)).toBe(10 * kibibyte)
  })
})
