const byteUnits = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** Bytes in decimal units with three digits at most: `48.3 MB`. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${byteUnits[unit] ?? ''}`
}

/** A length of time as people say it: `9 s`, `4 min`, `2 h 10 min`. */
export function durationText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const rest = minutes % 60
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}

const numbers = new Intl.NumberFormat('en-GB')

/** A number with a separator of thousands. */
export function numberText(value: number): string {
  return numbers.format(value)
}

/** `1 file`, `1,204 files`. */
export function countText(count: number, one: string, many: string): string {
  return `${numberText(count)} ${count === 1 ? one : many}`
}

const days = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })
const dayKeys = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' })

/** The local day of a moment as a key that sorts, `2026-11-23`. */
export function dayKey(moment: string | number): string {
  return dayKeys.format(new Date(moment))
}

/** A local day as a heading: `Today`, `Yesterday`, `Monday 16 November`. */
export function dayText(moment: string, now: number): string {
  if (dayKey(moment) === dayKey(now)) return 'Today'
  if (dayKey(moment) === dayKey(now - 86_400_000)) return 'Yesterday'
  return days.format(new Date(moment))
}

const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })

/** A local day for paper: `30 November 2026`. */
export function dateText(moment: number): string {
  return dates.format(new Date(moment))
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** The local time of day of a moment, `14:05`. */
export function clockText(moment: string): string {
  return clock.format(new Date(moment))
}
