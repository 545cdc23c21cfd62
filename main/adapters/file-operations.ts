import { constants } from 'node:fs'
import * as fs from 'node:fs/promises'

export type FileFacts = {
  readonly isFile: boolean
  readonly size: number
  readonly mtimeMs: number
  /** When anything about the file changed, which no program can set back. */
  readonly ctimeMs: number
  /** Device and number of the file: another one when a file was put in its place. */
  readonly file: string
}

/** One open file, as far as the file store needs it. */
export type OpenFile = {
  /** Bytes written, possibly fewer than given. */
  write(bytes: Uint8Array, offset: number): Promise<number>
  /** Bytes read from `position` into `bytes` at `offset`, 0 at the end. */
  read(bytes: Uint8Array, offset: number, position: number): Promise<number>
  stat(): Promise<FileFacts>
  truncate(length: number): Promise<void>
  /** Returns when the data are on the device. */
  sync(): Promise<void>
  close(): Promise<void>
}

/**
 * The calls of the file system that the file store makes, one by one, so that a test can let any of them fail and can see
 * their order. Nothing here retries, hides an error or does two things.
 */
export type FileOperations = {
  openRead(path: string): Promise<OpenFile>
  /** O_EXCL, mode 0600. */
  create(path: string): Promise<OpenFile>
  /** Made when absent, mode 0600; writes go to its end. */
  openAppend(path: string): Promise<OpenFile>
  openFolder(path: string): Promise<OpenFile>
  link(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** With parents, mode 0700. */
  makeFolder(path: string): Promise<void>
  readFolder(path: string): Promise<readonly string[]>
}

// A link in the place of one of our files would let its maker choose what is read or replaced.
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
const OWNER_ONLY_FILE = 0o600
const OWNER_ONLY_FOLDER = 0o700

export const nodeFileOperations: FileOperations = {
  openRead: async (path) => overHandle(await fs.open(path, constants.O_RDONLY | NO_FOLLOW)),
  create: async (path) => {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW
    return overHandle(await fs.open(path, flags, OWNER_ONLY_FILE))
  },
  openAppend: async (path) => {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | NO_FOLLOW
    return overHandle(await fs.open(path, flags, OWNER_ONLY_FILE))
  },
  openFolder: async (path) => overHandle(await fs.open(path, constants.O_RDONLY)),
  link: (from, to) => fs.link(from, to),
  rename: (from, to) => fs.rename(from, to),
  unlink: (path) => fs.unlink(path),
  makeFolder: async (path) => {
    await fs.mkdir(path, { recursive: true, mode: OWNER_ONLY_FOLDER })
  },
  readFolder: (path) => fs.readdir(path),
}

function overHandle(handle: fs.FileHandle): OpenFile {
  return {
    write: async (bytes, offset) => (await handle.write(bytes, offset)).bytesWritten,
    read: async (bytes, offset, position) =>
      (await handle.read(bytes, offset, bytes.byteLength - offset, position)).bytesRead,
    stat: async () => {
      const found = await handle.stat()
      const { dev, ino, size, mtimeMs, ctimeMs } = found
      return { isFile: found.isFile(), size, mtimeMs, ctimeMs, file: `${dev}:${ino}` }
    },
    truncate: (length) => handle.truncate(length),
    sync: () => handle.sync(),
    close: () => handle.close(),
  }
}
