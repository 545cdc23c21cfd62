import { startSha256 } from '../crypto/sha256-stream.ts'
import type { Sha256Stream } from '../crypto/sha256-stream.ts'
import { sha256 } from '../crypto/sha256.ts'
import { RemoteError } from '../remote/remote-error.ts'
import type { RemotePath } from '../remote/remote-path.ts'
import type { Remote, Source } from '../remote/remote.ts'
import { sameState, stateOf } from './file-state.ts'
import type { FileState } from './file-state.ts'
import { codeOf } from './session.ts'
import type { Side } from './session.ts'

export type TrackedSource = Source & {
  /** SHA-256 of what was read last, 32 bytes; null before the end of a reading. */
  sha(): Uint8Array | null
  /** True when reading failed, as opposed to writing. */
  hasReadFailed(): boolean
}

export type TrackOptions = {
  readonly path: RemotePath
  /** What the plan saw; anything else makes the reading fail with `source-changed`. */
  readonly state: FileState
  /** Look again after the last byte, however small the file is. */
  readonly isStrict: boolean
  readonly onBytes: (count: number) => void
  /** Called after the last byte and before the content counts as complete; a rejection keeps it from being placed. */
  readonly beforeEnd: () => Promise<void>
}

/**
 * A file as content to write, hashed on the way. Before the last byte counts as delivered the source is looked at again, so
 * that a file that changes while it is read is never placed. A small file that comes in one piece over a network is not worth
 * another round trip: its time of before is recorded, and the next run sees the change.
 */
export function trackSource({ remote, name }: Side, options: TrackOptions): TrackedSource {
  const { path, state, isStrict, onBytes } = options
  let sha: Uint8Array | null = null
  let sent = 0
  let hasReadFailed = false
  async function* open(signal: AbortSignal): AsyncIterable<Uint8Array> {
    onBytes(-sent)
    sent = 0
    sha = null
    let hash: Sha256Stream | null = null
    let pieces = 0
    try {
      for await (const chunk of remote.read(path, 0, signal)) {
        pieces += 1
        // The chunk is only valid now, and hashing one piece at once costs half of a stream.
        if (pieces === 1 && chunk.length === state.size) sha = sha256(chunk)
        else (hash ??= startSha256()).update(chunk)
        sent += chunk.length
        onBytes(chunk.length)
        yield chunk
      }
      if (pieces === 0) sha = sha256(new Uint8Array())
      else if (hash !== null) sha = hash.digest()
      if (isStrict || pieces > 1 || name === 'local') await expectState(remote, options, signal)
    } catch (error) {
      const code = codeOf(error)
      hasReadFailed = code !== 'source-changed' && code !== 'cancelled'
      throw error
    }
    await options.beforeEnd()
  }
  return {
    size: state.size,
    modTime: state.modTime,
    open,
    sha: () => sha,
    hasReadFailed: () => hasReadFailed,
  }
}

/** Resolves when the file still is what the plan saw; rejects with `source-changed` otherwise. */
export async function expectState(
  remote: Remote,
  { path, state }: Pick<TrackOptions, 'path' | 'state'>,
  signal: AbortSignal,
): Promise<void> {
  const entry = await remote.stat(path, signal)
  if (entry?.kind === 'file' && sameState(stateOf(entry), state)) return
  throw new RemoteError('source-changed', `read ${path}: changed since the scan`)
}
