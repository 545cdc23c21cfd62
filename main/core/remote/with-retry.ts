import type { RemoteErrorCode } from '../../model/error-codes.ts'
import { isConnectionLoss, openConnection, pause } from './connection.ts'
import type { Connection, ConnectionParts } from './connection.ts'
import { RemoteError } from './remote-error.ts'
import type { RemotePath } from './remote-path.ts'
import type { Entry, FileEntry, Remote, Source, WriteMode } from './remote.ts'
import { retryDelay } from './retry-policy.ts'
import { wrapRemote } from './wrap-remote.ts'
import type { Call, StreamName } from './wrap-remote.ts'

/** Not tried again: after a failed flush the data may be gone, and a second flush would call that a success. */
const neverRetried: ReadonlySet<string> = new Set(['makeDurable'])

type Attempts = {
  readonly connection: Connection
  readonly parts: ConnectionParts
  /** Errors that came out of a source: the other side's trouble, for which this connection is not to blame. */
  readonly sourceErrors: WeakSet<RemoteError>
}

/** What one attempt knows of those before. */
type Attempt = {
  /** The connection broke or fell silent earlier, and the server may have done the work all the same. */
  readonly mayBeDone: boolean
}

/**
 * Opens a remote that repeats calls by the table of error codes, waits as the server asks, and opens a lost connection
 * again. A stream is repeated only before its first part, because what it has yielded cannot be taken back; a write starts
 * over with `source.open`.
 */
export async function openWithRetry(parts: ConnectionParts, signal: AbortSignal): Promise<Remote> {
  const connection = await openConnection(parts, signal)
  const attempts: Attempts = { connection, parts, sourceErrors: new WeakSet() }
  const remote = wrapRemote(connection.current(), {
    call: (call, work) => retried(attempts, call, work),
    stream: (call, start) => retriedStream(attempts, call, start),
    close: () => connection.close(),
  })
  return { ...remote, ...uncertainCalls(attempts, remote) }
}

async function retried<T>(
  attempts: Attempts,
  call: Call,
  work: (remote: Remote, attempt: Attempt) => Promise<T>,
): Promise<T> {
  let mayBeDone = false
  for (let number = 1; ; number += 1) {
    const remote = attempts.connection.current()
    try {
      return await work(remote, { mayBeDone })
    } catch (error) {
      const failure = toRemoteError(call, error)
      const isOurs = !attempts.sourceErrors.has(failure)
      mayBeDone ||= isOurs && (isConnectionLoss(failure) || failure.code === 'timeout')
      await beforeNext(attempts, { call, number, remote }, failure)
    }
  }
}

async function* retriedStream<T>(
  attempts: Attempts,
  call: Call<StreamName>,
  start: (remote: Remote) => AsyncIterable<T>,
): AsyncIterable<T> {
  for (let number = 1; ; number += 1) {
    const remote = attempts.connection.current()
    let hasYielded = false
    try {
      for await (const part of start(remote)) {
        hasYielded = true
        yield part
      }
      return
    } catch (error) {
      const failure = toRemoteError(call, error)
      if (hasYielded) throw failure
      await beforeNext(attempts, { call, number, remote }, failure)
    }
  }
}

/** A connector that throws anything else has a bug; the run must end with our code for that, not with its text. */
function toRemoteError(call: Call<string>, error: unknown): RemoteError {
  if (error instanceof RemoteError) return error
  return new RemoteError('internal', `${call.name} ${call.path}: unexpected error`, { cause: error })
}

type Failed = { readonly call: Call<string>; readonly number: number; readonly remote: Remote }

/** Returns when the call may be tried again, else throws `failure`. */
async function beforeNext(attempts: Attempts, failed: Failed, failure: RemoteError): Promise<void> {
  const { connection, parts, sourceErrors } = attempts
  const { clock, random, policy, log } = parts
  const { call, number, remote } = failed
  if (call.signal.aborted || neverRetried.has(call.name)) throw failure
  const note = { call: call.name, path: call.path, code: failure.code, attempt: number }
  // `closed` stops a run by the table; before it does, another connection is tried.
  if (isConnectionLoss(failure) && !sourceErrors.has(failure)) {
    if (number >= policy.maxAttempts) throw failure
    log.info('remote.retried', { ...note, delayMs: 0 })
    await unlessAborted(connection.replace(remote), call.signal)
    return
  }
  const delayMs = retryDelay(failure, number, policy, random)
  if (delayMs === null) throw failure
  log.info('remote.retried', { ...note, delayMs })
  await pause(clock, delayMs, call.signal)
}

/** Others wait for the same connection: the work goes on, only this caller leaves. */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void =>
      reject(new RemoteError('cancelled', 'cancelled while reconnecting', { cause: signal.reason }))
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

/** The calls whose repetition meets its own earlier success. */
function uncertainCalls(attempts: Attempts, inner: Remote): Partial<Remote> & Pick<Remote, 'write'> {
  return {
    write: (path, source, mode, signal) => writeAgain(attempts, { path, source, mode, signal }),
    ...(inner.move && {
      move: (from, to, mode, signal) =>
        retried(attempts, { name: 'move', path: from, signal }, async (remote, { mayBeDone }) => {
          try {
            await remote.move?.(from, to, mode, signal)
          } catch (error) {
            if (!mayBeDone || mode !== 'create' || !hasCode(error, 'not-found', 'exists')) throw error
            const isDone =
              (await remote.stat(from, signal)) === null && (await remote.stat(to, signal)) !== null
            if (!isDone) throw error
          }
        }),
    }),
    ...(inner.link && {
      link: (from, to, signal) =>
        retried(attempts, { name: 'link', path: from, signal }, async (remote, { mayBeDone }) => {
          try {
            await remote.link?.(from, to, signal)
          } catch (error) {
            if (!mayBeDone || !hasCode(error, 'exists')) throw error
            if (!areLinks(await remote.stat(from, signal), await remote.stat(to, signal))) throw error
          }
        }),
    }),
  }
}

type Write = {
  readonly path: RemotePath
  readonly source: Source
  readonly mode: WriteMode
  readonly signal: AbortSignal
}

function writeAgain(attempts: Attempts, { path, source, mode, signal }: Write): Promise<FileEntry> {
  const watched: Source = {
    size: source.size,
    modTime: source.modTime,
    open: (sourceSignal) => noting(attempts.sourceErrors, source.open(sourceSignal)),
  }
  return retried(attempts, { name: 'write', path, signal }, async (remote, { mayBeDone }) => {
    try {
      return await remote.write(path, watched, mode, signal)
    } catch (error) {
      if (!mayBeDone || mode !== 'create' || !hasCode(error, 'exists')) throw error
      const entry = await remote.stat(path, signal)
      if (!isWritten(entry, source, remote)) throw error
      return entry
    }
  })
}

async function* noting<T>(errors: WeakSet<RemoteError>, parts: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* parts
  } catch (error) {
    if (error instanceof RemoteError) errors.add(error)
    throw error
  }
}

function hasCode(error: unknown, ...codes: readonly RemoteErrorCode[]): boolean {
  return error instanceof RemoteError && codes.includes(error.code)
}

/** True when `entry` is what an earlier attempt placed: its size, and the time we gave it, which is hardly a coincidence. */
function isWritten(entry: Entry | null, source: Source, { features }: Remote): entry is FileEntry {
  const precision = features.modTimePrecisionMs
  if (entry?.kind !== 'file' || precision === null || source.modTime === null) return false
  return entry.size === source.size && entry.modTime === Math.floor(source.modTime / precision) * precision
}

/** True for two names of one file, as far as their entries tell. */
function areLinks(left: Entry | null, right: Entry | null): boolean {
  if (left?.kind !== 'file' || right?.kind !== 'file') return false
  return left.size === right.size && left.modTime === right.modTime && left.version === right.version
}
