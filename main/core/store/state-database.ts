import type { Database, DatabaseFactory } from '../ports/database.ts'
import { migrate } from './migrate.ts'

/** Schema steps of device/state.sqlite. Append only. */
const steps: readonly string[] = [
  `CREATE TABLE projection (
     id TEXT PRIMARY KEY, name TEXT NOT NULL, schedule TEXT NOT NULL, zone TEXT NOT NULL, enabled INTEGER NOT NULL,
     device TEXT NOT NULL, whenLocked TEXT NOT NULL, credential TEXT NOT NULL, credentialRev INTEGER NOT NULL,
     rev INTEGER NOT NULL, anchor INTEGER NOT NULL, waitingSince INTEGER) STRICT;
   CREATE TABLE runs (run TEXT PRIMARY KEY, job TEXT NOT NULL, started TEXT NOT NULL, summary TEXT NOT NULL) STRICT;
   CREATE INDEX runs_by_job ON runs (job, started DESC);
   CREATE TABLE skips (job TEXT NOT NULL, at TEXT NOT NULL, reason TEXT NOT NULL, UNIQUE (job, at, reason)) STRICT;
   CREATE TABLE blocks (credential TEXT PRIMARY KEY, code TEXT NOT NULL, since TEXT NOT NULL) STRICT;
   CREATE TABLE leases (
     name TEXT PRIMARY KEY, pid INTEGER NOT NULL, startedAt TEXT NOT NULL, bootId TEXT NOT NULL) STRICT;
   CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
]

/** Opens state.sqlite at its newest schema. The caller closes it. */
export function openStateDatabase(factory: DatabaseFactory, path: string): Database {
  const database = factory.open(path)
  try {
    migrate(database, steps)
  } catch (error) {
    database.close()
    throw error
  }
  return database
}
