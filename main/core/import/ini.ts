import type { ImportBudget } from './import-budget.ts'
import { MAX_IMPORT_ITEMS } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'
import { linesOf } from './import-text.ts'

export type IniSection = { readonly name: string; readonly values: ReadonlyMap<string, string> }

/** WinSCP has some besides its sites. */
const MAX_SECTIONS = MAX_IMPORT_ITEMS + 1000

/**
 * Sections of `key=value` lines. Keys count in lower case; the first value of a key wins, and a section that comes again goes on. Lines
 * before the first section, comments (`#`, `;`) and lines without `=` are passed over, as the programs do that write such
 * files. Throws AppError('import-unreadable') for a section whose bracket is not closed, and for more than 11,000 of them.
 */
export function readIni(text: string, budget: ImportBudget): readonly IniSection[] {
  const sections = new Map<string, Map<string, string>>()
  let values: Map<string, string> | null = null
  let number = 0
  for (const line of linesOf(text)) {
    budget.step()
    number += 1
    const plain = line.trim()
    if (plain.startsWith('[')) {
      if (!plain.endsWith(']')) throw refusedFile('a section is not closed', number)
      const name = plain.slice(1, -1)
      values = sections.get(name) ?? new Map<string, string>()
      sections.set(name, values)
      if (sections.size > MAX_SECTIONS) throw refusedFile('it has too many sections', number)
      continue
    }
    const at = plain.indexOf('=')
    if (values === null || at < 1 || plain.startsWith('#') || plain.startsWith(';')) continue
    const key = plain.slice(0, at).trim().toLowerCase()
    if (!values.has(key)) values.set(key, plain.slice(at + 1).trim())
  }
  return [...sections].map(([name, found]) => ({ name, values: found }))
}
