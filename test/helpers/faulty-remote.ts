import { RemoteError } from '../../main/core/remote/remote-error.ts'
import type { Remote } from '../../main/core/remote/remote.ts'
import { wrapRemote } from '../../main/core/remote/wrap-remote.ts'
import type { Call, CallName, StreamName } from '../../main/core/remote/wrap-remote.ts'
import type { RemoteErrorCode } from '../../main/model/error-codes.ts'

export type Method = CallName | StreamName

/** What goes wrong, and when. Counting starts at 1 and counts the calls of `method` whose path matches. */
export type Fault = {
  readonly method: Method
  /** Exact path (source of a move or link), or a test of it; absent = any path. */
  readonly path?: string | ((path: string) => boolean)
  /** First matching call that is hit; default 1. */
  readonly from?: number
  /** How many matching calls are hit; default 1; Infinity = for ever. */
  readonly times?: number
} & Effect

export type Effect =
  /** Rejects before anything is done. */
  | { readonly effect: 'fail'; readonly code: RemoteErrorCode; readonly retryAfterMs?: number }
  /** Does the work and then rejects, as when the reply is lost. */
  | { readonly effect: 'fail-after'; readonly code: RemoteErrorCode }
  /** `read`: yields this many bytes and throws. `list`: yields this many entries and throws. */
  | { readonly effect: 'cut'; readonly after: number; readonly code: RemoteErrorCode }
  /** Waits until the signal aborts, then rejects with `cancelled`. */
  | { readonly effect: 'hang' }
  /** Calls `act` first, then works as ever: for what others do meanwhile. */
  | { readonly effect: 'meanwhile'; readonly act: () => void | Promise<void> }

export type FaultyRemote = {
  readonly remote: Remote
  /** Every call so far as `method path`, the failed ones too. */
  readonly calls: readonly string[]
  /** Adds a fault from now on. */
  add(fault: Fault): void
}

/** A remote that works like `inner` except for the faults it is told. */
export function faultyRemote(inner: Remote, faults: readonly Fault[] = []): FaultyRemote {
  const calls: string[] = []
  const script = faults.map((fault) => ({ fault, seen: 0 }))

  const hit = (call: Call<Method>): Effect | null => {
    calls.push(`${call.name} ${call.path}`)
    let effect: Effect | null = null
    for (const line of script) {
      if (!matches(line.fault, call)) continue
      line.seen += 1
      const { from = 1, times = 1 } = line.fault
      if (line.seen >= from && line.seen < from + times) effect ??= line.fault
    }
    return effect
  }

  const remote = wrapRemote(inner, {
    async call(call, work) {
      const effect = hit(call)
      await before(effect, call)
      const result = await work(inner)
      if (effect?.effect === 'fail-after')
        throw new RemoteError(effect.code, `scripted: ${call.name} was done`)
      return result
    },
    async *stream(call, start) {
      const effect = hit(call)
      await before(effect, call)
      if (effect?.effect === 'cut') yield* cut(start(inner), effect.after, effect.code)
      else yield* start(inner)
    },
    close: () => inner.close(),
  })
  return { remote, calls, add: (fault) => void script.push({ fault, seen: 0 }) }
}

function matches({ method, path }: Fault, call: Call<Method>): boolean {
  if (method !== call.name) return false
  return typeof path === 'function' ? path(call.path) : path === undefined || path === call.path
}

async function before(effect: Effect | null, { name, signal }: Call<Method>): Promise<void> {
  if (effect?.effect === 'fail') {
    const { code, retryAfterMs } = effect
    throw new RemoteError(code, `scripted: ${name} fails`, retryAfterMs === undefined ? {} : { retryAfterMs })
  }
  if (effect?.effect === 'meanwhile') await effect.act()
  if (effect?.effect === 'hang') {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    throw new RemoteError('cancelled', `scripted: ${name} hung until cancelled`)
  }
}

/** Parts are chunks of bytes or batches of entries; both are cut at a count of their members. */
async function* cut<T>(parts: AsyncIterable<T>, after: number, code: RemoteErrorCode): AsyncIterable<T> {
  let left = after
  for await (const part of parts) {
    if (!(part instanceof Uint8Array) && !Array.isArray(part))
      throw new Error('streams yield bytes or entries')
    if (part.length > left) {
      // A prefix of a part is of the type of the part.
      if (left > 0) yield part.slice(0, left) as T
      break
    }
    left -= part.length
    yield part
  }
  throw new RemoteError(code, 'scripted: the stream was cut')
}
