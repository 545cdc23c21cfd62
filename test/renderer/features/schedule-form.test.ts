import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scheduleShape } from '../../../main/messages/schedule-shape.ts'
import { formOf, textOf } from '../../../renderer/features/jobs/schedule-form.ts'

const stored = fc.oneof(
  fc.constantFrom('manual', '@daily', '@weekly', '@hourly', '*/5 * * * *', '0 4 1 * *'),
  fc
    .tuple(fc.integer({ min: 1, max: 9999 }), fc.constantFrom('m', 'h', 'd'))
    .map(([n, unit]) => `every:${n}${unit}`),
  fc
    .tuple(
      fc.integer({ min: 0, max: 59 }),
      fc.integer({ min: 0, max: 23 }),
      fc.constantFrom('*', '0', '1,3', '1-5'),
    )
    .map(([minute, hour, day]) => `${minute} ${hour} * * ${day}`),
)

describe('formOf and textOf', () => {
  it('show and write back a stored schedule without changing when it runs', () => {
    fc.assert(
      fc.property(stored, (text) => {
        expect(scheduleShape(textOf(formOf(text)) ?? '')).toEqual(scheduleShape(text))
      }),
    )
  })

  it.each([
    ['an interval of nothing', { kind: 'every', count: '0' }],
    ['an interval that is no number', { kind: 'every', count: '1.5' }],
    ['a day without a time', { kind: 'daily', time: '' }],
    ['a week without a day', { kind: 'weekly', days: [] as number[] }],
    ['an empty rule', { kind: 'cron', cron: '  ' }],
  ] as const)('have no schedule for %s', (_name, change) => {
    expect(textOf({ ...formOf('manual'), ...change, days: [] })).toBeNull()
  })
})
