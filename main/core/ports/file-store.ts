/** What tells two states of a file apart without reading it. */
export type FileStamp = {
  /** Another text whenever another file was put in the place, or this one was written. At most 200 characters. */
  readonly id: string
  /** False for a file changed so shortly ago that a change after this might leave the same id: clocks of file systems tick. */
  readonly isSettled: boolean
}

/**
 * The only way core touches files of the home folder. Paths are relative to it, `/`-separated. Every failing call leaves
 * the old file intact and throws AppError (`no-space`, `home-unusable`, `internal`) with the system error as cause.
 */
export interface FileStore {
  /** Whole content, or null when the file does not exist. Refuses more than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Uint8Array | null>
  /** True when the content is `parts`, one after another; false for any other, and when the file does not exist. */
  holds(path: string, parts: Iterable<Uint8Array>): Promise<boolean>
  exists(path: string): Promise<boolean>
  /** Null when the file does not exist. Tells whether a file has to be read again, and never what is in it. */
  stamp(path: string): Promise<FileStamp | null>
  /**
   * Replaces `path` durably: temp file O_EXCL 0600 in the same folder, write all, fsync, re-read and compare, keep
   * generations (`.1` newest .. `.n`) by link and rename, rename over, fsync the folder. Resolves only when all of it is on
   * disk. A failed fsync is never retried on the same file.
   */
  writeDurably(path: string, bytes: Uint8Array, options?: { generations?: number }): Promise<void>
  /**
   * Cuts the file to its first `keep` bytes, where it has more, and appends `bytes`; makes it (0600) when it is absent. On disk when the
   * promise resolves, unless `isSynced` is false. A failing call may leave a part of `bytes` behind: readers know where theirs end.
   */
  append(path: string, keep: number, bytes: Uint8Array, options?: { isSynced?: boolean }): Promise<void>
  /** Removes a file; absent is success. Fsyncs the folder. */
  remove(path: string): Promise<void>
  /** Names in a folder of the home, [] when it does not exist. */
  list(folder: string): Promise<readonly string[]>
  /** Creates a folder (0700) and its parents. */
  makeFolder(path: string): Promise<void>
}
