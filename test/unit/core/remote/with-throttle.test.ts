import { describe, expect, it } from 'vitest'
import { createMemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import type { Remote } from '../../../../main/core/remote/remote.ts'
import { createGate, createMeter, withThrottle } from '../../../../main/core/remote/with-throttle.ts'
import { at, codeOf, instantClock, namesOf, never, sourceOf, textOf } from './fakes.ts'

const place = (maxConcurrency: number): Remote => createMemoryPlace({ maxConcurrency }).connect()

describe('withThrottle', () => {
  it('lets as many calls through at once as the remote takes, and all in the end', async () => {
    let inside = 0
    let most = 0
    const remote = withThrottle(
      {
        ...place(3),
        async stat() {
          inside += 1
          most = Math.max(most, inside)
          await new Promise((resolve) => setImmediate(resolve))
          inside -= 1
          return null
        },
      },
      { clock: instantClock(), bytesPerSecond: null },
    )
    await Promise.all(Array.from({ length: 20 }, () => remote.stat(at('a'), never)))
    expect({ most, inside }).toEqual({ most: 3, inside: 0 })
  })

  it('does not block a write whose source reads from the same remote', async () => {
    const remote = withThrottle(place(1), { clock: instantClock(), bytesPerSecond: null })
    await remote.write(at('a'), sourceOf('content'), 'create', never)
    const source = { size: 7, modTime: null, open: () => remote.read(at('a'), 0, never) }
    await remote.write(at('b'), source, 'create', never)
    expect(await textOf(remote, 'b')).toBe('content')
  })

  it('does not block a walk that lists folders while it lists their parents', async () => {
    const remote = withThrottle(place(1), { clock: instantClock(), bytesPerSecond: null })
    await remote.mkdir(at('a/b/c/d'), never)
    const walk = async (dir: string): Promise<number> => {
      let count = 1
      for await (const batch of remote.list(at(dir), never)) {
        for (const entry of batch) if (entry.kind === 'dir') count += await walk(entry.path)
      }
      return count
    }
    expect(await walk('')).toBe(5)
  })

  it('closes a stream that is left early', async () => {
    let isClosed = false
    const remote = withThrottle(
      {
        ...place(1),
        async *read() {
          try {
            while (true) yield await Promise.resolve(new Uint8Array(1))
          } finally {
            isClosed = true
          }
        },
      },
      { clock: instantClock(), bytesPerSecond: null },
    )
    for await (const chunk of remote.read(at('a'), 0, never)) if (chunk.length > 0) break
    expect(isClosed).toBe(true)
    expect(await namesOf(remote)).toEqual([])
  })

  it('spends the seconds that the limit asks for, both ways', async () => {
    const clock = instantClock()
    const remote = withThrottle(place(4), { clock, bytesPerSecond: 1_000 })
    const started = clock.monotonic()
    await remote.write(at('a'), sourceOf('x'.repeat(5_000)), 'create', never)
    expect(clock.monotonic() - started).toBe(5_000)
    await textOf(remote, 'a')
    expect(clock.monotonic() - started).toBe(10_000)
  })
})

describe('createGate', () => {
  it('admits in the order of coming and forgets who gave up', async () => {
    const gate = createGate(1)
    expect(gate.enter(never)).toBeUndefined()
    const controller = new AbortController()
    const order: string[] = []
    const first = gate.enter(never)?.then(() => order.push('first'))
    const quitter = codeOf(gate.enter(controller.signal) ?? Promise.resolve())
    const last = gate.enter(never)?.then(() => order.push('last'))
    controller.abort()
    expect(await quitter).toBe('cancelled')
    gate.leave()
    await first
    gate.leave()
    await last
    gate.leave()
    expect(order).toEqual(['first', 'last'])
    expect(gate.enter(never)).toBeUndefined()
  })
})

describe('createMeter', () => {
  it('adds short waits up instead of setting a timer for each', async () => {
    const clock = instantClock()
    const meter = createMeter(clock, 1_000_000)
    for (let count = 0; count < 10; count += 1) await meter(1_000, never)
    expect(clock.waits.length).toBeLessThan(4)
    expect(clock.waits.every((wait) => wait >= 5)).toBe(true)
  })
})
