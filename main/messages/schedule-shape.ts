/**
 * A schedule as people choose it. Everything that has no simpler shape is `cron` with its text unchanged, so that
 * reading and writing a schedule never changes when a job runs. Days are cron days: 0 = Sunday.
 */
export type ScheduleShape =
  | { readonly kind: 'manual' }
  | { readonly kind: 'every'; readonly count: number; readonly unit: 'm' | 'h' | 'd' }
  | { readonly kind: 'daily'; readonly hour: number; readonly minute: number }
  | {
      readonly kind: 'weekly'
      readonly days: readonly number[]
      readonly hour: number
      readonly minute: number
    }
  | { readonly kind: 'cron'; readonly expression: string }

const aliases: Readonly<Record<string, ScheduleShape>> = {
  manual: { kind: 'manual' },
  '@daily': { kind: 'daily', hour: 0, minute: 0 },
  '@weekly': { kind: 'weekly', days: [0], hour: 0, minute: 0 },
}

const units: readonly string[] = ['m', 'h', 'd']

function isUnit(text: string | undefined): text is 'm' | 'h' | 'd' {
  return text !== undefined && units.includes(text)
}

/** Reads a stored schedule. Never fails: what is not understood is `cron`, and whoever keeps schedules judges it. */
export function scheduleShape(text: string): ScheduleShape {
  const alias = aliases[text]
  if (alias !== undefined) return alias
  const every = /^every:([1-9]\d{0,6})([mhd])$/.exec(text)
  if (every !== null && isUnit(every[2])) return { kind: 'every', count: Number(every[1]), unit: every[2] }
  const clock = /^(\d{1,2}) (\d{1,2}) \* \* (\*|[0-7](?:[-,][0-7])*)$/.exec(text)
  if (clock === null) return { kind: 'cron', expression: text }
  const minute = Number(clock[1])
  const hour = Number(clock[2])
  if (minute > 59 || hour > 23) return { kind: 'cron', expression: text }
  if (clock[3] === '*') return { kind: 'daily', hour, minute }
  const days = cronDays(clock[3] ?? '')
  return days === null ? { kind: 'cron', expression: text } : { kind: 'weekly', days, hour, minute }
}

/** Writes a schedule as it is stored. The days of a week are sorted; a week without a day is Sunday. */
export function scheduleText(shape: ScheduleShape): string {
  switch (shape.kind) {
    case 'manual':
      return 'manual'
    case 'every':
      return `every:${shape.count}${shape.unit}`
    case 'daily':
      return `${shape.minute} ${shape.hour} * * *`
    case 'weekly': {
      const days = shape.days.length === 0 ? [0] : sortedDays(shape.days)
      return `${shape.minute} ${shape.hour} * * ${days.join(',')}`
    }
    case 'cron':
      return shape.expression
  }
}

function sortedDays(days: readonly number[]): number[] {
  return [...new Set(days.map((day) => day % 7))].sort((a, b) => a - b)
}

/** `1-5,0` -> 0..5; null for what only cron itself may judge, such as a range that runs backwards. */
function cronDays(text: string): number[] | null {
  const days: number[] = []
  for (const part of text.split(',')) {
    const [first, last, more] = part.split('-').map(Number)
    if (first === undefined || more !== undefined) return null
    const end = last ?? first
    if (end < first) return null
    for (let day = first; day <= end; day += 1) days.push(day)
  }
  return sortedDays(days)
}
