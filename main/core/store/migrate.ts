import { AppError } from '../../model/app-error.ts'
import type { Database } from '../ports/database.ts'

/**
 * Brings an SQLite file to the newest schema by running the steps after its `user_version`, each in one transaction.
 * A step never changes after its release. Throws AppError('home-unusable') for a file of a newer program, untouched.
 */
export function migrate(database: Database, steps: readonly string[]): void {
  const version = Number(database.get('PRAGMA user_version')?.['user_version'] ?? 0)
  if (version > steps.length) {
    throw new AppError('home-unusable', `database has schema ${version}, this program knows ${steps.length}`)
  }
  for (let step = version; step < steps.length; step += 1) {
    database.transaction(() => {
      database.exec(steps[step] ?? '')
      // user_version takes no parameter; `step` is a loop counter of ours.
      database.exec(`PRAGMA user_version = ${step + 1}`)
    })
  }
}
