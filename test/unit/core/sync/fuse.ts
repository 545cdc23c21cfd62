import type { Database } from '../../../../main/core/ports/database.ts'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'
import type { Remote } from '../../../../main/core/remote/remote.ts'
import { wrapRemote } from '../../../../main/core/remote/wrap-remote.ts'
import type { RemoteErrorCode } from '../../../../main/model/error-codes.ts'

/**
 * What goes wrong at one step: `crash` = the process is gone before it, `crash-after` = right after it (nothing works any more,
 * neither side nor database), or this one call alone fails with a code.
 */
export type Blow = 'crash' | 'crash-after' | RemoteErrorCode

export type Fuse = {
  readonly wrap: (remote: Remote) => Remote
  readonly wrapDatabase: (database: Database) => Database
  /** Steps so far: calls of both sides and writes of the database. */
  readonly steps: () => number
  /** Names the step that was hit, as `list docs`; null when none was. */
  readonly hit: () => string | null
}

/** Counts every step of a run and lets step `at` (from 1) go wrong. */
export function createFuse(at = Number.POSITIVE_INFINITY, blow: Blow = 'crash'): Fuse {
  let steps = 0
  let isDead = false
  let hit: string | null = null

  const before = (name: string): boolean => {
    if (isDead) throw new RemoteError('closed', 'the process is gone')
    steps += 1
    if (steps !== at) return false
    hit = name
    if (blow === 'crash') isDead = true
    if (blow !== 'crash-after') throw new RemoteError(blow === 'crash' ? 'closed' : blow, `step ${at} fails`)
    return true
  }
  const after = (isHit: boolean): void => {
    if (!isHit) return
    isDead = true
    throw new RemoteError('closed', 'the process is gone')
  }
  const guarded = <T>(name: string, work: () => T): T => {
    const isHit = before(name)
    const result = work()
    after(isHit)
    return result
  }

  return {
    steps: () => steps,
    hit: () => hit,
    wrap: (inner) =>
      wrapRemote(inner, {
        async call({ name, path }, work) {
          const isHit = before(`${name} ${path}`)
          const result = await work(inner)
          after(isHit)
          return result
        },
        async *stream({ name, path }, start) {
          const isHit = before(`${name} ${path}`)
          for await (const part of start(inner)) {
            if (isDead) throw new RemoteError('closed', 'the process is gone')
            yield part
          }
          after(isHit)
        },
        close: () => inner.close(),
      }),
    wrapDatabase: (inner) => ({
      ...inner,
      exec: (sql) => guarded('exec', () => inner.exec(sql)),
      run: (sql, ...values) => guarded(`sql ${sql.slice(0, 30)}`, () => inner.run(sql, ...values)),
      // A transaction is one step: it is there as a whole or not at all.
      transaction: (work) => guarded('transaction', () => inner.transaction(work)),
    }),
  }
}
