import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { RemoteError } from '../../main/core/remote/remote-error.ts'
import { parseRemotePath } from '../../main/core/remote/remote-path.ts'
import type { RemotePath } from '../../main/core/remote/remote-path.ts'
import type { RemoteErrorCode } from '../../main/model/error-codes.ts'
import type {
  Entry,
  FileEntry,
  ListedEntry,
  Remote,
  Source,
  WriteMode,
} from '../../main/core/remote/remote.ts'

/** A fresh, empty, existing folder on the server under test. Every case gets its own. */
export type Place = {
  /** Opens one more connection to this folder; the suite closes what it opened. */
  readonly connect: () => Promise<Remote>
  /** Removes the folder and everything the place has started. */
  readonly cleanup: () => Promise<void>
}

/**
 * Ways to provoke what a healthy server does not do. A connector gives those it can; the cases of group I that need
 * another one are skipped. Each value is made when its case runs and released by the case.
 */
export type FailureProbes = {
  /** `open` uses a wrong password; `attempts` counts sign-ins the server saw. */
  readonly wrongPassword?: () => Promise<Probe & { attempts: () => number; canary: string }>
  /** `open` connects to a port where nothing listens. */
  readonly closedPort?: () => Promise<Probe>
  /** `open` meets a server whose identity is not the pinned one. */
  readonly unknownServer?: () => Promise<Probe & { credentialSent: () => boolean }>
  /** `cut` ends the connection of `remote` at the server's side. */
  readonly cutConnection?: () => Promise<Probe & { cut: () => void | Promise<void> }>
  /** An account that may read and not write; `file` exists there. */
  readonly readOnly?: () => Promise<Probe & { file: string }>
}
export type Probe = { readonly open: () => Promise<Remote>; readonly release: () => Promise<void> }

export type CaseContext = {
  readonly remote: Remote
  /** A second connection to the same place, opened on first use. */
  readonly second: () => Promise<Remote>
  /** A further connection, closed by the suite. */
  readonly connect: () => Promise<Remote>
  readonly signal: AbortSignal
  readonly probes: FailureProbes
}

export type RemoteCase = {
  /** A fact in the present tense. Unique within the suite. */
  readonly name: string
  readonly group: 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I'
  /** False = the case says nothing about such a remote. Looks at features, optional methods and probes only. */
  readonly needs?: (remote: Remote, probes: FailureProbes) => boolean
  readonly run: (context: CaseContext) => Promise<void>
}

export type CaseOutcome = { readonly ran: boolean }

/** Runs one case against a fresh place; rejects when the remote breaks the rule of the case. */
export async function runCase(
  testCase: RemoteCase,
  openPlace: () => Promise<Place>,
  probes: FailureProbes = {},
): Promise<CaseOutcome> {
  const place = await openPlace()
  const opened: Remote[] = []
  const connect = async (): Promise<Remote> => {
    const remote = await place.connect()
    opened.push(remote)
    return remote
  }
  try {
    const remote = await connect()
    if (testCase.needs !== undefined && !testCase.needs(remote, probes)) return { ran: false }
    let other: Promise<Remote> | null = null
    await testCase.run({
      remote,
      connect,
      second: () => (other ??= connect()),
      signal: new AbortController().signal,
      probes,
    })
    return { ran: true }
  } finally {
    await Promise.allSettled(opened.map((remote) => remote.close()))
    await place.cleanup()
  }
}

/** Shorthand of the cases for a literal path. */
export const at = (text: string): RemotePath => parseRemotePath(text)

export const never = new AbortController().signal

/** Deterministic content that differs at every offset, so that a shifted or repeated chunk shows. */
export function pattern(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size)
  let state = (seed * 2654435761) >>> 0
  for (let index = 0; index < size; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A source over bytes in memory, in chunks of `chunkSize`. */
export function sourceOf(
  bytes: Uint8Array,
  options: { modTime?: number | null; chunkSize?: number; size?: number } = {},
): Source {
  const { modTime = null, chunkSize = 60_000, size = bytes.length } = options
  return {
    size,
    modTime,
    async *open() {
      for (let offset = 0; offset < bytes.length; offset += chunkSize) {
        yield await Promise.resolve(bytes.subarray(offset, offset + chunkSize))
      }
    },
  }
}

export async function put(
  remote: Remote,
  path: string,
  content: string | Uint8Array,
  options: { mode?: WriteMode; modTime?: number | null } = {},
): Promise<FileEntry> {
  const bytes = typeof content === 'string' ? utf8(content) : content
  const { mode = 'create', modTime = null } = options
  return remote.write(at(path), sourceOf(bytes, { modTime }), mode, never)
}

/** Reads to the end. Copies each chunk, because a remote may reuse it. */
export async function bytesOf(remote: Remote, path: string, offset = 0): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of remote.read(at(path), offset, never)) chunks.push(Uint8Array.from(chunk))
  return new Uint8Array(Buffer.concat(chunks))
}

export async function textOf(remote: Remote, path: string): Promise<string> {
  return new TextDecoder().decode(await bytesOf(remote, path))
}

export async function entriesOf(remote: Remote, dir = ''): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = []
  for await (const batch of remote.list(at(dir), never)) entries.push(...batch)
  return entries
}

/** `kind path` of each entry, sorted: one value to compare a listing with. */
export async function listing(remote: Remote, dir = ''): Promise<string[]> {
  const entries = await entriesOf(remote, dir)
  return entries
    .map((entry) => `${entry.kind} ${entry.kind === 'invalid-name' ? entry.shown : entry.path}`)
    .sort()
}

/** An entry without its times and version, which only some remotes have. */
export function outline(entry: Entry | null): unknown {
  if (entry === null) return null
  if (entry.kind !== 'file') return { kind: entry.kind, path: entry.path }
  return { kind: entry.kind, path: entry.path, size: entry.size }
}

/** Awaits the rejection and returns it; any success, and any error that is not a RemoteError, fails the case. */
export async function rejection(work: Promise<unknown>): Promise<RemoteError> {
  const result = await work.then(
    () => 'resolved' as const,
    (error: unknown) => error,
  )
  expect(result, 'must reject with a RemoteError').toBeInstanceOf(RemoteError)
  if (!(result instanceof RemoteError)) throw new Error('unreachable: expect has thrown')
  return result
}

export async function expectCode(work: Promise<unknown>, ...codes: RemoteErrorCode[]): Promise<void> {
  const { code } = await rejection(work)
  expect(codes).toContain(code)
}

/** Consumes an iteration to its end. */
export async function drain(iteration: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const part of iteration) count += Array.isArray(part) ? part.length : 1
  return count
}
