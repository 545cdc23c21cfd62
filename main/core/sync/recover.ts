import { baseName, parseRemotePath } from '../remote/remote-path.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { JournalEntry } from './job-database.ts'
import { runPool } from './pool.ts'
import { calm, codeOf, endsRun } from './session.ts'
import type { Session } from './session.ts'
import type { Tally } from './tally.ts'

const TEMP_NAME = /^\.fernsync-([0-9a-f]{8})-r?\d+\.part$/
const MAX_REMOVALS = 16

/**
 * Finishes or rolls back the replacements that an interrupted run left half done on the target, before anything is scanned. The
 * new content wins when it is complete, else the old one gets its name back.
 */
export async function recoverReplacements(session: Session, tally: Tally): Promise<void> {
  const { database, target, context } = session
  for (const entry of database.journal(target.name)) {
    try {
      const how = await recoverOne(session, entry)
      context.log.info('sync.recovered', { path: entry.path, how })
      database.endReplace(entry.id)
    } catch (error) {
      // The row stays: the next run tries again.
      const code = codeOf(error)
      if (endsRun(code)) throw error
      tally.problem({ path: entry.path, code })
    }
  }
}

async function recoverOne(session: Session, entry: JournalEntry): Promise<'kept' | 'finished' | 'restored'> {
  const { remote } = session.target
  const path = parseRemotePath(entry.path)
  const temp = parseRemotePath(entry.temp)
  const safety = parseRemotePath(entry.safety)
  const [there, fresh, old] = await Promise.all([
    remote.stat(path, session.signal),
    remote.stat(temp, session.signal),
    remote.stat(safety, session.signal),
  ])
  const isFreshWhole = fresh?.kind === 'file' && fresh.size === entry.size
  if (there === null && isFreshWhole) {
    await remote.move?.(temp, path, 'create', calm())
    return 'finished'
  }
  if (there === null && old !== null) await remote.move?.(safety, path, 'create', calm())
  if (fresh?.kind === 'file') await remote.remove(temp, calm())
  return there === null ? 'restored' : 'kept'
}

/** Removes temp files of earlier runs of this job. Those of other jobs and devices may be in use and stay. */
export async function removeLeftovers(session: Session, found: readonly RemotePath[]): Promise<void> {
  const { database, target, prefix, context } = session
  if (found.length === 0) return
  const own = database.runPrefixes()
  const stale = found.filter((path) => {
    const run = TEMP_NAME.exec(baseName(path))?.[1]
    return run !== undefined && run !== prefix && own.has(run)
  })
  await runPool(stale, MAX_REMOVALS, async (path) => {
    try {
      await target.remote.remove(path, session.signal)
    } catch (error) {
      const code = codeOf(error)
      if (endsRun(code)) throw error
      context.log.warn('sync.leftover-stays', { code })
    }
  })
  if (stale.length > 0) context.log.info('sync.leftovers', { found: stale.length })
}
