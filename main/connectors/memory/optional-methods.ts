import { RemoteError } from '../../core/remote/remote-error.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Remote, WriteMode } from '../../core/remote/remote.ts'
import { settle, usedBytes } from './session.ts'
import type { MemorySession, OptionalMethod } from './session.ts'
import type { MemoryFile, MemoryNode } from './tree.ts'

type Optional = Required<Pick<Remote, OptionalMethod>>

/** The optional methods that the place has been given, and no others: a method that is present works. */
export function createOptionalMethods(session: MemorySession): Partial<Optional> {
  const all = allMethods(session)
  return Object.fromEntries(session.methods.map((name) => [name, all[name]]))
}

function allMethods(session: MemorySession): Optional {
  const { store, absolute, check } = session
  const enter = async (signal: AbortSignal): Promise<void> => {
    await settle()
    check(signal)
  }
  return {
    async move(from, to, mode, signal) {
      await enter(signal)
      const node = needNode(session, from)
      if (absolute(from) === absolute(to)) return
      refuseOver(session, node, { to, mode })
      if (node.kind === 'dir' && absolute(to).startsWith(`${absolute(from)}/`)) {
        throw new RemoteError('wrong-kind', `move ${from}: into itself`)
      }
      store.makeFolder(parentOf(absolute(to)))
      store.take(absolute(from))
      store.place(absolute(to), node)
    },
    async link(from, to, signal) {
      await enter(signal)
      const file = needFile(session, from)
      if (store.find(absolute(to)) !== null) throw new RemoteError('exists', `link ${to}: something is there`)
      store.place(absolute(to), file)
    },
    async copy(from, to, signal) {
      await enter(signal)
      const file = needFile(session, from)
      refuseOver(session, file, { to, mode: 'replace' })
      store.place(absolute(to), { ...file, version: store.nextVersion() })
    },
    async setModTime(path, modTime, signal) {
      await enter(signal)
      needFile(session, path).modTime = modTime
    },
    async hash(path, _algorithm, signal) {
      await enter(signal)
      needFile(session, path)
      return null
    },
    async usage(signal) {
      await enter(signal)
      const { capacity } = session
      return { total: capacity, free: capacity === null ? null : capacity - usedBytes(store.root) }
    },
    makeDurable: (_paths, signal) => enter(signal),
    async rootIdentity(signal) {
      await enter(signal)
      return store.find(absolute('' as RemotePath)) === null ? null : session.identity
    },
  }
}

function needNode({ store, absolute }: MemorySession, path: RemotePath): MemoryNode {
  const found = store.find(absolute(path))
  if (found === null) throw new RemoteError('not-found', `${path}: nothing there`)
  return found.node
}

function needFile(session: MemorySession, path: RemotePath): MemoryFile {
  const node = needNode(session, path)
  if (node.kind !== 'file') throw new RemoteError('wrong-kind', `${path}: is no file`)
  return node
}

function refuseOver(
  { store, absolute }: MemorySession,
  node: MemoryNode,
  { to, mode }: { to: RemotePath; mode: WriteMode },
): void {
  const target = store.find(absolute(to))
  if (target === null || target.node === node) return
  if (mode === 'create') throw new RemoteError('exists', `move ${to}: something is there`)
  if (node.kind !== target.node.kind || target.node.kind === 'dir') {
    throw new RemoteError('wrong-kind', `move ${to}: is something else`)
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}
