import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import type { Database, DatabaseFactory, SqlRow, SqlValue } from '../core/ports/database.ts'
import { AppError } from '../model/app-error.ts'
import type { ErrorCode } from '../model/error-codes.ts'
import { ensureOwnerOnlyFile } from './owner-only-file.ts'
import { systemCode } from './system-errors.ts'

const BUSY_TIMEOUT_MS = 5000
const MAX_STATEMENTS = 200
/** What opening may have to write: a first page and the shared memory file, 32 KiB each, rounded up. */
const LEAST_SPACE = 128 * 1024
/** https://www.sqlite.org/rescode.html, primary codes. */
const SQLITE = { busy: 5, locked: 6, ioError: 10, corrupt: 11, full: 13, notADatabase: 26 } as const

/** SQLite files through the SQLite that is part of Node. */
export const nodeDatabases: DatabaseFactory = { open: openDatabase }

function openDatabase(path: string): Database {
  try {
    // SQLite's -wal and -shm files take the mode of the main file.
    ensureOwnerOnlyFile(path)
    const connection = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, allowExtension: false })
    try {
      connection.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA trusted_schema=OFF')
    } catch (error) {
      connection.close()
      throw error
    }
    return createDatabase(connection)
  } catch (error) {
    // SQLite calls it an I/O error when there is no room for its shared memory file.
    const code = systemCode(error) === 'ENOSPC' || isDiskFull(path) ? 'no-space' : 'home-unusable'
    throw new AppError(code, 'opening a database failed', { cause: error })
  }
}

function isDiskFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path))
    return bavail * bsize < LEAST_SPACE
  } catch {
    return false
  }
}

function createDatabase(connection: DatabaseSync): Database {
  const statements = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = connection.prepare(sql)
    // The program's statements are constants; a bound keeps a mistake with built SQL from growing without end.
    if (statements.size >= MAX_STATEMENTS) statements.clear()
    statements.set(sql, statement)
    return statement
  }
  return {
    exec: (sql) => translated(() => connection.exec(sql)),
    run: (sql, ...values) => translated(() => ({ changes: Number(prepare(sql).run(...values).changes) })),
    get: (sql, ...values) =>
      translated(() => {
        const row = prepare(sql).get(...values)
        return row === undefined ? null : plainRow(row)
      }),
    all: (sql, ...values) =>
      translated(() =>
        prepare(sql)
          .all(...values)
          .map(plainRow),
      ),
    transaction: (work) => transaction(connection, work),
    close: () => {
      statements.clear()
      connection.close()
    },
  }
}

function transaction<T>(connection: DatabaseSync, work: () => T): T {
  translated(() => connection.exec('BEGIN IMMEDIATE'))
  try {
    const result = work()
    translated(() => connection.exec('COMMIT'))
    return result
  } catch (error) {
    // A full disk has rolled back already; then a second ROLLBACK would hide the reason.
    if (connection.isTransaction) connection.exec('ROLLBACK')
    throw error
  }
}

function plainRow(row: Record<string, SqlValue | bigint>): SqlRow {
  // No column is a bigint: without `readBigInts` node:sqlite returns numbers and throws for integers beyond 2^53.
  return row as SqlRow
}

function translated<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = sqliteErrorCode(error)
    if (code === null) throw error
    throw new AppError(code, 'a database statement failed', { cause: error })
  }
}

/** The product's code of a primary or extended SQLite result, null for a mistake in the program such as wrong SQL. */
export function sqliteErrorCode(error: unknown): ErrorCode | null {
  switch (sqliteResult(error)) {
    case SQLITE.full:
      return 'no-space'
    case SQLITE.busy:
    case SQLITE.locked:
      return 'busy'
    case SQLITE.ioError:
    case SQLITE.corrupt:
    case SQLITE.notADatabase:
      return 'home-unusable'
    default:
      return null
  }
}

/** Primary result code of an error of node:sqlite, -1 for any other error. */
export function sqliteResult(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : -1
}
