import { describe, expect, it } from 'vitest'
import { inRounds, median, pairedDifference, pairedRatio } from '../../bench/rounds.ts'

describe('median', () => {
  it('is the middle of an odd number of values and the mean of the middle two of an even number', () => {
    expect(median([9, 1, 4])).toBe(4)
    expect(median([8, 1, 4, 2])).toBe(3)
  })

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('inRounds', () => {
  it('measures everybody once per round, in reversed order every other round', async () => {
    const order: string[] = []
    const contestant = (name: string) => ({
      name,
      measure: () => Promise.resolve(order.push(name)),
    })
    const samples = await inRounds([contestant('a'), contestant('b')], 3)
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b'])
    expect(samples.get('a')).toEqual([1, 4, 5])
    expect(samples.get('b')).toEqual([2, 3, 6])
  })
})

describe('pairedRatio', () => {
  it('divides round by round before it takes the middle', () => {
    expect(pairedRatio([1, 10, 3], [2, 5, 3])).toBe(1)
  })
})

describe('pairedDifference', () => {
  it('subtracts round by round before it takes the middle', () => {
    expect(pairedDifference([5, 100, 7], [1, 2, 4])).toBe(4)
  })
})
