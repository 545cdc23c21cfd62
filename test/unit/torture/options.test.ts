import { describe, expect, it } from 'vitest'
import { readOptions } from '../../torture/options.ts'

const read = (...args: string[]) => readOptions(args, [1, 2, 4], 77)

describe('readOptions', () => {
  it('runs everything in full from a fresh seed unless told otherwise', () => {
    expect(read()).toEqual({ only: [], scale: 1, seed: 77, hours: 1, json: null, form: 'full' })
  })

  it('takes some proofs, a part of the amounts and the seed of an earlier run', () => {
    expect(
      read('--only', '1,4', '--scale', '0.1', '--seed', '5', '--hours', '0.5', '--json', 'f', '--short'),
    ).toEqual({
      only: [1, 4],
      scale: 0.1,
      seed: 5,
      hours: 0.5,
      json: 'f',
      form: 'short',
    })
  })

  it.each([
    ['--only', '3'],
    ['--only', 'x'],
    ['--scale', '0'],
    ['--scale', 'much'],
    ['--hours', '-1'],
    ['--seed', '1.5'],
    ['--seed', 'x'],
    ['--fast', '1'],
  ])('refuses %s %s', (option, value) => {
    expect(() => read(option, value)).toThrow(/--/)
  })
})
