import { readFileSync } from 'node:fs'
import type { ProcessIdentity, ProcessTable } from '../core/ports/process-table.ts'

/** Start time of a process as the kernel counts it (field 22 of /proc/PID/stat); null when there is no such process. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in field 2 may hold spaces and brackets: count from behind its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[19] ?? null
  } catch {
    return null
  }
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return 'unknown'
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * Processes of this machine. On Linux start time and boot id tell a reused pid from the process that was meant; elsewhere
 * the pid alone decides, which errs on the side of "alive".
 */
export function createNodeProcessTable(): ProcessTable {
  const bootId = readBootId()
  const self: ProcessIdentity = { pid: process.pid, startedAt: startTime(process.pid) ?? 'unknown', bootId }
  return {
    self: () => self,
    isAlive(identity) {
      if (identity.bootId !== bootId) return false
      if (identity.startedAt === 'unknown') return exists(identity.pid)
      return startTime(identity.pid) === identity.startedAt
    },
  }
}
