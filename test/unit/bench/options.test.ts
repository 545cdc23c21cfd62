import { describe, expect, it } from 'vitest'
import { readOptions } from '../../bench/options.ts'

describe('readOptions', () => {
  it('measures all of the table in five rounds unless told otherwise', () => {
    expect(readOptions([], ['small'])).toMatchObject({
      only: [],
      json: null,
      scale: { isQuick: false, rounds: 5, smallFiles: 10_000, bigBytes: 2 ** 30, credentials: 10_000 },
    })
  })

  it('takes several lines', () => {
    expect(readOptions(['--only', 'a', '--only', 'b'], ['a', 'b', 'c']).only).toEqual(['a', 'b'])
  })

  it('refuses a line that does not exist and names those that do', () => {
    expect(() => readOptions(['--only', 'x'], ['a', 'b'])).toThrow(/x.*a, b/)
  })

  it.each(['0', '1.5', 'many', '100'])('refuses %s rounds', (rounds) => {
    expect(() => readOptions(['--rounds', rounds], [])).toThrow(RangeError)
  })
})
