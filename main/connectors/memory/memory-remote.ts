import { RemoteError } from '../../core/remote/remote-error.ts'
import { childPath, parentPath } from '../../core/remote/remote-path.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { FileEntry, ListedEntry, Remote, Source } from '../../core/remote/remote.ts'
import { createOptionalMethods } from './optional-methods.ts'
import { describeNode, fileEntry, settle, usedBytes } from './session.ts'
import type { MemoryRemoteParts, MemorySession } from './session.ts'
import type { MemoryFile } from './tree.ts'

const listBatch = 1_000
const readChunk = 65_536

/** One connection to a memory place. Content is copied in, and handed out as views that nobody may write to. */
export function createMemoryRemote(parts: MemoryRemoteParts): Remote {
  let isClosed = false
  const { store, features, root } = parts
  const session: MemorySession = {
    ...parts,
    check(signal) {
      if (isClosed) throw new RemoteError('closed', 'the connection is closed')
      if (signal.aborted) throw cancelled(signal)
    },
    absolute: (path) => (root === '' ? path : path === '' ? root : `${root}/${path}`),
    entry: (path, node) => describeNode(path, node, features),
  }
  const { check, absolute } = session

  return {
    kind: 'memory',
    features,
    async stat(path, signal) {
      await settle()
      check(signal)
      const found = store.find(absolute(path))
      if (path === '' && found === null && !features.directories) return { kind: 'dir', path }
      if (found === null || found.node.kind === 'invalid-name') return null
      return session.entry(path, found.node)
    },
    list: (dir, signal) => listFolder(session, dir, signal),
    read: (path, offset, signal) => readFile(session, path, { offset, signal }),
    write: (path, source, mode, signal) => writeFile(session, path, { source, mode, signal }),
    async remove(path, signal) {
      await settle()
      check(signal)
      const found = store.find(absolute(path))
      if (found === null) return
      if (found.node.kind === 'dir') throw new RemoteError('wrong-kind', `remove ${path}: is a folder`)
      store.take(absolute(path))
    },
    async mkdir(dir, signal) {
      await settle()
      check(signal)
      if (features.directories) store.makeFolder(absolute(dir))
    },
    async rmdir(dir, signal) {
      await settle()
      check(signal)
      const found = store.find(absolute(dir))
      if (found === null) return
      if (found.node.kind !== 'dir') throw new RemoteError('wrong-kind', `rmdir ${dir}: is no folder`)
      if (found.node.children.size > 0) throw new RemoteError('not-empty', `rmdir ${dir}: has content`)
      if (dir !== '' || root !== '') store.take(absolute(dir))
    },
    close() {
      isClosed = true
      return Promise.resolve()
    },
    ...createOptionalMethods(session),
  }
}

function cancelled(signal: AbortSignal): RemoteError {
  return new RemoteError('cancelled', 'cancelled by the caller', { cause: signal.reason })
}

async function* listFolder(
  session: MemorySession,
  dir: RemotePath,
  signal: AbortSignal,
): AsyncIterable<readonly ListedEntry[]> {
  await settle()
  session.check(signal)
  const found = session.store.find(session.absolute(dir))
  if (found?.node.kind !== 'dir') {
    if (!session.features.directories) return
    if (found === null) throw new RemoteError('not-found', `list ${dir}: nothing there`)
    throw new RemoteError('wrong-kind', `list ${dir}: is no folder`)
  }
  // One consistent snapshot: entries that come or go while the caller works on a batch do not shift the rest.
  const children = [...found.node.children.values()]
  for (let start = 0; start < children.length; start += listBatch) {
    session.check(signal)
    yield children.slice(start, start + listBatch).map(({ name, node }): ListedEntry => {
      if (node.kind === 'invalid-name') return { kind: 'invalid-name', dir, shown: name }
      return session.entry(childPath(dir, name), node)
    })
  }
}

async function* readFile(
  session: MemorySession,
  path: RemotePath,
  { offset, signal }: { offset: number; signal: AbortSignal },
): AsyncIterable<Uint8Array> {
  await settle()
  session.check(signal)
  const node = session.store.find(session.absolute(path))?.node
  if (node === undefined) throw new RemoteError('not-found', `read ${path}: nothing there`)
  if (node.kind !== 'file') throw new RemoteError('wrong-kind', `read ${path}: is no file`)
  // The content of this moment, as an open file would be: a replacement makes a new array.
  const { content } = node
  for (let start = offset; start < content.length; start += readChunk) {
    await settle()
    session.check(signal)
    yield content.subarray(start, start + readChunk)
  }
}

type WriteOptions = {
  readonly source: Source
  readonly mode: 'create' | 'replace'
  readonly signal: AbortSignal
}

async function writeFile(
  session: MemorySession,
  path: RemotePath,
  { source, mode, signal }: WriteOptions,
): Promise<FileEntry> {
  const { store, features, absolute, check } = session
  await settle()
  check(signal)
  refuseTarget(session, path, mode)
  if (features.maxFileSize !== null && source.size > features.maxFileSize) {
    throw new RemoteError('too-large', `write ${path}: larger than the place takes`)
  }
  if (features.directories) store.makeFolder(absolute(parentPath(path)))
  const content = await collect(session, path, { source, signal })
  check(signal)
  refuseSpace(session, path, content.length)
  if (!features.atomicWrite && mode === 'replace' && store.find(absolute(path)) !== null) {
    // What a server without atomic replace does: for a moment there is no file at all.
    store.take(absolute(path))
    await settle()
  }
  refuseTarget(session, path, mode)
  const file: MemoryFile = {
    kind: 'file',
    content,
    modTime: (features.modTimePrecisionMs === null ? null : source.modTime) ?? session.now(),
    version: store.nextVersion(),
  }
  store.place(absolute(path), file)
  return fileEntry(path, file, features)
}

function refuseTarget(
  { store, absolute }: MemorySession,
  path: RemotePath,
  mode: 'create' | 'replace',
): void {
  const found = store.find(absolute(path))
  if (found === null) return
  if (mode === 'create') throw new RemoteError('exists', `write ${path}: something is there`)
  if (found.node.kind !== 'file') throw new RemoteError('wrong-kind', `write ${path}: is no file`)
}

function refuseSpace({ store, capacity }: MemorySession, path: RemotePath, added: number): void {
  if (capacity !== null && usedBytes(store.root) + added > capacity) {
    throw new RemoteError('quota-exceeded', `write ${path}: the place is full`)
  }
}

async function collect(
  { check }: MemorySession,
  path: RemotePath,
  { source, signal }: { source: Source; signal: AbortSignal },
): Promise<Uint8Array> {
  const content = new Uint8Array(source.size)
  let length = 0
  try {
    for await (const chunk of source.open(signal)) {
      check(signal)
      if (length + chunk.length > source.size) throw changed(path)
      content.set(chunk, length)
      length += chunk.length
    }
  } catch (error) {
    if (error instanceof RemoteError) throw error
    if (signal.aborted) throw cancelled(signal)
    throw new RemoteError('internal', `write ${path}: the source failed`, { cause: error })
  }
  if (length !== source.size) throw changed(path)
  return content
}

function changed(path: RemotePath): RemoteError {
  return new RemoteError('source-changed', `write ${path}: the source has another size now`)
}
