import { describe, expect, it } from 'vitest'
import { sleep } from '../../../main/core/ports/clock.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'

describe('createFakeClock', () => {
  it('stands still until it is advanced', async () => {
    const clock = createFakeClock(1000)
    expect([clock.now(), clock.monotonic()]).toEqual([1000, 0])
    await clock.advance(5)
    expect([clock.now(), clock.monotonic()]).toEqual([1005, 5])
  })

  it('runs timers in order of time, each at its own time', async () => {
    const clock = createFakeClock()
    const seen: string[] = []
    clock.setTimer(20, () => seen.push(`b at ${clock.monotonic()}`))
    clock.setTimer(10, () => seen.push(`a at ${clock.monotonic()}`))
    clock.setTimer(31, () => seen.push('too late'))
    await clock.advance(30)
    expect(seen).toEqual(['a at 10', 'b at 20'])
    expect(clock.pending).toBe(1)
  })

  it('runs timers that a timer or a promise sets within the time', async () => {
    const clock = createFakeClock()
    const seen: number[] = []
    const loop = async (): Promise<void> => {
      for (;;) {
        await sleep(clock, 10, new AbortController().signal)
        seen.push(clock.monotonic())
      }
    }
    void loop()
    await clock.advance(35)
    expect(seen).toEqual([10, 20, 30])
  })

  it('does not run a cancelled timer, and cancelling twice is fine', async () => {
    const clock = createFakeClock()
    let ran = false
    const cancel = clock.setTimer(10, () => {
      ran = true
    })
    cancel()
    cancel()
    await clock.advance(20)
    expect(ran).toBe(false)
  })

  it('moves the wall clock without the monotonic one', async () => {
    const clock = createFakeClock(1000)
    clock.setWallClock(50)
    await clock.advance(5)
    expect([clock.now(), clock.monotonic()]).toEqual([55, 5])
  })
})
