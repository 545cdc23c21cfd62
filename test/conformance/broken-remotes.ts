import { createMemoryPlace } from '../../main/connectors/memory/memory-place.ts'
import type { MemoryPlace } from '../../main/connectors/memory/memory-place.ts'
import { RemoteError } from '../../main/core/remote/remote-error.ts'
import { childPath, parentPath } from '../../main/core/remote/remote-path.ts'
import type { RemotePath } from '../../main/core/remote/remote-path.ts'
import type { Entry, ListedEntry, Remote, Source } from '../../main/core/remote/remote.ts'
import type { Place } from './suite.ts'

/** One way in which a remote can be wrong while looking right, and a case of the suite that must notice. */
export type Defect = {
  readonly name: string
  /** Name of a case that must fail. */
  readonly caughtBy: string
  readonly spoil: (remote: Remote, place: MemoryPlace) => Remote
}

/** A fresh place whose every connection has the defect. */
export function brokenPlace(defect: Defect): Promise<Place> {
  const place = createMemoryPlace()
  return Promise.resolve({
    connect: () => Promise.resolve(defect.spoil(place.connect(), place)),
    cleanup: () => Promise.resolve(),
  })
}

const never = new AbortController().signal

async function* filtered(
  batches: AsyncIterable<readonly ListedEntry[]>,
  keep: (entry: ListedEntry, index: number) => boolean,
): AsyncIterable<readonly ListedEntry[]> {
  let index = 0
  for await (const batch of batches) yield batch.filter((entry) => keep(entry, index++))
}

async function* withoutErrors<T>(parts: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* parts
  } catch {
    // The defect: a failed listing ends like a complete one.
  }
}

async function* shortened(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let held: Uint8Array | null = null
  for await (const chunk of chunks) {
    if (held !== null) yield held
    held = chunk
  }
  if (held !== null) yield held.subarray(0, Math.max(0, held.length - 1))
}

/** Writes each chunk to the target as it comes: readers see a part. */
async function writeInPlace(remote: Remote, path: RemotePath, source: Source): Promise<void> {
  let written = new Uint8Array(0)
  for await (const chunk of source.open(never)) {
    written = new Uint8Array(Buffer.concat([written, chunk]))
    const part = written
    await remote.write(path, { size: part.length, modTime: null, open: () => only(part) }, 'replace', never)
  }
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield await Promise.resolve(bytes)
}

/** Puts a temp file beside the target and forgets it when the write fails. */
async function leaveTemp(remote: Remote, path: RemotePath, write: Promise<unknown>): Promise<never> {
  try {
    await write
  } catch (error) {
    const temp = childPath(parentPath(path), '.fernsync-00000000-1.part')
    await remote.write(
      temp,
      { size: 1, modTime: null, open: () => only(new Uint8Array(1)) },
      'replace',
      never,
    )
    throw error
  }
  throw new Error('only for writes that fail')
}

export const defects: readonly Defect[] = [
  {
    name: 'a list that stops at 1,000 entries',
    caughtBy: 'lists 2,500 entries each exactly once',
    spoil: (remote) => ({
      ...remote,
      list: (dir, signal) => filtered(remote.list(dir, signal), (_, index) => index < 1000),
    }),
  },
  {
    name: 'a list that leaves folders out',
    caughtBy: 'lists one level, files and folders mixed',
    spoil: (remote) => ({
      ...remote,
      list: (dir, signal) => filtered(remote.list(dir, signal), ({ kind }) => kind !== 'dir'),
    }),
  },
  {
    name: 'a list that swallows its error',
    caughtBy: 'rejects a missing folder with "not-found"',
    spoil: (remote) => ({ ...remote, list: (dir, signal) => withoutErrors(remote.list(dir, signal)) }),
  },
  {
    name: 'a stat from a cache',
    caughtBy: 'sees at once what the other connection wrote',
    spoil(remote) {
      const cache = new Map<RemotePath, Entry | null>()
      return {
        ...remote,
        async stat(path, signal) {
          const known = cache.get(path)
          if (known !== undefined) return known
          const entry = await remote.stat(path, signal)
          cache.set(path, entry)
          return entry
        },
      }
    },
  },
  {
    name: 'a write that goes straight into the target',
    caughtBy: 'shows no part of a file while it is being written',
    spoil: (remote) => ({
      ...remote,
      async write(path, source, mode, signal) {
        if (mode === 'replace') await writeInPlace(remote, path, source)
        return remote.write(path, source, mode, signal)
      },
    }),
  },
  {
    name: 'a create that looks first and then replaces',
    caughtBy: 'never overwrites what appears while a new file is being written',
    spoil: (remote) => ({
      ...remote,
      async write(path, source, mode, signal) {
        if (mode === 'create' && (await remote.stat(path, signal)) !== null) {
          throw new RemoteError('exists', `write ${path}: something is there`)
        }
        return remote.write(path, source, 'replace', signal)
      },
    }),
  },
  {
    name: 'a write that leaves its temp file when it fails',
    caughtBy: 'keeps the old state and no temp file when the source fails half way (replace)',
    spoil: (remote) => ({
      ...remote,
      write(path, source, mode, signal) {
        const write = remote.write(path, source, mode, signal)
        return write.catch(() => leaveTemp(remote, path, write))
      },
    }),
  },
  {
    name: 'a write that takes a source of another size',
    caughtBy: 'rejects a shorter or longer source with "source-changed" (create)',
    spoil: (remote) => ({
      ...remote,
      async write(path, source, mode, signal) {
        const chunks: Uint8Array[] = []
        for await (const chunk of source.open(signal)) chunks.push(Uint8Array.from(chunk))
        const bytes = new Uint8Array(Buffer.concat(chunks))
        return remote.write(path, { ...source, size: bytes.length, open: () => only(bytes) }, mode, signal)
      },
    }),
  },
  {
    name: 'a write that reports the size it was promised',
    caughtBy: 'returns from write what stat then says',
    spoil: (remote) => ({
      ...remote,
      async write(path, source, mode, signal) {
        const entry = await remote.write(path, source, mode, signal)
        return { ...entry, size: entry.size + 1 }
      },
    }),
  },
  {
    name: 'a remove that complains about what is not there',
    caughtBy: 'removes a file, and again without complaint',
    spoil: (remote) => ({
      ...remote,
      async remove(path, signal) {
        if ((await remote.stat(path, signal)) === null) throw new RemoteError('not-found', 'nothing there')
        await remote.remove(path, signal)
      },
    }),
  },
  {
    name: 'a read that ends one byte early',
    caughtBy: 'returns the 65,537 bytes that were written',
    spoil: (remote) => ({
      ...remote,
      read: (path, offset, signal) => shortened(remote.read(path, offset, signal)),
    }),
  },
  {
    name: 'a read that ignores its offset',
    caughtBy: 'reads from an offset to the end',
    spoil: (remote) => ({ ...remote, read: (path, _offset, signal) => remote.read(path, 0, signal) }),
  },
  {
    name: 'a read that ignores the signal',
    caughtBy: 'stops soon when the signal aborts during a reading',
    spoil: (remote) => ({ ...remote, read: (path, offset) => remote.read(path, offset, never) }),
  },
  {
    name: 'a move that leaves the source',
    caughtBy: 'moves a file with its content and time',
    spoil: (remote) => ({
      ...remote,
      async move(from, to, _mode, signal) {
        await remote.copy?.(from, to, signal)
      },
    }),
  },
  {
    name: 'a link that is a view of the name, not of the file',
    caughtBy: 'gives a file a second name that survives a replacement of the first',
    spoil: (remote, place) => ({
      ...remote,
      async write(path, source, mode, signal) {
        const before = place.store.find(path)?.node
        const entry = await remote.write(path, source, mode, signal)
        const after = place.store.find(path)?.node
        if (before?.kind === 'file' && after?.kind === 'file') before.content = after.content
        return entry
      },
    }),
  },
  {
    name: 'a name that is quietly normalised',
    caughtBy: 'keeps or refuses decomposed Unicode',
    spoil: (remote) => ({
      ...remote,
      // A normalised path keeps every rule of a RemotePath.
      write: (path, source, mode, signal) =>
        remote.write(path.normalize('NFC') as RemotePath, source, mode, signal),
    }),
  },
  {
    name: 'a connection that works on after close',
    caughtBy: 'answers every call after close with "closed"',
    spoil: (remote) => ({ ...remote, close: () => Promise.resolve() }),
  },
]
