import type { Database, DatabaseFactory } from '../../../main/core/ports/database.ts'
import { migrate } from '../../../main/core/store/migrate.ts'
import { openStateDatabase } from '../../../main/core/store/state-database.ts'
import { openJobDatabase } from '../../../main/core/sync/job-database.ts'

/** A file with steps from one schema to the next. Every one that the program has is here. */
export type Migration = {
  readonly name: string
  /** What an older program left; nothing for those that begin with an empty file. */
  readonly prepare: (database: Database) => void
  /** Opens the file as the program does, at its newest schema. */
  readonly open: (factory: DatabaseFactory, path: string) => { close(): void }
}

export const ROWS = 2000

/**
 * Steps as later releases may bring them, for the mechanism itself: a column with its values, a table made anew under its old
 * name, an index, rows moved between tables, rows dropped.
 */
const laterSteps: readonly string[] = [
  'CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL) STRICT',
  `ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
   UPDATE things SET size = length(name) * id`,
  `CREATE TABLE things_next (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, size INTEGER NOT NULL) STRICT;
   INSERT INTO things_next SELECT id, name, kind, size FROM things;
   DROP TABLE things;
   ALTER TABLE things_next RENAME TO things`,
  'CREATE INDEX things_by_kind ON things (kind, size DESC)',
  `CREATE TABLE odd (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
   INSERT INTO odd SELECT id, name FROM things WHERE id % 2 = 1;
   DELETE FROM things WHERE id % 2 = 1`,
  `CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   INSERT INTO facts SELECT 'total', CAST(sum(size) AS TEXT) FROM things`,
]

function withThings(database: Database): void {
  migrate(database, laterSteps.slice(0, 1))
  database.transaction(() => {
    for (let id = 1; id <= ROWS; id += 1)
      database.run(
        'INSERT INTO things VALUES (?, ?, ?)',
        id,
        `thing ${id} ${'x'.repeat(id % 90)}`,
        `kind ${id % 7}`,
      )
  })
}

export function openLater(factory: DatabaseFactory, path: string): Database {
  const database = factory.open(path)
  migrate(database, laterSteps)
  return database
}

export const migrations: readonly Migration[] = [
  { name: 'state.sqlite', prepare: () => {}, open: openStateDatabase },
  {
    name: 'jobs/<id>.sqlite',
    prepare: () => {},
    open: (factory, path) => {
      const database = factory.open(path)
      openJobDatabase(database)
      return database
    },
  },
  { name: 'later steps', prepare: withThings, open: openLater },
]

/** Everything in a database: schema, version and rows. */
export function dump(database: Database): unknown {
  const objects = database.all(
    "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
  )
  const tables = objects.filter(({ type }) => type === 'table').map(({ name }) => String(name))
  return {
    version: database.get('PRAGMA user_version'),
    integrity: database.get('PRAGMA integrity_check'),
    objects,
    rows: tables.map((table) => [table, database.all(`SELECT * FROM "${table}" ORDER BY 1`)]),
  }
}
