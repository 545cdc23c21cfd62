import { describe, expect, it } from 'vitest'
import { createPace } from '../../../../main/connectors/local/pace.ts'
import { toUtimeSeconds } from '../../../../main/connectors/local/disk.ts'

/** A pace whose calls take `costMs` on the thread; says where each was done. */
function timed(mayBlock = true): {
  call: (costMs: number) => string
  breathe: () => Promise<void> | undefined
  wait: (ms: number) => void
} {
  let now = 0
  const pace = createPace(() => now, mayBlock)
  return {
    call(costMs) {
      let where = 'elsewhere'
      void pace.run(
        () => {
          where = 'at once'
          now += costMs
        },
        () => Promise.resolve(),
      )
      return where
    },
    breathe: pace.breathe,
    wait: (ms) => (now += ms),
  }
}

describe('createPace', () => {
  it('does quick calls at once for ever', () => {
    const { call } = timed()
    for (let count = 0; count < 20_000; count += 1) expect(call(0.01)).toBe('at once')
  })

  it('moves off the thread after one long stall', () => {
    const { call } = timed()
    expect([call(60), call(0.01)]).toEqual(['at once', 'elsewhere'])
  })

  it('moves off the thread when calls are slow on the whole', () => {
    const { call } = timed()
    const places = Array.from({ length: 20 }, () => call(8))
    expect(places.filter((place) => place === 'at once')).toHaveLength(7)
  })

  it('tries the thread again later', () => {
    const { call } = timed()
    call(60)
    for (let count = 0; count < 2_000; count += 1) expect(call(0.01)).toBe('elsewhere')
    expect(call(0.01)).toBe('at once')
  })

  it('never blocks for a network file system', () => {
    const { call } = timed(false)
    expect(call(0.01)).toBe('elsewhere')
  })

  it('lets the event loop turn when work has gone on for long, once for all who ask', async () => {
    const { breathe, wait } = timed()
    expect(breathe()).toBeUndefined()
    wait(20)
    let hasTurned = false
    setImmediate(() => (hasTurned = true))
    const [first, second] = [breathe(), breathe()]
    expect(first).toBe(second)
    await first
    expect(hasTurned).toBe(true)
    expect(breathe()).toBeUndefined()
  })
})

describe('toUtimeSeconds', () => {
  it('lands in the millisecond that was asked for, and less than a microsecond behind its start', () => {
    for (let time = 1_700_000_000_000; time < 1_700_000_002_000; time += 1) {
      const nanoseconds = Math.floor((toUtimeSeconds(time) - Math.floor(time / 1000)) * 1e9)
      const wanted = (time % 1000) * 1e6
      expect(nanoseconds).toBeGreaterThanOrEqual(wanted)
      expect(nanoseconds).toBeLessThan(wanted + 1000)
    }
  })
})
