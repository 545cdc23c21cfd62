import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sleep } from '../core/ports/clock.ts'
import type { Clock } from '../core/ports/clock.ts'
import type { HomeLock } from '../core/ports/lock.ts'
import { AppError } from '../model/app-error.ts'
import { sqliteErrorCode } from './node-database.ts'
import { ensureOwnerOnlyFile } from './owner-only-file.ts'

type LockName = Parameters<HomeLock['hold']>[0]

/** SQLite locks whole files, so each name has a file of its own: `vault` and `kdf` must not wait for each other. */
const LOCK_FILES: Readonly<Record<LockName, string>> = {
  vault: 'locks.sqlite',
  kdf: 'locks-kdf.sqlite',
  audit: 'locks-audit.sqlite',
}
const WAIT_MS = 10_000
const POLL_MS = 20
const MAX_POLL_MS = 200

/** One attempt at the lock of the operating system. */
export type LockFile = {
  /** False when another process or connection holds it. Throws when the file system cannot lock. */
  tryAcquire(): boolean
  release(): void
  close(): void
}

export type HomeLockOptions = {
  /** Absolute path of the folder `device` of the home. */
  readonly folder: string
  readonly clock: Clock
  readonly pid?: number
  readonly openLockFile?: (path: string) => LockFile
}

/**
 * The locks of one home folder: `BEGIN IMMEDIATE` on a database that nothing is ever written to. The kernel frees the lock
 * when its holder dies, however it dies; a holder that is stopped keeps it. Calls of one process wait for each other in
 * order. Not reentrant: a `hold` inside a `hold` of the same name ends as `busy`.
 *
 * Throws AppError('busy', details.pid) after `waitMs`, AppError('home-unusable') when the file system has no working locks.
 */
export function createHomeLock(options: HomeLockOptions): HomeLock {
  const { folder, clock, pid = process.pid, openLockFile = openSqliteLock } = options
  const queues = new Map<LockName, Promise<void>>()

  const acquire = async (name: LockName, deadline: number): Promise<LockFile> => {
    const path = join(folder, LOCK_FILES[name])
    const file = opened(path, openLockFile)
    try {
      for (let delay = POLL_MS; !file.tryAcquire(); delay = Math.min(delay * 2, MAX_POLL_MS)) {
        const left = deadline - clock.monotonic()
        if (left <= 0) throw busy(readHolder(path))
        // Jitter, or processes that started together would keep colliding.
        await pause(clock, Math.min(left, delay * (0.5 + Math.random())))
      }
      writeHolder(path, pid)
      return file
    } catch (error) {
      file.close()
      throw lockError(error)
    }
  }

  return {
    async hold(name, work, { waitMs = WAIT_MS } = {}) {
      const deadline = clock.monotonic() + waitMs
      const leave = await enter(queues, name, { clock, waitMs, pid })
      try {
        const file = await acquire(name, deadline)
        try {
          return await work()
        } finally {
          file.release()
          file.close()
        }
      } finally {
        leave()
      }
    },
  }
}

/** Waits until the calls of this process that came before are through; the returned function lets the next one in. */
async function enter(
  queues: Map<LockName, Promise<void>>,
  name: LockName,
  { clock, waitMs, pid }: { clock: Clock; waitMs: number; pid: number },
): Promise<() => void> {
  const before = queues.get(name) ?? Promise.resolve()
  const turn = Promise.withResolvers<void>()
  queues.set(name, Promise.all([before, turn.promise]).then(noop))
  const patience = new AbortController()
  const late = sleep(clock, waitMs, patience.signal).then(() => {
    throw busy(pid)
  })
  try {
    await Promise.race([before, late])
  } catch (error) {
    turn.resolve()
    throw error
  } finally {
    late.catch(noop)
    patience.abort()
  }
  return turn.resolve
}

function noop(): void {}

function pause(clock: Clock, delayMs: number): Promise<void> {
  return sleep(clock, delayMs, new AbortController().signal)
}

function opened(path: string, open: (path: string) => LockFile): LockFile {
  try {
    return open(path)
  } catch (error) {
    throw lockError(error)
  }
}

function lockError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError('home-unusable', 'the home folder is on a file system without working locks', {
    cause: error,
  })
}

function busy(pid: number | null): AppError {
  return new AppError('busy', 'another process holds the lock', { details: { pid } })
}

function openSqliteLock(path: string): LockFile {
  ensureOwnerOnlyFile(path)
  const connection = new DatabaseSync(path, { timeout: 0 })
  return {
    tryAcquire() {
      try {
        connection.exec('BEGIN IMMEDIATE')
        return true
      } catch (error) {
        if (sqliteErrorCode(error) === 'busy') return false
        throw error
      }
    },
    release: () => connection.exec('ROLLBACK'),
    close: () => connection.close(),
  }
}

/** Outside of the transaction, because nobody could read it inside. A hint for a sentence; no rule depends on it. */
function writeHolder(lockPath: string, pid: number): void {
  try {
    writeFileSync(holderPath(lockPath), `${pid}\n`, { mode: 0o600 })
  } catch {
    // On a full disk the write that the lock is for says so; without this it would be called a home without locks.
  }
}

function readHolder(lockPath: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(holderPath(lockPath), 'utf8'), 10)
    return Number.isSafeInteger(pid) ? pid : null
  } catch {
    return null
  }
}

function holderPath(lockPath: string): string {
  return lockPath.replace(/\.sqlite$/, '.pid')
}
