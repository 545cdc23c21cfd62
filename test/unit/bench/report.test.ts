import { describe, expect, it } from 'vitest'
import { missedOf, tableOf, verdictOf, type Row } from '../../bench/report.ts'

const row = (changes: Partial<Row>): Row => ({
  line: 'small',
  work: 'push',
  against: 'rclone',
  target: { sense: 'at-most', limit: 0.5 },
  value: 0.4,
  unit: 'x',
  detail: '1 s against 2 s',
  ...changes,
})

describe('verdictOf', () => {
  it('passes a value that is exactly the limit, in both senses', () => {
    expect(verdictOf(row({ value: 0.5 }))).toBe('pass')
    expect(verdictOf(row({ value: 8, target: { sense: 'at-least', limit: 8 } }))).toBe('pass')
  })

  it('calls the other side of the limit missed', () => {
    expect(verdictOf(row({ value: 0.51 }))).toBe('MISSED')
    expect(verdictOf(row({ value: 7.9, target: { sense: 'at-least', limit: 8 } }))).toBe('MISSED')
  })

  it('calls a value that is no number missed', () => {
    expect(verdictOf(row({ value: Number.NaN }))).toBe('MISSED')
  })

  it('says nothing about a row without a target', () => {
    expect(verdictOf(row({ target: null, value: 99 }))).toBe('')
  })
})

describe('missedOf', () => {
  it('finds only the rows that miss their target', () => {
    const bad = row({ value: 3 })
    expect(missedOf([row({}), bad, row({ target: null, value: 9 })])).toEqual([bad])
  })
})

describe('tableOf', () => {
  it('shows target, value and verdict of each row', () => {
    const [, , first, second] = tableOf([row({}), row({ value: 3, unit: 'MB', against: null })], true)
    expect(first).toMatch(/push +\| rclone +\| <= 0\.50x +\| 0\.40x +\| pass/)
    expect(second).toMatch(/- +\| <= 0\.5 MB +\| 3\.0 MB +\| MISSED/)
  })

  it('judges nothing when told so', () => {
    expect(tableOf([row({ value: 3 })], false).join('\n')).not.toContain('MISSED')
  })
})
