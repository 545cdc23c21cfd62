import type { RemotePath } from './remote-path.ts'

export type FileEntry = {
  readonly kind: 'file'
  readonly path: RemotePath
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970, cut to `features.modTimePrecisionMs`; null when the server has none. */
  readonly modTime: number | null
  /** Changes when content changes (ETag, revision, inode and ctime); null when the server has none. */
  readonly version: string | null
}
export type DirEntry = { readonly kind: 'dir'; readonly path: RemotePath }
/** Links, devices, sockets and the like: never followed, never touched, reported once. */
export type OtherEntry = {
  readonly kind: 'other'
  readonly path: RemotePath
  readonly what: 'link' | 'special'
}
/** A name that cannot be a RemotePath or cannot be decoded; its folder counts as not fully read. */
export type UnreadableEntry = {
  readonly kind: 'invalid-name'
  readonly dir: RemotePath
  readonly shown: string
}
export type Entry = FileEntry | DirEntry | OtherEntry
export type ListedEntry = Entry | UnreadableEntry

/** Behaviour the engine cannot see from a method being present. */
export type Features = {
  /** False for object stores: a directory exists only while it holds a file. */
  readonly directories: boolean
  readonly caseInsensitive: boolean
  /** True when `write` and `move` replace in one step: a reader sees the old or the new content, never none. */
  readonly atomicWrite: boolean
  /** Null when the server cannot keep a given modification time. */
  readonly modTimePrecisionMs: number | null
  readonly maxFileSize: number | null
  /** How many calls the engine may have in flight. */
  readonly maxConcurrency: number
}

/** Content to write. `open` may be called again, so that a failed write can start over. */
export type Source = {
  readonly size: number
  readonly modTime: number | null
  open(signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** `create` throws `exists` when something has appeared at the path, checked at the moment of placing, never overwriting it. */
export type WriteMode = 'create' | 'replace'

/**
 * One open connection to one place (a root folder). Every method rejects with RemoteError and nothing else, stops soon
 * after `signal` aborts (code `cancelled`) and leaves no unfinished work behind.
 */
export interface Remote {
  readonly kind: string
  readonly features: Features

  /** Resolves to null when nothing is there. Rejects when it could not find out. Does not follow links. */
  stat(path: RemotePath, signal: AbortSignal): Promise<Entry | null>

  /**
   * Yields the direct children of `dir`, each once, in any order, in batches. The list is complete or the iteration throws:
   * a short list would make the engine delete files. A missing directory throws `not-found`, a file `wrong-kind`; when
   * `features.directories` is false it yields nothing.
   */
  list(dir: RemotePath, signal: AbortSignal): AsyncIterable<readonly ListedEntry[]>

  /** Yields exactly the bytes from `offset` to the end, or throws. Chunks are valid until the next one is asked for. */
  read(path: RemotePath, offset: number, signal: AbortSignal): AsyncIterable<Uint8Array>

  /**
   * Writes the file and its parent directories: a temp name beside the target (`deps.tempName()`), then placed in one step, so that
   * no partial file is ever visible under `path`. Throws `source-changed` when `source` yields more or fewer bytes than
   * `source.size`. Sets the modification time where it can. Resolves to what `stat` would now return.
   */
  write(path: RemotePath, source: Source, mode: WriteMode, signal: AbortSignal): Promise<FileEntry>

  /** Removes a file (or link itself). Nothing there is success. A directory throws `wrong-kind`. */
  remove(path: RemotePath, signal: AbortSignal): Promise<void>

  /** Creates the directory and its parents. Already there is success; a file there throws `wrong-kind`. */
  mkdir(dir: RemotePath, signal: AbortSignal): Promise<void>

  /** Removes an empty directory. Nothing there is success; content throws `not-empty`. */
  rmdir(dir: RemotePath, signal: AbortSignal): Promise<void>

  /** Ends the connection. May be called twice. Later calls of other methods throw `closed`. */
  close(): Promise<void>

  // Optional: present only when the server does it itself, in one step.

  /** Renames a file or folder. With `create`, throws `exists` instead of replacing. Missing source throws `not-found`. */
  move?(from: RemotePath, to: RemotePath, mode: WriteMode, signal: AbortSignal): Promise<void>
  /** Makes `to` a second name (hard link) of the file `from`. Throws `exists`; never replaces. */
  link?(from: RemotePath, to: RemotePath, signal: AbortSignal): Promise<void>
  copy?(from: RemotePath, to: RemotePath, signal: AbortSignal): Promise<void>
  setModTime?(path: RemotePath, modTime: number, signal: AbortSignal): Promise<void>
  /** Hash computed by the server, for comparing without download; null when it cannot for this file. */
  hash?(path: RemotePath, algorithm: 'md5' | 'sha1' | 'sha256', signal: AbortSignal): Promise<string | null>
  usage?(signal: AbortSignal): Promise<{ readonly total: number | null; readonly free: number | null }>
  /** Resolves when the given files and their folders survive a power cut. Absent when every resolved `write` already does, or nothing can be promised. */
  makeDurable?(paths: readonly RemotePath[], signal: AbortSignal): Promise<void>
  /** Names the thing behind the root (device and inode, volume id), to notice that a disk was swapped. */
  rootIdentity?(signal: AbortSignal): Promise<string | null>
}
