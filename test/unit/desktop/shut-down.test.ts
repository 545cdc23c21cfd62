import { describe, expect, it } from 'vitest'
import { shutDown } from '../../../main/desktop/shut-down.ts'
import type { ShutDownSteps } from '../../../main/desktop/shut-down.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import type { FakeClock } from '../../helpers/fake-clock.ts'

type Bench = { readonly clock: FakeClock; readonly done: string[]; readonly steps: ShutDownSteps }

function bench(work: ShutDownSteps['work']): Bench {
  const done: string[] = []
  const note = (name: string) => () => void done.push(name)
  return {
    clock: createFakeClock(),
    done,
    steps: {
      first: [note('scheduler'), note('windows')],
      work,
      last: [note('killAll'), note('close')],
    },
  }
}

const never = (): Promise<never> => new Promise(() => {})
const all = ['scheduler', 'windows', 'killAll', 'close']
const fail = (): never => {
  throw new Error('gone')
}

describe('shutDown', () => {
  it('gives work that does not end 20 seconds, then ends what is left', async () => {
    const { clock, done, steps } = bench([never, () => Promise.resolve()])
    const ending = shutDown(clock, steps)
    await clock.advance(19_999)
    expect(done).toEqual(['scheduler', 'windows'])
    await clock.advance(1)
    expect(done).toEqual(all)
    await ending
  })

  it('waits no longer than the work takes, and leaves no timer behind', async () => {
    const work = Promise.withResolvers<void>()
    const { clock, done, steps } = bench([() => work.promise])
    const ending = shutDown(clock, steps)
    await clock.advance(5_000)
    expect(done).toEqual(['scheduler', 'windows'])
    work.resolve()
    await ending
    expect([done, clock.pending]).toEqual([all, 0])
  })

  it.for([
    ['work that fails', [() => Promise.reject(new Error('gone'))]],
    ['work that does not even begin', [fail]],
  ] as const)('ends what is left after %s', async ([, work]) => {
    let isOtherDone = false
    const other = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve))
      isOtherDone = true
    }
    const { clock, done, steps } = bench([...work, other])
    await shutDown(clock, steps)
    expect([done, isOtherDone]).toEqual([all, true])
  })

  it('takes every step although others throw', async () => {
    const { clock, done, steps } = bench([])
    const { first, last } = steps
    await shutDown(clock, { ...steps, first: [fail, ...first], last: [fail, ...last] })
    expect(done).toEqual(all)
  })
})
