import { describe, expect, it } from 'vitest'
import type { RunProgress } from '../../../main/model/run.ts'
import { createProgressThrottle } from '../../../main/services/progress-throttle.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'

const progress = (run: string, filesDone: number): RunProgress => ({
  run,
  job: 'job',
  phase: 'transferring',
  filesDone,
  filesTotal: null,
  bytesDone: 0,
  bytesTotal: null,
  current: null,
  failed: 0,
})

describe('createProgressThrottle', () => {
  it('passes the first at once, then at most five a second, the last one always', async () => {
    const clock = createFakeClock()
    const emitted: number[] = []
    const push = createProgressThrottle<RunProgress>(clock, ({ filesDone }) => emitted.push(filesDone))
    for (let at = 0; at <= 100; at += 1) {
      push(progress('a', at))
      await clock.advance(10)
    }
    await clock.advance(1_000)
    expect(emitted[0]).toBe(0)
    expect(emitted.at(-1)).toBe(100)
    expect(emitted.length).toBeLessThanOrEqual(7)
    expect(clock.pending).toBe(0)
  })

  it('counts each run for itself', async () => {
    const clock = createFakeClock()
    const emitted: string[] = []
    const push = createProgressThrottle(clock, ({ run }) => emitted.push(run))
    push(progress('a', 1))
    push(progress('b', 1))
    expect(emitted).toEqual(['a', 'b'])
    await clock.advance(500)
    push(progress('a', 2))
    expect(emitted).toEqual(['a', 'b', 'a'])
  })
})
