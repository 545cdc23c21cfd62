import type { ImportEntry } from '../../../main/model/import.ts'

export const importFilters = ['all', 'new', 'duplicate', 'left'] as const
export type ImportFilter = (typeof importFilters)[number]

export function canCome({ problem }: ImportEntry): boolean {
  return problem === null
}

export function isIn(filter: ImportFilter, entry: ImportEntry): boolean {
  if (filter === 'all') return true
  return filter === 'left' ? !canCome(entry) : entry.state === filter
}

/** What is ticked at first: all that is new. */
export function firstChoice(entries: readonly ImportEntry[]): ReadonlySet<number> {
  return new Set(entries.filter(({ state }) => state === 'new').map(({ number }) => number))
}

/** `user@host:port` as far as it is known. */
export function placeOf({ user, host, port }: ImportEntry): string {
  const server = host === null ? '' : `${host}${port === null ? '' : `:${port}`}`
  return [user, server].filter((part) => part !== null && part !== '').join('@')
}
