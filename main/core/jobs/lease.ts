import { AppError } from '../../model/app-error.ts'
import type { Database } from '../ports/database.ts'
import type { ProcessIdentity, ProcessTable } from '../ports/process-table.ts'

/** Rights to do something alone in one home: run a job (`job:<id>`) or be its scheduler (`scheduler`). */
export type Leases = {
  /** Throws `already-running` while a living process holds it, this one included. Call the answer to give it back. */
  acquire(name: string): () => void
  /** Whether a living process holds it. */
  isHeld(name: string): boolean
}

/**
 * Leases as rows with pid, start time and boot id: a holder that died, or died with the machine, loses its lease at
 * the next look, however young the row is; one that lives keeps it, however old the row is.
 */
export function createLeases(database: Database, processes: ProcessTable): Leases {
  const holder = (name: string) => {
    const row = database.get('SELECT pid, startedAt, bootId FROM leases WHERE name = ?', name)
    if (row === null) return null
    return { pid: Number(row['pid']), startedAt: String(row['startedAt']), bootId: String(row['bootId']) }
  }
  const abandoned = new Set<string>()
  const isAbandoned = (name: string, current: ProcessIdentity): boolean =>
    abandoned.has(name) && current.pid === processes.self().pid
  return {
    acquire(name) {
      const self = processes.self()
      database.transaction(() => {
        const current = holder(name)
        if (current !== null && processes.isAlive(current) && !isAbandoned(name, current)) {
          throw new AppError('already-running', `lease ${name} is held`, { details: { pid: current.pid } })
        }
        database.run(
          'INSERT OR REPLACE INTO leases (name, pid, startedAt, bootId) VALUES (?, ?, ?, ?)',
          name,
          self.pid,
          self.startedAt,
          self.bootId,
        )
        abandoned.delete(name)
      })
      let released = false
      return () => {
        if (released) return
        released = true
        try {
          database.run(
            'DELETE FROM leases WHERE name = ? AND pid = ? AND startedAt = ?',
            name,
            self.pid,
            self.startedAt,
          )
        } catch {
          // A row that stays is this process's own: it ends with the process, and `acquire` here replaces it.
          abandoned.add(name)
        }
      }
    },
    isHeld(name) {
      const current = holder(name)
      return current !== null && processes.isAlive(current) && !isAbandoned(name, current)
    },
  }
}
