import * as z from 'zod'
import { CredentialType, fieldOf } from '../../model/credential-types.ts'
import { columnKey } from './csv-table.ts'
import type { FoundEntry } from './found-entry.ts'
import { ownCredentialEntry, ownFieldNames } from './own-credential.ts'

/** The column that only our own tables have: secrets with names of their own, as JSON. Its name as columns are compared. */
export const OWN_COLUMN = 'fernsyncmore'
export const OWN_HEADER = ['name', 'type', 'tags', 'expires', ...ownFieldNames(), 'fernsync more'] as const

/** What spreadsheets take for a formula, behind any quotes that hide one already (CWE-1236). */
const formula = /^'*[=+\-@\t\r]/
const hidden = /^'+[=+\-@\t\r]/

/** True also behind quotes, so that one can be taken away again and the right one is left. */
export function isFormula(value: string): boolean {
  return formula.test(value)
}

/** A value that no spreadsheet computes: one quote before it where that is needed. `revealFormula` undoes exactly this. */
export function hideFormula(value: string): string {
  return isFormula(value) ? `'${value}` : value
}

export function revealFormula(value: string): string {
  return hidden.test(value) ? value.slice(1) : value
}

const Tags = z.array(z.string())
const More = z.record(z.string(), z.string())

/** A record of our own table, word for word. */
export function ownEntry(values: ReadonlyMap<string, string>): FoundEntry {
  const text = (column: string): string => revealFormula(values.get(columnKey(column)) ?? '')
  const type = CredentialType.safeParse(text('type'))
  const tags = Tags.safeParse(parsed(text('tags'), []))
  const more = More.safeParse(parsed(text(OWN_COLUMN), {}))
  if (!type.success || !tags.success || !more.success)
    return { name: text('name'), protocol: 'generic', problem: 'bad-entry' }
  const fields: Record<string, string> = {}
  const secrets: Record<string, string> = { ...more.data }
  for (const name of ownFieldNames()) {
    const value = text(name)
    const field = value === '' ? null : fieldOf(type.data, name)
    if (field?.type === 'secret') secrets[name] = value
    else if (field !== null) fields[name] = value
  }
  const expires = text('expires')
  return ownCredentialEntry({
    name: text('name'),
    type: type.data,
    tags: tags.data,
    expires: expires === '' ? null : expires,
    fields,
    secrets,
  })
}

function parsed(text: string, empty: unknown): unknown {
  if (text === '') return empty
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
