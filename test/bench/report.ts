/** What a line has to reach: `at-most` or `at-least` this many of `unit`. */
export type Target = {
  readonly sense: 'at-most' | 'at-least'
  readonly limit: number
}

/** One row of the table. */
export type Row = {
  /** The line it belongs to, as `--only` takes it. */
  readonly line: string
  readonly work: string
  /** What it is compared with; null for a plain measurement. */
  readonly against: string | null
  /** Null for a row that is only printed beside. */
  readonly target: Target | null
  readonly value: number
  /** `x` = quotient of paired runs. */
  readonly unit: 'x' | 'ms' | 'MB'
  /** Absolute medians and whatever else explains the value. */
  readonly detail: string
}

export type Verdict = 'pass' | 'MISSED' | ''

/** Empty for a row without a target. */
export function verdictOf({ target, value }: Row): Verdict {
  if (target === null) return ''
  const isReached = target.sense === 'at-most' ? value <= target.limit : value >= target.limit
  return isReached ? 'pass' : 'MISSED'
}

const signs = { 'at-most': '<=', 'at-least': '>=' } as const

function withUnit(value: number, unit: Row['unit']): string {
  if (unit === 'x') return `${value < 10 ? value.toFixed(2) : value.toFixed(1)}x`
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
}

/** The table for a terminal and a README, one string per row, the head first. */
export function tableOf(rows: readonly Row[], isJudged: boolean): readonly string[] {
  const head = ['work', 'against', 'to reach', 'measured', '', 'medians']
  const cells = rows.map((row) => [
    row.work,
    row.against ?? '-',
    row.target === null ? '-' : `${signs[row.target.sense]} ${withUnit(row.target.limit, row.unit)}`,
    withUnit(row.value, row.unit),
    isJudged ? verdictOf(row) : '',
    row.detail,
  ])
  const all = [head, ...cells]
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)))
  const format = (line: readonly string[]): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [format(head), rule, ...cells.map(format)]
}

/** The rows that have a target and do not reach it. */
export function missedOf(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => verdictOf(row) === 'MISSED')
}

/** `0.98 s` or `12 ms`. */
export function duration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`
}
