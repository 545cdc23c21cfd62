import { MAX_IMPORT_ITEMS } from './import-budget.ts'
import type { ImportBudget } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'
import { lineAt } from './import-text.ts'

/** One record after the header: the value of each column by its lower-case name. */
export type CsvRecord = { readonly values: ReadonlyMap<string, string> }

export const MAX_COLUMNS = 100
const LONGEST_HEADER = 10_000
const separators = [',', ';', '\t'] as const

/**
 * Reads a table (RFC 4180) whose first line names the columns; `;` or tab may stand for the comma, as spreadsheets of some
 * countries write it. Column names count without case, spaces, `-` and `_`. Records may be shorter than the header, not longer.
 * Throws AppError('import-unreadable').
 */
export function readCsvTable(text: string, budget: ImportBudget): readonly CsvRecord[] {
  const rows = splitRows(text, separatorOf(text), budget)
  const [header, ...records] = rows
  if (header === undefined) throw refusedFile('it is empty')
  const columns = header.cells.map(columnKey)
  const named = columns.filter((column) => column !== '')
  if (new Set(named).size !== named.length)
    throw refusedFile('two columns have one name', lineAt(text, header.start))
  return records.map(({ cells, start }) => {
    if (cells.length > columns.length)
      throw refusedFile('a record has more values than there are columns', lineAt(text, start))
    return { values: new Map(cells.map((cell, at) => [columns[at] ?? '', cell])) }
  })
}

/** Column names as they are compared. */
export function columnKey(name: string): string {
  return name
    .slice(0, 100)
    .replace(/[\s_-]/g, '')
    .toLowerCase()
}

/** The separator that the header has most of. */
function separatorOf(text: string): string {
  const end = text.search(/[\r\n]/)
  const header = text.slice(0, Math.min(end === -1 ? text.length : end, LONGEST_HEADER))
  const count = (separator: string): number => header.split(separator).length
  return separators.reduce((best, next) => (count(next) > count(best) ? next : best))
}

type Row = { readonly cells: readonly string[]; readonly start: number }

function splitRows(text: string, separator: string, budget: ImportBudget): readonly Row[] {
  const rows: Row[] = []
  let cells: string[] = []
  let at = 0
  let start = 0
  const endRow = (): void => {
    // A line with nothing on it is no record.
    if (cells.length > 1 || (cells[0] ?? '') !== '') rows.push({ cells, start })
    if (rows.length > MAX_IMPORT_ITEMS + 1) throw refusedFile(`more than ${MAX_IMPORT_ITEMS} entries`)
    cells = []
    start = at
  }
  while (at < text.length) {
    budget.step()
    const cell = text[at] === '"' ? quotedCell(text, at, budget) : plainCell(text, at, separator)
    cells.push(cell.value)
    if (cells.length > MAX_COLUMNS) throw refusedFile(`more than ${MAX_COLUMNS} columns`, lineAt(text, at))
    at = cell.end
    if (text[at] === separator) {
      at += 1
      if (at === text.length) cells.push('')
    } else if (at < text.length) {
      const width = lineEndAt(text, at)
      if (width === 0) throw refusedFile('text follows a closing quote', lineAt(text, at))
      at += width
      endRow()
    }
  }
  endRow()
  return rows
}

type Cell = { readonly value: string; readonly end: number }

function quotedCell(text: string, start: number, budget: ImportBudget): Cell {
  let isDoubled = false
  let at = start + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) throw refusedFile('a quote is not closed', lineAt(text, start))
    at = quote + 1
    if (text[at] !== '"') break
    // Pieces put together one by one would be a chain of millions.
    budget.step()
    isDoubled = true
    at += 1
  }
  const value = text.slice(start + 1, at - 1)
  return { value: isDoubled ? value.replaceAll('""', '"') : value, end: at }
}

/** A quote inside is a character like any other: RFC 4180 has none there, passwords do. */
function plainCell(text: string, start: number, separator: string): Cell {
  let at = start
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') {
    at += 1
  }
  return { value: text.slice(start, at), end: at }
}

/** Characters of the line end at `at`, 0 when there is none. */
function lineEndAt(text: string, at: number): number {
  if (text[at] === '\n') return 1
  if (text[at] !== '\r') return 0
  return text[at + 1] === '\n' ? 2 : 1
}
