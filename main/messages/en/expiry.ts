const DAY_MS = 24 * 60 * 60 * 1000

/** Days before the end at which people are told. */
export const expiryNoticeDays = 14

/** Whole days from today (in this device's zone) to a calendar date; negative = past. */
export function daysUntil(date: string, now: number): number {
  const today = new Date(now)
  const todayUtc = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate())
  return Math.round((Date.parse(`${date}T00:00:00.000Z`) - todayUtc) / DAY_MS)
}

/** How near the end of a credential is. */
export function expiryTone(days: number): 'over' | 'soon' | 'later' {
  if (days <= 0) return 'over'
  return days <= expiryNoticeDays ? 'soon' : 'later'
}

/** `Expires in 12 days`. */
export function expiryWords(days: number): string {
  if (days === 0) return 'Expires today'
  if (days === 1) return 'Expires tomorrow'
  if (days > 1) return `Expires in ${days} days`
  return days === -1 ? 'Expired yesterday' : `Expired ${-days} days ago`
}

/** What to do about it. */
export const expiryCure = 'Get a new password or key and store it here.'
