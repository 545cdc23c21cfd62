import { fromHex } from '../crypto/bytes.ts'
import { RemoteError } from '../remote/remote-error.ts'
import { childPath, parentPath } from '../remote/remote-path.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { FileEntry, Remote } from '../remote/remote.ts'
import { sameSizeAndTime, sameState, stateOf, timesAgree } from './file-state.ts'
import type { FileState } from './file-state.ts'
import type { PlanStep } from './plan.ts'
import type { Safety } from './safety.ts'
import { calm, codeOf, commonPrecision, stale } from './session.ts'
import type { Session } from './session.ts'
import { expectState, trackSource } from './tracked-source.ts'
import type { TrackedSource } from './tracked-source.ts'

/** What a finished step leaves behind. */
export type Placed = {
  /** State of the target; null after a delete. */
  readonly target: FileState | null
  readonly sha: Uint8Array | null
  /** Bytes that were sent. */
  readonly bytes: number
  /** Where the old content is kept; null when there was none. */
  readonly kept: RemotePath | null
}

/** Carries out steps on files, one call per step. Each rejects with RemoteError or AppError('stale-item'). */
export type Placer = {
  copy(step: PlanStep): Promise<Placed>
  update(step: PlanStep): Promise<Placed>
  remove(step: PlanStep): Promise<Placed>
  setTime(step: PlanStep): Promise<Placed>
  /** True once a source could not be read: from then on nothing may be deleted. */
  readonly hasReadFailed: () => boolean
}

export type PlacerOptions = {
  readonly session: Session
  readonly safety: Safety
  /** True for a stored plan: the source, too, must be what the plan saw before anything is moved. */
  readonly isStored: boolean
}

export function createPlacer(options: PlacerOptions): Placer {
  const { session } = options
  const { source, target, signal } = session
  const { remote } = target
  const sender = createSender(options)
  let temps = 0
  /** Letters keep these names apart from the connector's own temp files of the same run. */
  const tempBeside = (path: RemotePath): RemotePath =>
    childPath(parentPath(path), `.fernsync-${session.prefix}-r${(temps += 1)}.part`)

  return {
    hasReadFailed: sender.hasReadFailed,
    copy: (step) => sender.send(step, (file) => placeNew(options, step, file)),
    update(step) {
      const old = createOldKeeper(options, step)
      const atOnce = (file: TrackedSource): Promise<Placed> => replaceAtOnce(session, { step, file, old })
      const isOneStep = remote.features.atomicWrite || remote.move === undefined
      if (isOneStep && canCallWhileWriting(remote)) return sender.send(step, atOnce, old.keep)
      if (remote.move === undefined) {
        return sender.send(step, async (file) => {
          await old.keep()
          return atOnce(file)
        })
      }
      const temp = tempBeside(step.path)
      return sender.send(step, (file) => replaceByJournal(options, { step, file, temp }))
    },
    async remove(step) {
      const [there, origin] = await Promise.all([
        remote.stat(step.path, signal),
        // A name that the source has got back since the plan must not be cleared; an early step clears a taken name.
        step.isEarly ? null : source.remote.stat(step.path, signal),
      ])
      if (origin !== null) throw stale(step.path, 'it is back on the source')
      expectPlanned(step, there)
      const kept = await options.safety.take(step.path, signal)
      return { target: null, sha: null, bytes: 0, kept }
    },
    async setTime(step) {
      const time = step.source?.modTime ?? null
      if (remote.setModTime === undefined || time === null) {
        throw new RemoteError('unsupported', 'set time: the target keeps none')
      }
      expectPlanned(step, await remote.stat(step.path, signal))
      await remote.setModTime(step.path, time, signal)
      const after = fileOr(await remote.stat(step.path, signal), step)
      const sha = step.sha === null ? null : fromHex(step.sha)
      return { target: stateOf(after), sha, bytes: 0, kept: null }
    },
  }
}

/**
 * A remote that allows one call at a time would wait for itself. Of the others no more writes are in flight than leave room;
 * see `execute`.
 */
function canCallWhileWriting({ features }: Remote): boolean {
  return features.maxConcurrency > 1
}

type Sender = {
  /** Calls `write` with the source of the step. `beforeEnd` runs when all of it has been read and nothing is placed yet. */
  readonly send: <T>(
    step: PlanStep,
    write: (file: TrackedSource) => Promise<T>,
    beforeEnd?: () => Promise<void>,
  ) => Promise<T>
  readonly hasReadFailed: () => boolean
}

function createSender({ session, isStored }: PlacerOptions): Sender {
  let hasReadFailed = false
  return {
    hasReadFailed: () => hasReadFailed,
    async send(step, write, beforeEnd = () => Promise.resolve()) {
      const { from, source: state } = step
      if (from === null || state === null) throw new RemoteError('internal', 'a transfer without a source')
      if (isStored) await expectUnchanged(session, from, state)
      const onBytes = (count: number): void => session.progress.bytes(count)
      const file = trackSource(session.source, { path: from, state, isStrict: isStored, onBytes, beforeEnd })
      try {
        return await write(file)
      } finally {
        if (file.hasReadFailed()) hasReadFailed = true
      }
    },
  }
}

async function expectUnchanged(
  { source, signal }: Session,
  path: RemotePath,
  state: FileState,
): Promise<void> {
  try {
    await expectState(source.remote, { path, state }, signal)
  } catch (error) {
    throw codeOf(error) === 'source-changed' ? stale(path, 'the source is not what the plan saw') : error
  }
}

type Found = Awaited<ReturnType<Session['target']['remote']['stat']>>

function fileOr(entry: Found, step: PlanStep): FileEntry {
  if (entry?.kind !== 'file') throw stale(step.path, 'it is gone')
  return entry
}

/** Throws `stale-item` unless the target is exactly what the plan saw. */
function expectPlanned(step: PlanStep, entry: Found, isSame = sameState): void {
  const file = fileOr(entry, step)
  if (step.target === null || !isSame(stateOf(file), step.target)) {
    throw stale(step.path, 'the target is not what the plan saw')
  }
}

async function placeNew(
  { session, safety }: PlacerOptions,
  step: PlanStep,
  file: TrackedSource,
): Promise<Placed> {
  const { target, signal } = session
  let written: FileEntry
  try {
    written = await target.remote.write(step.path, file, 'create', signal)
  } catch (error) {
    if (codeOf(error) !== 'exists') throw error
    return { ...(await acceptOwn(session, step)), bytes: file.size }
  }
  if (written.size !== file.size) {
    // Nothing that arrived wrong may stay under the name; in safety it can still be looked at.
    await safety.take(step.path, calm())
    throw new RemoteError('integrity', `write ${step.path}: the target reports another size`)
  }
  return { target: stateOf(written), sha: file.sha(), bytes: file.size, kept: null }
}

/**
 * A name that was free in the scan is taken. After a lost reply the file is our own; then it has our size and time, the same
 * proof that two files meet for the first time with.
 */
async function acceptOwn(session: Session, step: PlanStep): Promise<Placed> {
  const entry = await session.target.remote.stat(step.path, session.signal)
  const isOwn =
    entry?.kind === 'file' &&
    step.source !== null &&
    entry.size === step.source.size &&
    timesAgree(entry, step.source, commonPrecision(session))
  if (!isOwn) throw stale(step.path, 'something has appeared there')
  return { target: stateOf(entry), sha: null, bytes: 0, kept: null }
}

type OldKeeper = {
  /** Keeps the old content and looks at the target once more; rejects with `stale-item` when it is not what the plan saw. */
  readonly keep: () => Promise<void>
  readonly kept: () => RemotePath | null
  /** What `keep` rejected with before it went through the connector; null when it did not. */
  readonly failure: () => Error | null
}

/** Runs when the new content has arrived beside the old one and only its placing is left. */
function createOldKeeper({ session, safety }: PlacerOptions, step: PlanStep): OldKeeper {
  const { target, signal } = session
  let kept: RemotePath | null = null
  let failure: Error | null = null
  const keepAndLook = async (): Promise<void> => {
    if (kept === null) {
      // A hard link gives the old file a new version, so a version can only be compared before.
      if (step.target?.version !== null) {
        expectPlanned(step, await target.remote.stat(step.path, signal))
      }
      kept = await safety.keep(step.path, signal)
    }
    expectPlanned(step, await target.remote.stat(step.path, signal), sameSizeAndTime)
  }
  return {
    kept: () => kept,
    failure: () => failure,
    async keep() {
      failure = null
      try {
        await keepAndLook()
      } catch (error) {
        if (error instanceof RemoteError) throw error
        failure = error instanceof Error ? error : null
        // A connector passes on what it knows; anything else it would have to call a bug of its own.
        throw new RemoteError('source-changed', `keep ${step.path}: not placed`, { cause: error })
      }
    },
  }
}

/**
 * One write, in whose last moment the old content is kept: the connector places the file itself and so gives it the
 * permissions of the one it replaces.
 */
async function replaceAtOnce(
  { target, signal }: Session,
  { step, file, old }: { step: PlanStep; file: TrackedSource; old: OldKeeper },
): Promise<Placed> {
  const written = await target.remote.write(step.path, file, 'replace', signal).catch((error: unknown) => {
    throw old.failure() ?? error
  })
  if (written.size !== file.size) {
    throw new RemoteError('integrity', `write ${step.path}: the target reports another size`)
  }
  return { target: stateOf(written), sha: file.sha(), bytes: file.size, kept: old.kept() }
}

/**
 * For a target that cannot replace in one step. Between the two moves the name is free; the journal tells the next run how to
 * go on.
 */
async function replaceByJournal(
  options: PlacerOptions,
  { step, file, temp }: { step: PlanStep; file: TrackedSource; temp: RemotePath },
): Promise<Placed> {
  const { remote } = options.session.target
  try {
    const written = await remote.write(temp, file, 'create', options.session.signal)
    if (written.size !== file.size) {
      throw new RemoteError('integrity', `write ${step.path}: the target reports another size`)
    }
    const kept = await swapWithJournal(options, { step, temp, size: file.size })
    const entry = fileOr(await remote.stat(step.path, calm()), step)
    if (entry.size !== file.size) throw stale(step.path, 'it was replaced at once')
    return { target: stateOf(entry), sha: file.sha(), bytes: file.size, kept }
  } catch (error) {
    // A temp file that stays behind is found by its name in a later run.
    await remote.remove(temp, calm()).catch(() => undefined)
    throw error
  }
}

async function swapWithJournal(
  { session, safety }: PlacerOptions,
  { step, temp, size }: { step: PlanStep; temp: RemotePath; size: number },
): Promise<RemotePath> {
  const { database, target, signal } = session
  const { remote } = target
  expectPlanned(step, await remote.stat(step.path, signal))
  const safetyPath = await safety.reserve(step.path, signal)
  const row = database.beginReplace(target.name, { path: step.path, temp, safety: safetyPath, size })
  const kept = await safety.take(step.path, calm())
  try {
    await remote.move?.(temp, step.path, 'create', calm())
  } catch (error) {
    // The name must not stay free when the new content does not come.
    await remote.move?.(kept, step.path, 'create', calm())
    database.endReplace(row)
    throw error
  }
  database.endReplace(row)
  return kept
}
