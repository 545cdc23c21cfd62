import type { ConnectorDeps } from '../../core/remote/connector.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import type { Entry, FileEntry } from '../../core/remote/remote.ts'
import { isStatus } from './errors.ts'
import type { Budget } from './budget.ts'
import type { Connections } from './connections.ts'
import type { SftpLimits } from './limits.ts'
import { operations } from './operations.ts'
import type { RequestSizer } from './request-size.ts'
import { statusCode, type Session } from './session.ts'
import { fileKind, type Attributes } from './wire.ts'

/** What the parts of one open remote share. */
export type Context = {
  readonly connections: Connections
  readonly limits: SftpLimits
  readonly deps: Pick<ConnectorDeps, 'clock' | 'log' | 'tempName'>
  readonly budget: Budget
  readonly readSize: RequestSizer
  /** The root as the server takes it, absolute and without a slash at its end; `''` for `/`. */
  readonly root: string
  /** Folders being made at this moment, so that many files in a new folder ask for it once. */
  readonly makingDirs: Map<string, Promise<void>>
  /** Whether plain rename replaces on this server; null = not tried yet. */
  readonly renameReplaces: { known: Promise<boolean> | null }
}

/** The text for the server; throws `invalid-name` for what UTF-8 cannot carry, which would name another file. */
export function serverPath(context: Pick<Context, 'root'>, path: RemotePath): string {
  if (!path.isWellFormed()) throw new RemoteError('invalid-name', 'the name is no valid text')
  if (path === '') return context.root === '' ? '/' : context.root
  return `${context.root}/${path}`
}

/** The folder of a server path. */
export function serverParent(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** `lstat`, with null for nothing there. */
export async function lookUp(session: Session, path: string): Promise<Attributes | null> {
  try {
    return await operations.lstat(session, path)
  } catch (error) {
    if (isStatus(error, statusCode.noSuchFile)) return null
    throw error
  }
}

/** Null when the attributes lack what an entry needs. */
export function toEntry(path: RemotePath, attributes: Attributes): Entry | null {
  const kind = fileKind(attributes)
  switch (kind) {
    case 'file':
      return attributes.size === null ? null : toFileEntry(path, attributes.size, attributes)
    case 'dir':
      return { kind: 'dir', path }
    case 'link':
    case 'special':
      return { kind: 'other', path, what: kind }
    case null:
      return null
  }
}

export function toFileEntry(path: RemotePath, size: number, attributes: Attributes): FileEntry {
  const { modSeconds } = attributes
  return { kind: 'file', path, size, modTime: modSeconds === null ? null : modSeconds * 1000, version: null }
}

/** Marks a promise as looked after when its result no longer matters. */
export function forget(promise: Promise<unknown>): void {
  promise.catch(() => undefined)
}
