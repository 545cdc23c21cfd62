import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lastDue, nextRun, startJitterMs, upcomingRuns } from '../../../../main/core/jobs/next-run.ts'
import { isKnownZone, tryParseSchedule } from '../../../../main/core/jobs/parse-schedule.ts'
import type { Schedule } from '../../../../main/model/schedule.ts'

function schedule(text: string): Schedule {
  const parsed = tryParseSchedule(text)
  if (parsed === null) throw new Error(`not a schedule: ${text}`)
  return parsed
}

const at = (iso: string): number => Date.parse(iso)
const berlin = 'Europe/Berlin'

describe('tryParseSchedule', () => {
  it.each([
    ['manual', { kind: 'manual' }],
    ['every:1m', { kind: 'interval', minutes: 1 }],
    ['every:2h', { kind: 'interval', minutes: 120 }],
    ['every:7d', { kind: 'interval', minutes: 10_080 }],
    ['@hourly', { kind: 'cron', expression: '0 * * * *' }],
    ['@daily', { kind: 'cron', expression: '0 0 * * *' }],
    ['@weekly', { kind: 'cron', expression: '0 0 * * 0' }],
    ['30 2 * * 1-5', { kind: 'cron', expression: '30 2 * * 1-5' }],
    ['0 9 * JAN MON', { kind: 'cron', expression: '0 9 * JAN MON' }],
  ])('reads %s', (text, expected) => {
    expect(tryParseSchedule(text)).toEqual(expected)
  })

  it.each([
    '',
    'every:0m',
    'every:30s',
    'every:367d',
    'every:1.5h',
    '@yearly',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '0 25 * * *',
    '0 0 30 2 *',
    '0 0 * * *;rm',
    'MANUAL',
    ' manual',
  ])('refuses %j', (text) => {
    expect(tryParseSchedule(text)).toBeNull()
  })

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const parsed = tryParseSchedule(text)
        expect(parsed === null || typeof parsed.kind === 'string').toBe(true)
      }),
    )
  })
})

describe('isKnownZone', () => {
  it('knows IANA names and refuses others', () => {
    expect([
      isKnownZone('Europe/Berlin'),
      isKnownZone('UTC'),
      isKnownZone('Mars/Base'),
      isKnownZone(''),
    ]).toEqual([true, true, false, false])
  })
})

describe('nextRun', () => {
  it.each([
    ['a daily time before it has come', '0 3 * * *', '2026-06-01T00:00:00Z', '2026-06-01T01:00:00Z'],
    ['a daily time that has just been', '0 3 * * *', '2026-06-01T01:00:00Z', '2026-06-02T01:00:00Z'],
    [
      '02:30 on the day it is skipped runs right after the gap',
      '30 2 * * *',
      '2026-03-28T12:00:00Z',
      '2026-03-29T01:00:00Z',
    ],
    ['the day after the gap is regular again', '30 2 * * *', '2026-03-29T01:30:00Z', '2026-03-30T00:30:00Z'],
    [
      '02:30 on the day it comes twice runs at the first',
      '30 2 * * *',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:30:00Z',
    ],
    ['and not a second time', '30 2 * * *', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
    ['a weekday across the year', '0 9 * * MON', '2026-12-29T00:00:00Z', '2027-01-04T08:00:00Z'],
    ['29 February waits for a leap year', '0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-28T23:00:00Z'],
    ['an interval counts from its anchor', 'every:90m', '2026-01-01T00:00:00Z', '2026-01-01T01:30:00Z'],
  ])('%s', (_what, text, previous, expected) => {
    const next = nextRun(schedule(text), at(previous), berlin)
    expect(next === null ? null : new Date(next).toISOString()).toBe(new Date(at(expected)).toISOString())
  })

  it('is null for a manual job', () => {
    expect(nextRun(schedule('manual'), 0, berlin)).toBeNull()
  })

  it('always moves forward, in every zone and over both edges of daylight saving', () => {
    const zones = fc.constantFrom('UTC', berlin, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu')
    const texts = fc.constantFrom('*/7 * * * *', '30 2 * * *', '0 0 * * 0', '59 23 31 12 *', 'every:13m')
    const times = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') })
    fc.assert(
      fc.property(zones, texts, times, (zone, text, time) => {
        const next = nextRun(schedule(text), time, zone)
        expect(next).not.toBeNull()
        expect(next ?? 0).toBeGreaterThan(time)
      }),
      { numRuns: 300 },
    )
  })

  it('runs a daily job 365 times in a virtual year, once per local day', () => {
    const runs = upcomingRuns(schedule('30 2 * * *'), at('2026-01-01T00:00:00Z'), berlin, 365)
    const days = new Set(runs.map((time) => new Date(time).toLocaleDateString('sv', { timeZone: berlin })))
    expect([runs.length, days.size]).toEqual([365, 365])
  })
})

describe('lastDue', () => {
  it('is null while nothing is due', () => {
    expect(
      lastDue(schedule('0 3 * * *'), at('2026-06-01T01:00:00Z'), at('2026-06-01T12:00:00Z'), berlin),
    ).toBeNull()
  })

  it('counts a week of missed nights as one', () => {
    const due = lastDue(schedule('0 3 * * *'), at('2026-06-01T01:00:00Z'), at('2026-06-08T12:00:00Z'), berlin)
    expect(due).toBe(at('2026-06-08T01:00:00Z'))
  })

  it('counts missed intervals as one and keeps their rhythm', () => {
    const due = lastDue(schedule('every:10m'), at('2026-06-01T00:00:00Z'), at('2026-06-01T01:05:00Z'), berlin)
    expect(due).toBe(at('2026-06-01T01:00:00Z'))
  })

  it('includes the very instant', () => {
    const due = lastDue(schedule('every:10m'), at('2026-06-01T00:00:00Z'), at('2026-06-01T00:10:00Z'), berlin)
    expect(due).toBe(at('2026-06-01T00:10:00Z'))
  })

  it('lies between the anchor and now', () => {
    const texts = fc.constantFrom('*/5 * * * *', '@hourly', '@daily', 'every:7m')
    const anchors = fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2026-12-31T00:00:00Z') })
    fc.assert(
      fc.property(texts, anchors, fc.integer({ min: 0, max: 20 * 86_400_000 }), (text, anchor, span) => {
        const due = lastDue(schedule(text), anchor, anchor + span, berlin)
        if (due === null) return
        expect(due).toBeGreaterThan(anchor)
        expect(due).toBeLessThanOrEqual(anchor + span)
      }),
    )
  })
})

describe('startJitterMs', () => {
  it('is fixed per job and within its span', () => {
    const ids = ['a', 'b', '6f1c2d3e-0000-4000-8000-000000000001']
    for (const id of ids) {
      expect(startJitterMs(id, 5_000)).toBe(startJitterMs(id, 5_000))
      expect(startJitterMs(id, 5_000)).toBeLessThanOrEqual(5_000)
    }
    expect(startJitterMs('a', 0)).toBe(0)
  })
})
