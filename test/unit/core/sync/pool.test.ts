import { describe, expect, it } from 'vitest'
import { runPool } from '../../../../main/core/sync/pool.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('runPool', () => {
  it('works on at most the given number at a time, in order, with what is added meanwhile', async () => {
    const started: number[] = []
    let active = 0
    let most = 0
    await runPool([1, 2, 3, 4, 5], 2, async (item, add) => {
      started.push(item)
      active += 1
      most = Math.max(most, active)
      if (item === 1) add(6)
      await turn()
      active -= 1
    })
    expect([started, most]).toEqual([[1, 2, 3, 4, 5, 6], 2])
  })

  it('ends at once without work', async () => {
    await expect(runPool([], 4, turn)).resolves.toBeUndefined()
  })

  it('starts nothing new after a failure and rejects with it once the others have ended', async () => {
    const log: string[] = []
    const failed = runPool([1, 2, 3, 4], 2, async (item) => {
      log.push(`start ${item}`)
      if (item === 1) throw new Error('first')
      await turn()
      log.push(`end ${item}`)
    })
    await expect(failed).rejects.toThrow('first')
    expect(log).toEqual(['start 1', 'start 2', 'end 2'])
  })

  it('resolves early when it is stopped', async () => {
    let done = 0
    await runPool(
      Array.from({ length: 100 }),
      1,
      async () => {
        await turn()
        done += 1
      },
      () => done >= 3,
    )
    expect(done).toBe(3)
  })

  it('works through more items than its queue keeps', async () => {
    let done = 0
    await runPool(Array.from({ length: 25_000 }), 8, () => {
      done += 1
      return Promise.resolve()
    })
    expect(done).toBe(25_000)
  })
})
