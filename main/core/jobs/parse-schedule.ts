import { Cron } from 'croner'
import type { Schedule } from '../../model/schedule.ts'

/** A map, not an object: what is typed may be called `__proto__`. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
])

const minutesPer = { m: 1, h: 60, d: 1440 } as const

/**
 * Reads a schedule as typed: `manual`, `every:N(m|h|d)` (1 minute to 366 days), `@hourly|@daily|@weekly`, or a five-field
 * cron expression. Null when it is none of these or can never be due.
 */
export function tryParseSchedule(text: string): Schedule | null {
  if (text === 'manual') return { kind: 'manual' }
  const every = /^every:([1-9]\d{0,6})([mhd])$/.exec(text)
  if (every !== null) {
    const minutes = Number(every[1]) * minutesPer[every[2] as keyof typeof minutesPer]
    return minutes <= 366 * 1440 ? { kind: 'interval', minutes } : null
  }
  const expression = aliases.get(text) ?? text
  if (expression.split(' ').length !== 5 || !/^[\d*/,\- A-Za-z]+$/.test(expression)) return null
  try {
    const cron = new Cron(expression, { mode: '5-part', timezone: 'UTC', paused: true })
    // 30 February parses but never comes; a job that can never start must be refused when it is typed.
    return cron.nextRun(new Date(0)) === null ? null : { kind: 'cron', expression }
  } catch {
    return null
  }
}

/** True for an IANA zone name that this runtime knows. */
export function isKnownZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
