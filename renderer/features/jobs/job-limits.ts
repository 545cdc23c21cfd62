/** Filter rules as typed, one per line; empty lines are dropped, spaces are part of a rule. */
export function readFilters(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '')
}

/** A deletion limit as typed: empty = default (null), else a count or a share. Undefined when it is neither. */
export function readMaxDelete(text: string): string | null | undefined {
  const limit = text.replace(/\s/g, '')
  if (limit === '') return null
  return /^\d{1,9}%?$/.test(limit) ? limit : undefined
}
