import type { RemotePath } from '../remote/remote-path.ts'
import type { Remote } from '../remote/remote.ts'
import type { BaselineChange } from './job-database.ts'
import { calm } from './session.ts'
import type { Session } from './session.ts'

const BATCH = 256
const INTERVAL_MS = 250
/** Finished files that may wait for the disk before new transfers wait, too. */
const MAX_WAITING = 4 * BATCH

/** One finished step: what to record, and what has to survive a power cut before. */
export type Finished = BaselineChange & {
  readonly written: RemotePath | null
  readonly kept: RemotePath | null
}

/** Records finished steps in batches: effects first, then their bytes made durable, then the baseline. */
export type Committer = {
  /** Resolves at once unless too much is waiting. Rejects when an earlier batch could not be recorded. */
  add(finished: Finished): Promise<void>
  /** Resolves when everything added is recorded. */
  finish(): Promise<void>
}

/** `safety` is the place of its own that keeps old files, null when they are on the target. */
export function createCommitter(session: Session, safety: Remote | null): Committer {
  const { database, source, target, context } = session
  let waiting: Finished[] = []
  let last = Promise.resolve()
  let failure: { readonly error: unknown } | null = null
  let cancelTimer: (() => void) | null = null

  const commit = async (batch: readonly Finished[]): Promise<void> => {
    if (failure !== null) return
    try {
      const written = batch.flatMap((one) => one.written ?? [])
      const kept = batch.flatMap((one) => one.kept ?? [])
      await makeDurable(target.remote, safety === null ? [...written, ...kept] : written)
      if (safety !== null) await makeDurable(safety, kept)
      database.commit(source.name, batch)
    } catch (error) {
      failure = { error }
    }
  }
  const flush = (): Promise<void> => {
    cancelTimer?.()
    cancelTimer = null
    if (waiting.length === 0) return last
    const batch = waiting
    waiting = []
    last = last.then(() => commit(batch))
    return last
  }
  const rethrow = (): void => {
    if (failure !== null) throw failure.error
  }
  let inLine = 0
  return {
    async add(finished) {
      waiting.push(finished)
      cancelTimer ??= context.clock.setTimer(INTERVAL_MS, () => void flush())
      if (waiting.length >= BATCH) {
        const size = waiting.length
        inLine += size
        void flush().then(() => (inLine -= size))
      }
      if (inLine > MAX_WAITING) await last
      rethrow()
    },
    async finish() {
      await flush()
      rethrow()
    },
  }
}

async function makeDurable(remote: Remote, paths: readonly RemotePath[]): Promise<void> {
  if (paths.length > 0) await remote.makeDurable?.(paths, calm())
}
