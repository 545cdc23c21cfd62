import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tryParseSchedule } from '../../../main/core/jobs/parse-schedule.ts'
import { errorCodes } from '../../../main/model/error-codes.ts'
import { JobState } from '../../../main/model/job.ts'
import { scheduleShape, scheduleText, type ScheduleShape } from '../../../main/messages/schedule-shape.ts'
import { jobStatusLine, momentWords, scheduleWords, skipReason } from '../../../main/messages/en/words.ts'

const now = Date.parse('2026-11-23T14:05:00.000Z')
const time = { now, zone: 'UTC' }
const device = { id: 'd0000000000000000', label: 'Laptop', here: true }

const hour = fc.integer({ min: 0, max: 23 })
const minute = fc.integer({ min: 0, max: 59 })
const days = fc
  .uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 })
  .map((list) => list.sort((a, b) => a - b))
const shapes: fc.Arbitrary<ScheduleShape> = fc.oneof(
  fc.constant<ScheduleShape>({ kind: 'manual' }),
  fc.record({
    kind: fc.constant('every' as const),
    count: fc.integer({ min: 1, max: 366 }),
    unit: fc.constantFrom('m', 'h', 'd'),
  }),
  fc.record({ kind: fc.constant('daily' as const), hour, minute }),
  fc.record({ kind: fc.constant('weekly' as const), days, hour, minute }),
)

describe('scheduleShape', () => {
  it('reads back every shape that scheduleText writes', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        expect(scheduleShape(scheduleText(shape))).toEqual(shape)
      }),
    )
  })

  it('writes only schedules that the scheduler accepts', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        expect(tryParseSchedule(scheduleText(shape))).not.toBeNull()
      }),
    )
  })

  it('keeps any other text as a rule, unchanged', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const shape = scheduleShape(text)
        if (shape.kind === 'cron') expect(scheduleText(shape)).toBe(text)
      }),
    )
  })

  it.each([
    ['@daily', { kind: 'daily', hour: 0, minute: 0 }],
    ['0 9 * * 1-5', { kind: 'weekly', days: [1, 2, 3, 4, 5], hour: 9, minute: 0 }],
    ['0 9 * * 7', { kind: 'weekly', days: [0], hour: 9, minute: 0 }],
    ['0 9 * * 5-1', { kind: 'cron', expression: '0 9 * * 5-1' }],
    ['0 24 * * *', { kind: 'cron', expression: '0 24 * * *' }],
    ['0 9 1 * *', { kind: 'cron', expression: '0 9 1 * *' }],
  ])('reads %s', (text, shape) => {
    expect(scheduleShape(text)).toEqual(shape)
  })
})

describe('scheduleWords', () => {
  it.each([
    ['manual', 'Only when I start it'],
    ['every:1h', 'Every hour'],
    ['every:15m', 'Every 15 minutes'],
    ['5 2 * * *', 'Every day at 02:05'],
    ['@hourly', 'Every hour, on the hour'],
    ['0 9 * * 1-5', 'Monday to Friday at 09:00'],
    ['0 9 * * 0,6', 'Saturday and Sunday at 09:00'],
    ['0 9 * * 3', 'Every Wednesday at 09:00'],
    ['0 9 * * 1,3', 'Mon, Wed at 09:00'],
    ['*/5 * * * *', 'By rule */5 * * * *'],
  ])('says %s as "%s"', (text, words) => {
    expect(scheduleWords(text)).toBe(words)
  })
})

describe('momentWords', () => {
  it.each([
    ['2026-11-23T09:12:00.000Z', '09:12'],
    ['2026-11-22T18:00:00.000Z', 'yesterday 18:00'],
    ['2026-11-24T02:30:00.000Z', 'tomorrow 02:30'],
    ['2026-05-03T14:05:00.000Z', '3 May, 14:05'],
    ['2025-05-03T14:05:00.000Z', '3 May 2025'],
  ])('says %s as "%s"', (iso, words) => {
    expect(momentWords(iso, time)).toBe(words)
  })

  it('counts days in the zone it is given', () => {
    expect(momentWords('2026-11-22T23:30:00.000Z', { now, zone: 'Europe/Berlin' })).toBe('00:30')
  })
})

describe('jobStatusLine', () => {
  const since = '2026-11-22T18:00:00.000Z'

  it('says what, since when and one action for a job that needs sign-in', () => {
    const view = { state: 'attention', reason: 'auth-failed', since, lastRun: null, device } as const
    expect(jobStatusLine(view, time)).toEqual({
      tone: 'problem',
      what: 'Needs sign-in',
      since: 'yesterday 18:00',
      action: 'edit-server',
      text: 'Needs sign-in since yesterday 18:00',
    })
  })

  it.each([
    ['guard-stopped', 'review-plan'],
    ['untrusted-server', 'check-identity'],
    ['root-missing', 'edit-job'],
    ['permission-denied', 'show-history'],
    ['invalid-name', 'show-history'],
  ] as const)('offers a way out of %s', (reason, action) => {
    const view = { state: 'attention', reason, since, lastRun: null, device } as const
    expect(jobStatusLine(view, time).action).toBe(action)
  })

  it('has words without a full stop and an action for every error code that can stop a job', () => {
    for (const state of ['attention', 'waiting'] as const) {
      for (const reason of errorCodes) {
        const line = jobStatusLine({ state, reason, since, lastRun: null, device }, time)
        expect(line.what).toMatch(/[^.]$/)
        expect(line.action).not.toBeNull()
        expect(line.text).toContain('since yesterday 18:00')
      }
    }
  })

  it('has words for every state, even for a reason of a newer version', () => {
    for (const state of JobState.options) {
      const line = jobStatusLine({ state, reason: 'not-known-yet', since: null, lastRun: null, device }, time)
      expect(line.text.length).toBeGreaterThan(3)
    }
  })
})

describe('skipReason', () => {
  it('has a sentence for reasons of the scheduler and for error codes', () => {
    expect(skipReason('offline')).toBe('There was no network.')
    expect(skipReason('locked')).toBe('The vault is locked.')
  })
})
