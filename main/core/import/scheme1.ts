import { parseStrictJson, StrictJsonError } from '../store/strict-json.ts'
import { columnKey, MAX_COLUMNS, readCsvTable } from './csv-table.ts'
import type { ImportBudget } from './import-budget.ts'
import { MAX_IMPORT_BYTES, MAX_IMPORT_ITEMS } from './import-budget.ts'
import { refusedFile } from './import-errors.ts'
import { decodeImport } from './import-text.ts'
import { sealedRow } from './sealed-row.ts'
import type { SealedRow } from './sealed-row.ts'
import { utf8 } from '../crypto/bytes.ts'

type Values = ReadonlyMap<string, string | number>

const columns = {
  user: ['user', 'username', 'login'],
  algorithm: ['algo', 'algorithm', 'kdf'],
  iterations: ['iterations', 'iteration', 'iter', 'rounds'],
  salt: ['salt'],
  token: ['secret', 'token', 'credential', 'password'],
  name: ['name', 'title'],
  protocol: ['protocol', 'type'],
  host: ['host', 'hostname', 'server'],
  port: ['port'],
} as const

/**
 * The table that stores of interactive Fernet recipes export: a JSON array of objects or a table with the columns
 * `user, algo, iterations, salt, secret`; `name`, `host`, `port` and `protocol` may be there. Nothing is derived here: rows come
 * out checked and sealed. Throws AppError('import-unreadable') for a file that is no such table.
 */
export function readScheme1(bytes: Uint8Array, budget: ImportBudget): readonly SealedRow[] {
  const text = decodeImport(bytes)
  const isJson = /^\s*[[{]/.test(text.slice(0, 1000))
  const rows = isJson ? jsonRows(text) : readCsvTable(text, budget).map(({ values }) => values)
  return rows.map((row) => {
    budget.step()
    return rowOf(row)
  })
}

function rowOf(row: Values): SealedRow {
  const value = (column: keyof typeof columns): string | number | undefined => {
    const name = columns[column].find((each) => row.has(each))
    return name === undefined ? undefined : row.get(name)
  }
  const text = (column: keyof typeof columns): string | undefined => {
    const found = value(column)
    return found === undefined ? undefined : String(found)
  }
  const facts = {
    name: text('name') ?? text('user'),
    protocol: text('protocol'),
    host: text('host'),
    port: text('port'),
    user: text('user'),
  }
  const values = {
    algorithm: text('algorithm'),
    iterations: value('iterations'),
    salt: text('salt'),
    token: text('token'),
  }
  return sealedRow(facts, values)
}

function jsonRows(text: string): readonly Values[] {
  const array = readJson(text)
  if (!Array.isArray(array)) throw refusedFile('it is JSON, but not an array of rows')
  if (array.length > MAX_IMPORT_ITEMS) throw refusedFile(`more than ${MAX_IMPORT_ITEMS} entries`)
  // What is no object becomes a row without values, which is reported like any other that is wrong.
  return array.map((row: unknown) => new Map(typeof row === 'object' && row !== null ? fieldsOf(row) : []))
}

function* fieldsOf(row: object): Iterable<[string, string | number]> {
  const entries: [string, unknown][] = Object.entries(row)
  for (const [name, value] of entries.slice(0, MAX_COLUMNS)) {
    const isPlain = typeof value === 'string' || typeof value === 'number'
    if (isPlain) yield [columnKey(name), value]
  }
}

const MAX_KEYS = 1000
/** Ten thousand entries of Bitwarden have two thirds of that. */
const MAX_VALUES = 700_000

/** JSON that is not ours: any number, at most 8 levels; still no duplicate keys, which two readers would see differently. */
export function readJson(text: string): unknown {
  try {
    return parseStrictJson(utf8(text), {
      maxBytes: 2 * MAX_IMPORT_BYTES,
      maxDepth: 8,
      maxMembers: MAX_IMPORT_ITEMS + 1,
      maxKeys: MAX_KEYS,
      maxValues: MAX_VALUES,
      numbers: 'any',
    })
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error
    throw refusedFile(`it is not the JSON that is expected (${error.reason})`)
  }
}
