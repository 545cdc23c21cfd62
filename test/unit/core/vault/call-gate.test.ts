import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCallGate } from '../../../../main/core/vault/call-gate.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('createCallGate', () => {
  it('lets calls run side by side', async () => {
    const gate = createCallGate()
    const order: string[] = []
    const slow = gate.beside(async () => {
      await turn()
      order.push('slow')
    })
    await gate.beside(() => Promise.resolve(order.push('quick')))
    await slow
    expect(order).toEqual(['quick', 'slow'])
  })

  it('passes errors on and goes on after them', async () => {
    const gate = createCallGate()
    const failing = (): Promise<never> => Promise.reject(new Error('refused'))
    await expect(gate.beside(failing)).rejects.toThrow('refused')
    await expect(gate.alone(failing)).rejects.toThrow('refused')
    expect(await gate.beside(() => Promise.resolve(1))).toBe(1)
  })

  it('runs nothing beside a call that is alone, and everything in the end, in whatever order they come', async () => {
    const call = fc.record({ alone: fc.boolean(), turns: fc.nat(3), wait: fc.nat(2), fails: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
        const gate = createCallGate()
        let beside = 0
        let alone = 0
        let done = 0
        const started: number[] = []
        const results: Promise<unknown>[] = []
        for (const [index, { alone: isAlone, turns, wait, fails }] of calls.entries()) {
          const work = async (): Promise<void> => {
            started.push(index)
            if (isAlone) alone += 1
            else beside += 1
            expect(alone === 0 || (alone === 1 && beside === 0)).toBe(true)
            for (let n = 0; n < turns; n += 1) await turn()
            if (isAlone) alone -= 1
            else beside -= 1
            done += 1
            if (fails) throw new Error('told to fail')
          }
          results.push((isAlone ? gate.alone(work) : gate.beside(work)).catch(() => null))
          for (let n = 0; n < wait; n += 1) await turn()
        }
        await Promise.all(results)
        expect(done).toBe(calls.length)
        // Whoever has to be alone starts after all that came before, and before all that came after.
        for (const [index, { alone: isAlone }] of calls.entries()) {
          if (isAlone) expect(started.indexOf(index)).toBe(index)
        }
      }),
    )
  })
})
