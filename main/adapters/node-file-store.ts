import { dirname, join, resolve } from 'node:path'
import type { FileStamp, FileStore } from '../core/ports/file-store.ts'
import type { HomeLock } from '../core/ports/lock.ts'
import { AppError } from '../model/app-error.ts'
import { createDurableWriter, holds, readAll, TEMPORARY, withFile, writeAll } from './durable-write.ts'
import { nodeFileOperations } from './file-operations.ts'
import type { FileFacts, FileOperations, OpenFile } from './file-operations.ts'
import { systemClock } from './system-clock.ts'
import { asAppError, systemCode } from './system-errors.ts'

/** FAT keeps times of two seconds; everything else ticks far quicker. */
const COARSEST_TICK_MS = 2_500

export type NodeFileStoreOptions = {
  /** Absolute path of the home folder. */
  readonly root: string
  readonly operations?: FileOperations
  readonly platform?: NodeJS.Platform
}

export type NodeFileStore = FileStore & {
  /** When a file was last written, milliseconds since 1970; null when it is absent. */
  modifiedMs(path: string): Promise<number | null>
  /** Removes what writers that died left behind. For {@link removeStale}: without the locks it would break a write in progress. */
  removeStaleFiles(folders: readonly string[]): Promise<void>
}

/**
 * The files of one home folder on disk. Writes of one store wait for each other; between processes the lock `vault` does.
 *
 * When the last steps of a durable write fail (rename, fsync of the folder) the file holds either its old or its new
 * content, whole: the caller reads it again before it says anything about it. `read` of a file over `maxBytes` throws
 * AppError('limit-reached').
 */
export function createNodeFileStore(options: NodeFileStoreOptions): NodeFileStore {
  const { operations: fs = nodeFileOperations, platform = process.platform } = options
  const root = resolve(options.root)
  const writer = createDurableWriter(fs, platform)
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(action: string, work: () => Promise<T>): Promise<T> => {
    const result = last.then(work).catch((error: unknown) => Promise.reject(asAppError(error, action)))
    last = result.catch(() => {})
    return result
  }

  return {
    ...createReader(fs, root),
    writeDurably: (path, bytes, { generations = 0 } = {}) =>
      inTurn(`writing ${path}`, () => writer.replace(locate(root, path), bytes, generations)),
    append: (path, keep, bytes, { isSynced = true } = {}) =>
      inTurn(`appending to ${path}`, async () => {
        const target = locate(root, path)
        const isNew = (await modifiedMs(fs, target)) === null
        await withFile(fs.openAppend(target), (file) => appendTo(file, keep, bytes, isSynced))
        if (isNew) await writer.syncFolder(dirname(target))
      }),
    remove: (path) =>
      inTurn(`removing ${path}`, async () => {
        const target = locate(root, path)
        await unlessAbsent(undefined, () => fs.unlink(target))
        await writer.syncFolder(dirname(target))
      }),
    makeFolder: (path) =>
      inTurn(`making ${path}`, async () => {
        const folder = locate(root, path)
        await fs.makeFolder(folder)
        // Every folder above, because any of them may be new, and a name is only as durable as the folder that holds it.
        for (let made = folder; made !== root; made = dirname(made)) await writer.syncFolder(dirname(made))
      }),
    removeStaleFiles: (folders) =>
      inTurn('removing stale files', async () => {
        for (const folder of folders) await removeTemporary(fs, locate(root, folder))
      }),
  }
}

type Reader = Pick<NodeFileStore, 'read' | 'holds' | 'exists' | 'stamp' | 'modifiedMs' | 'list'>

/** What changes nothing, and waits for no write. */
function createReader(fs: FileOperations, root: string): Reader {
  return {
    read: (path, maxBytes) =>
      failing(`reading ${path}`, () =>
        unlessAbsent(null, () =>
          withFile(fs.openRead(locate(root, path)), (file) => readAll(file, path, maxBytes)),
        ),
      ),
    holds: (path, parts) =>
      failing(`reading ${path}`, () =>
        unlessAbsent(false, () =>
          withFile(fs.openRead(locate(root, path)), (file) => holds(file, path, parts)),
        ),
      ),
    exists: (path) =>
      failing(`finding ${path}`, async () => (await modifiedMs(fs, locate(root, path))) !== null),
    stamp: (path) =>
      failing(`finding ${path}`, async () => {
        const found = await facts(fs, locate(root, path))
        return found === null ? null : stampOf(found)
      }),
    modifiedMs: (path) => failing(`finding ${path}`, () => modifiedMs(fs, locate(root, path))),
    list: (folder) =>
      failing(`listing ${folder}`, async () => {
        const names = await unlessAbsent([], () => fs.readFolder(locate(root, folder)))
        return names.filter((name) => !TEMPORARY.test(name))
      }),
  }
}

/** Removes what writers that died left in a home, under the locks of all that write there: records of audit have one of their own. */
export function removeStale(
  { files, lock }: { readonly files: NodeFileStore; readonly lock: HomeLock },
  options: Parameters<HomeLock['hold']>[2] = {},
): Promise<void> {
  const remove = (): Promise<void> => files.removeStaleFiles(['', 'device'])
  return lock.hold('vault', () => lock.hold('audit', remove, options), options)
}

async function appendTo(file: OpenFile, keep: number, bytes: Uint8Array, isSynced: boolean): Promise<void> {
  const { size, isFile } = await file.stat()
  if (!isFile) throw new AppError('home-unusable', 'append: not a file')
  if (size < keep) throw new AppError('internal', 'append: the file is shorter than it was')
  if (size > keep) await file.truncate(keep)
  await writeAll(file, bytes)
  if (isSynced) await file.sync()
}

async function modifiedMs(fs: FileOperations, path: string): Promise<number | null> {
  return (await facts(fs, path))?.mtimeMs ?? null
}

function facts(fs: FileOperations, path: string): Promise<FileFacts | null> {
  return unlessAbsent(null, () => withFile(fs.openRead(path), (file) => file.stat()))
}

function stampOf({ file, size, mtimeMs, ctimeMs }: FileFacts): FileStamp {
  const age = systemClock.now() - Math.max(mtimeMs, ctimeMs)
  return { id: [file, size, mtimeMs, ctimeMs].join(' '), isSettled: age > COARSEST_TICK_MS }
}

async function removeTemporary(fs: FileOperations, folder: string): Promise<void> {
  const names = await unlessAbsent([], () => fs.readFolder(folder))
  for (const name of names) {
    if (TEMPORARY.test(name)) await unlessAbsent(undefined, () => fs.unlink(join(folder, name)))
  }
}

async function unlessAbsent<T>(absent: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return absent
    throw error
  }
}

async function failing<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asAppError(error, action)
  }
}

/** The absolute path of a path of the home. Throws AppError('internal') for one that could lead out of it. */
function locate(root: string, path: string): string {
  const parts = path === '' ? [] : path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part)))
    throw new AppError('internal', 'a path that leads out of the home folder')
  return join(root, ...parts)
}
