import { RemoteError } from './remote-error.ts'
import { childPath, parentPath } from './remote-path.ts'
import type { RemotePath } from './remote-path.ts'
import type { FileEntry, Remote, Source, WriteMode } from './remote.ts'
import { passThrough } from './wrap-remote.ts'

/**
 * For a remote without atomic writes that can move: content goes to a temp name beside the target and is moved into place
 * once it is whole, so that a transfer that breaks never leaves a part under the real name. Any other remote is returned as
 * it is: its own `write` does that, or nothing can.
 */
export function withSafeWrite(inner: Remote, tempName: () => string): Remote {
  if (inner.features.atomicWrite || inner.move === undefined) return inner
  const place = inner.move.bind(inner)
  return {
    ...passThrough(inner),
    async write(path, source, mode, signal) {
      const old = await inner.stat(path, signal)
      if (old !== null && mode === 'create')
        throw new RemoteError('exists', `write ${path}: something is there`)
      if (old !== null && old.kind !== 'file')
        throw new RemoteError('wrong-kind', `write ${path}: is no file`)
      const temp = childPath(parentPath(path), tempName())
      return writeThenMove({ inner, place, temp }, { path, source, mode }, signal)
    },
  }
}

type Placing = {
  readonly inner: Remote
  readonly place: NonNullable<Remote['move']>
  readonly temp: RemotePath
}
type Write = { readonly path: RemotePath; readonly source: Source; readonly mode: WriteMode }

async function writeThenMove(
  { inner, place, temp }: Placing,
  { path, source, mode }: Write,
  signal: AbortSignal,
): Promise<FileEntry> {
  try {
    await inner.write(temp, source, 'create', signal)
    await place(temp, path, mode, signal)
  } catch (error) {
    // With a signal of its own: after an abort the temp file must go all the same.
    await inner.remove(temp, new AbortController().signal).catch(() => undefined)
    throw error
  }
  const entry = await inner.stat(path, signal)
  if (entry?.kind !== 'file')
    throw new RemoteError('not-found', `write ${path}: gone right after it was placed`)
  return entry
}
