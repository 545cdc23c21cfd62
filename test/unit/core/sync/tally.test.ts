import { describe, expect, it } from 'vitest'
import { remoteErrorTable } from '../../../../main/model/error-codes.ts'
import { createTally } from '../../../../main/core/sync/tally.ts'

describe('createTally', () => {
  it('is done without problems', () => {
    const tally = createTally()
    tally.add('copied')
    tally.bytes(3)
    expect(tally.result(null)).toMatchObject({ state: 'done', reason: null, copied: 1, bytes: 3, failed: 0 })
  })

  it('is partial with the reason that decides the exit code', () => {
    const tally = createTally()
    for (const code of ['stale-item', 'timeout', 'permission-denied'] as const)
      tally.problem({ path: 'a', code })
    expect(tally.result(null)).toMatchObject({ state: 'partial', reason: 'timeout', failed: 3 })
  })

  it('takes the state and reason of what ended the run', () => {
    const tally = createTally()
    tally.problem({ path: 'a', code: 'timeout' })
    expect(tally.result({ state: 'cancelled', reason: 'cancelled' })).toMatchObject({
      state: 'cancelled',
      reason: 'cancelled',
      failed: 1,
    })
  })

  it('has a sentence of its own for every code that a file can end with', () => {
    const tally = createTally()
    const codes = Object.entries(remoteErrorTable).flatMap(([code, { reaction }]) =>
      reaction === 'stop' || code === 'unreachable' ? [] : [code as keyof typeof remoteErrorTable],
    )
    for (const code of codes) tally.problem({ path: code, code })
    const general = tally.result(null).errors.filter(({ message }) => message === 'It could not be done.')
    expect(general).toEqual([])
  })
})
