import { RemoteError } from './remote-error.ts'
import { rootPath } from './remote-path.ts'
import type { RemotePath } from './remote-path.ts'
import type { Remote } from './remote.ts'

/** Calls that answer once. */
export type CallName = Exclude<keyof Remote, 'kind' | 'features' | 'list' | 'read' | 'close'>
/** Calls that answer in parts. */
export type StreamName = 'list' | 'read'

/** Names one call in progress. `path` is the root for calls without a path, and the source of a move or link. */
export type Call<N extends string = CallName> = {
  readonly name: N
  readonly path: RemotePath
  readonly signal: AbortSignal
}

/** What a wrapper does around every call: it decides when, how often and on which remote the work is done. */
export type Around = {
  readonly call: <T>(call: Call, work: (remote: Remote) => Promise<T>) => Promise<T>
  readonly stream: <T>(
    call: Call<StreamName>,
    start: (remote: Remote) => AsyncIterable<T>,
  ) => AsyncIterable<T>
  readonly close: () => Promise<void>
}

/**
 * A remote with the kind, features and optional methods of `inner`, whose every call goes through `around`. Wrappers are
 * made of this, so that a method added to Remote cannot slip past one of them.
 */
export function wrapRemote(inner: Remote, { call, stream, close }: Around): Remote {
  return {
    kind: inner.kind,
    features: inner.features,
    close,
    stat: (path, signal) => call({ name: 'stat', path, signal }, (remote) => remote.stat(path, signal)),
    list: (path, signal) => stream({ name: 'list', path, signal }, (remote) => remote.list(path, signal)),
    read: (path, offset, signal) =>
      stream({ name: 'read', path, signal }, (remote) => remote.read(path, offset, signal)),
    write: (path, source, mode, signal) =>
      call({ name: 'write', path, signal }, (remote) => remote.write(path, source, mode, signal)),
    remove: (path, signal) => call({ name: 'remove', path, signal }, (remote) => remote.remove(path, signal)),
    mkdir: (path, signal) => call({ name: 'mkdir', path, signal }, (remote) => remote.mkdir(path, signal)),
    rmdir: (path, signal) => call({ name: 'rmdir', path, signal }, (remote) => remote.rmdir(path, signal)),
    ...optionalCalls(inner, call),
  }
}

type OptionalName =
  'move' | 'link' | 'copy' | 'setModTime' | 'hash' | 'usage' | 'makeDurable' | 'rootIdentity'
type Optional = Required<Pick<Remote, OptionalName>>

function optionalCalls(inner: Remote, call: Around['call']): Partial<Optional> {
  const all: Optional = {
    move: (from, to, mode, signal) =>
      call({ name: 'move', path: from, signal }, (remote) => need(remote, 'move')(from, to, mode, signal)),
    link: (from, to, signal) =>
      call({ name: 'link', path: from, signal }, (remote) => need(remote, 'link')(from, to, signal)),
    copy: (from, to, signal) =>
      call({ name: 'copy', path: from, signal }, (remote) => need(remote, 'copy')(from, to, signal)),
    setModTime: (path, modTime, signal) =>
      call({ name: 'setModTime', path, signal }, (remote) =>
        need(remote, 'setModTime')(path, modTime, signal),
      ),
    hash: (path, algorithm, signal) =>
      call({ name: 'hash', path, signal }, (remote) => need(remote, 'hash')(path, algorithm, signal)),
    usage: (signal) =>
      call({ name: 'usage', path: rootPath, signal }, (remote) => need(remote, 'usage')(signal)),
    makeDurable: (paths, signal) =>
      call({ name: 'makeDurable', path: rootPath, signal }, (remote) =>
        need(remote, 'makeDurable')(paths, signal),
      ),
    rootIdentity: (signal) =>
      call({ name: 'rootIdentity', path: rootPath, signal }, (remote) =>
        need(remote, 'rootIdentity')(signal),
      ),
  }
  // Object.entries loses the link between a key and its value; keys and values are those of `all`.
  return Object.fromEntries(Object.entries(all).filter(([name]) => inner[name as OptionalName] !== undefined))
}

/** The optional method of the remote that the call lands on, which may be a later connection than the first. */
function need<K extends OptionalName>(remote: Remote, name: K): Optional[K] {
  const method: Remote[K] = remote[name]
  if (method === undefined) throw new RemoteError('unsupported', `${name}: the server no longer offers it`)
  // Bound, because a remote may be an object with state; `method` is not undefined here.
  return method.bind(remote) as Optional[K]
}

/** Around that adds nothing: for a wrapper that replaces one method and leaves the rest. */
export function passThrough(inner: Remote): Remote {
  return wrapRemote(inner, {
    call: (_call, work) => work(inner),
    stream: (_call, start) => start(inner),
    close: () => inner.close(),
  })
}
