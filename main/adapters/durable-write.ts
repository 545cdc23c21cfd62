import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '../model/app-error.ts'
import type { FileOperations, OpenFile } from './file-operations.ts'
import { systemCode } from './system-errors.ts'

/** Names of temporary files; whatever bears one belongs to a write in progress or to a writer that died. */
export const TEMPORARY = /^\.[^/]+\.[0-9a-f]{16}\.tmp$/
/** Errors of file systems without hard links (FAT, some network and user-space ones). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])
/** On Windows a virus scanner or an indexer may hold a file for a moment. */
const HELD_BRIEFLY = new Set(['EPERM', 'EACCES', 'EBUSY'])
const COMPARED_AT_ONCE = 1024 * 1024
const RENAME_ATTEMPTS = 20
const RENAME_PAUSE_MS = 100

export type DurableWriter = {
  /** Replaces the file at `path` (absolute), keeping as many generations. */
  replace(path: string, bytes: Uint8Array, generations: number): Promise<void>
  syncFolder(folder: string): Promise<void>
}

/**
 * Writes that are on the disk when they resolve: temporary file (O_EXCL, 0600) in the same folder, all bytes, fsync, read back
 * and compare, keep generations by link and rename, rename over, fsync the folder. Whatever call fails, every name holds a
 * whole file; a failed fsync is never tried again on the same file, because the kernel then forgets what it could not write.
 */
export function createDurableWriter(fs: FileOperations, platform: NodeJS.Platform): DurableWriter {
  const rename = (from: string, to: string): Promise<void> => renamePatiently(fs, platform, [from, to])

  const syncFolder = async (folder: string): Promise<void> => {
    // Windows has no such call; NTFS journals names itself.
    if (platform === 'win32') return
    await withFile(fs.openFolder(folder), (file) => file.sync())
  }

  /** Lets `to` become the content that `from` has now; both names hold a whole file at every moment. */
  const keep = (from: string, to: string): Promise<void> =>
    withTemporary(fs, to, async (temporary) => {
      try {
        await fs.link(from, temporary)
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return
        if (!NO_LINKS.has(systemCode(error))) throw error
        const content = await withFile(fs.openRead(from), (file) =>
          readAll(file, from, Number.MAX_SAFE_INTEGER),
        )
        await writeNew(fs, temporary, content)
      }
      await rename(temporary, to)
    })

  return {
    syncFolder,
    replace: (path, bytes, generations) =>
      withTemporary(fs, path, async (temporary) => {
        await writeNew(fs, temporary, bytes)
        for (let n = generations; n >= 1; n--) await keep(n === 1 ? path : `${path}.${n - 1}`, `${path}.${n}`)
        await rename(temporary, path)
        await syncFolder(dirname(path))
      }),
  }
}

/** Runs `work` with the path of a new temporary file beside `path`, and leaves nothing of it behind. */
async function withTemporary(
  fs: FileOperations,
  path: string,
  work: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`)
  try {
    await work(temporary)
  } finally {
    // Gone already after a rename; but a rename between two names of one file does nothing and leaves both.
    await fs.unlink(temporary).catch(() => {})
  }
}

async function writeNew(fs: FileOperations, path: string, bytes: Uint8Array): Promise<void> {
  await withFile(fs.create(path), async (file) => {
    await writeAll(file, bytes)
    await file.sync()
  })
  const isSame = await withFile(fs.openRead(path), (file) => holds(file, path, [bytes]))
  if (!isSame) throw new AppError('internal', 'the disk returned other bytes')
}

async function renamePatiently(
  fs: FileOperations,
  platform: NodeJS.Platform,
  [from, to]: readonly [string, string],
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fs.rename(from, to)
    } catch (error) {
      const held = platform === 'win32' && HELD_BRIEFLY.has(systemCode(error))
      if (!held || attempt === RENAME_ATTEMPTS) throw error
      await wait(RENAME_PAUSE_MS)
    }
  }
}

export async function writeAll(file: OpenFile, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength;) {
    const written = await file.write(bytes, offset)
    // A full disk may accept nothing without an error; a loop would then never end.
    if (written === 0) throw new AppError('no-space', 'the disk accepts no more bytes')
    offset += written
  }
}

/** Whole content of an open file. Throws AppError('limit-reached') over `maxBytes`. */
export async function readAll(file: OpenFile, path: string, maxBytes: number): Promise<Uint8Array> {
  const { size, isFile } = await file.stat()
  if (!isFile) throw new AppError('home-unusable', `${path} is not a file`)
  if (size > maxBytes)
    throw new AppError('limit-reached', `${path} is larger than allowed`, { details: { size } })
  const bytes = new Uint8Array(size)
  let length = 0
  while (length < size) {
    const read = await file.read(bytes, length, length)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}

/** True when an open file is `parts`, one after another. Read in pieces: a second copy of a large file is memory for nothing. */
export async function holds(file: OpenFile, path: string, parts: Iterable<Uint8Array>): Promise<boolean> {
  const { size, isFile } = await file.stat()
  if (!isFile) throw new AppError('home-unusable', `${path} is not a file`)
  const piece = Buffer.alloc(Math.min(size, COMPARED_AT_ONCE))
  let [compared, filled, read] = [0, 0, 0]
  for (const part of parts) {
    for (let done = 0; done < part.byteLength;) {
      if (compared === filled) {
        filled = await file.read(piece, 0, read)
        if (filled === 0) return false
        read += filled
        compared = 0
      }
      const count = Math.min(filled - compared, part.byteLength - done)
      if (piece.compare(part, done, done + count, compared, compared + count) !== 0) return false
      done += count
      compared += count
    }
  }
  return compared === filled && read === size
}

/** Runs `work` with an open file and closes it in every case. */
export async function withFile<T>(
  opening: Promise<OpenFile>,
  work: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const file = await opening
  let result: T
  try {
    result = await work(file)
  } catch (error) {
    await file.close().catch(() => {})
    throw error
  }
  // Some file systems report a failed write only here.
  await file.close()
  return result
}
