import type { Database, SqlRow } from '../ports/database.ts'
import { migrate } from '../store/migrate.ts'
import type { BaselineRow } from './compare.ts'
import type { FileState, SideName } from './file-state.ts'

/** Schema steps of device/jobs/<id>.sqlite. Append only. `l_` is the local side, `r_` the remote one. */
const steps: readonly string[] = [
  `CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE baseline (
     key TEXT PRIMARY KEY, l_size INTEGER NOT NULL, l_time REAL, l_version TEXT, r_size INTEGER NOT NULL, r_time REAL,
     r_version TEXT, sha BLOB, racy INTEGER NOT NULL, synced INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE journal (
     id INTEGER PRIMARY KEY, side TEXT NOT NULL, path TEXT NOT NULL, temp TEXT NOT NULL, safety TEXT NOT NULL,
     size INTEGER NOT NULL) STRICT;
   CREATE TABLE runs (prefix TEXT PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER) STRICT, WITHOUT ROWID;
   CREATE TABLE plans (id TEXT PRIMARY KEY, created INTEGER NOT NULL, header TEXT NOT NULL, mac BLOB NOT NULL) STRICT;
   CREATE TABLE plan_parts (
     plan TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE, seq INTEGER NOT NULL, steps TEXT NOT NULL,
     PRIMARY KEY (plan, seq)) STRICT, WITHOUT ROWID;`,
]

/** Facts about the two roots and about earlier runs. */
export type FactName =
  'pair' | 'first-run-done' | 'last-ended' | 'pruned' | `marker.${SideName}` | `identity.${SideName}`

/** How many runs are remembered to recognise their temp files. */
const KEPT_RUNS = 1000

export type JournalEntry = {
  readonly path: string
  readonly temp: string
  readonly safety: string
  /** Bytes of the complete temp file. */
  readonly size: number
}

/** One change of the baseline: a row to keep, or null to forget the key. */
export type BaselineChange = { readonly key: string; readonly row: BaselineRow | null }

export type JobDatabase = {
  fact(name: FactName): string | null
  setFact(name: FactName, value: string | null): void
  /** All rows, each as seen from `source`. */
  baseline(source: SideName): Map<string, BaselineRow>
  /** Writes all changes in one transaction. */
  commit(source: SideName, changes: readonly BaselineChange[]): void
  /** Forgets everything about the two places; used when a job points elsewhere. */
  forgetPlaces(): void
  journal(side: SideName): readonly (JournalEntry & { readonly id: number })[]
  /** Durable when it returns. */
  beginReplace(side: SideName, entry: JournalEntry): number
  endReplace(id: number): void
  beginRun(prefix: string, startedAt: number): void
  endRun(prefix: string, endedAt: number): void
  /** The newest run before `prefix`; `hasEnded` is false when it was killed. */
  previousRun(prefix: string): { readonly startedAt: number; readonly hasEnded: boolean } | null
  /** Prefixes of earlier runs, whose temp files may be left over. */
  runPrefixes(): ReadonlySet<string>
}

/** Brings the job's database to the newest schema. Throws AppError('home-unusable') for one of a newer program. */
export function openJobDatabase(database: Database): JobDatabase {
  migrate(database, steps)
  return { ...facts(database), ...baselineTable(database), ...journalTable(database), ...runsTable(database) }
}

function facts(database: Database): Pick<JobDatabase, 'fact' | 'setFact' | 'forgetPlaces'> {
  return {
    fact(name) {
      const value = database.get('SELECT value FROM facts WHERE name = ?', name)?.['value']
      return typeof value === 'string' ? value : null
    },
    setFact(name, value) {
      if (value === null) database.run('DELETE FROM facts WHERE name = ?', name)
      else database.run('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', name, value)
    },
    forgetPlaces() {
      database.transaction(() => {
        for (const table of ['facts', 'baseline', 'journal', 'plan_parts', 'plans']) {
          database.exec(`DELETE FROM ${table}`)
        }
      })
    },
  }
}

const UPSERT = `INSERT OR REPLACE INTO baseline
  (key, l_size, l_time, l_version, r_size, r_time, r_version, sha, racy, synced) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

function baselineTable(database: Database): Pick<JobDatabase, 'baseline' | 'commit'> {
  const write = (source: SideName, { key, row }: BaselineChange): void => {
    if (row === null) {
      database.run('DELETE FROM baseline WHERE key = ?', key)
      return
    }
    const [left, right] = source === 'local' ? [row.source, row.target] : [row.target, row.source]
    const { sha, isRacy, syncedAt } = row
    const values = [left.size, left.modTime, left.version, right.size, right.modTime, right.version] as const
    database.run(UPSERT, key, ...values, sha, isRacy ? 1 : 0, syncedAt)
  }
  return {
    baseline(source) {
      const rows = new Map<string, BaselineRow>()
      for (const row of database.all('SELECT * FROM baseline')) {
        const left = stateIn(row, 'l')
        const right = stateIn(row, 'r')
        rows.set(String(row['key']), {
          source: source === 'local' ? left : right,
          target: source === 'local' ? right : left,
          sha: row['sha'] instanceof Uint8Array ? row['sha'] : null,
          isRacy: row['racy'] === 1,
          syncedAt: Number(row['synced']),
        })
      }
      return rows
    },
    commit(source, changes) {
      database.transaction(() => {
        for (const change of changes) write(source, change)
      })
    },
  }
}

function stateIn(row: SqlRow, side: 'l' | 'r'): FileState {
  const time = row[`${side}_time`]
  const version = row[`${side}_version`]
  return {
    size: Number(row[`${side}_size`]),
    modTime: typeof time === 'number' ? time : null,
    version: typeof version === 'string' ? version : null,
  }
}

function journalTable(database: Database): Pick<JobDatabase, 'journal' | 'beginReplace' | 'endReplace'> {
  return {
    journal(side) {
      return database.all('SELECT * FROM journal WHERE side = ? ORDER BY id', side).map((row) => ({
        id: Number(row['id']),
        path: String(row['path']),
        temp: String(row['temp']),
        safety: String(row['safety']),
        size: Number(row['size']),
      }))
    },
    beginReplace(side, { path, temp, safety, size }) {
      const insert =
        'INSERT INTO journal (side, path, temp, safety, size) VALUES (?, ?, ?, ?, ?) RETURNING id'
      return Number(database.get(insert, side, path, temp, safety, size)?.['id'])
    },
    endReplace(id) {
      database.run('DELETE FROM journal WHERE id = ?', id)
    },
  }
}

function runsTable(
  database: Database,
): Pick<JobDatabase, 'beginRun' | 'endRun' | 'previousRun' | 'runPrefixes'> {
  return {
    beginRun(prefix, startedAt) {
      database.transaction(() => {
        database.run('INSERT OR REPLACE INTO runs (prefix, started) VALUES (?, ?)', prefix, startedAt)
        const old = 'SELECT prefix FROM runs ORDER BY started DESC LIMIT -1 OFFSET ?'
        database.run(`DELETE FROM runs WHERE prefix IN (${old})`, KEPT_RUNS)
      })
    },
    endRun(prefix, endedAt) {
      database.run('UPDATE runs SET ended = ? WHERE prefix = ?', endedAt, prefix)
    },
    previousRun(prefix) {
      const newest = 'SELECT started, ended FROM runs WHERE prefix <> ? ORDER BY started DESC LIMIT 1'
      const row = database.get(newest, prefix)
      return row === null ? null : { startedAt: Number(row['started']), hasEnded: row['ended'] !== null }
    },
    runPrefixes() {
      return new Set(database.all('SELECT prefix FROM runs').map((row) => String(row['prefix'])))
    },
  }
}
