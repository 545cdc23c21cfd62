import type { FileStore } from '../../main/core/ports/file-store.ts'
import { AppError } from '../../main/model/app-error.ts'
import { versionOf } from './version-of.ts'

export type MemoryFileStore = FileStore & {
  /** Content by path; a test may look at it and change it. */
  readonly content: Map<string, Uint8Array>
  /** Lets the next call of `writeDurably` fail with this code and change nothing. */
  failNextWrite(code: 'no-space' | 'home-unusable' | 'internal'): void
  modifiedMs(path: string): Promise<number | null>
}

/** A home folder in memory, held to the same contract as the one on disk. */
export function createMemoryFileStore(): MemoryFileStore {
  const content = new Map<string, Uint8Array>()
  const folders = new Set<string>([''])
  let failure: AppError | null = null

  const check = (path: string): string => {
    const parts = path === '' ? [] : path.split('/')
    if (parts.some((part) => ['', '.', '..'].includes(part) || /[\\\0]/.test(part)))
      throw new AppError('internal', 'a path that leads out of the home folder')
    return path
  }
  const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
  const keepGenerations = (path: string, generations: number): void => {
    for (let n = generations; n >= 1; n--) {
      const from = content.get(n === 1 ? path : `${path}.${n - 1}`)
      if (from !== undefined) content.set(`${path}.${n}`, from)
    }
  }
  /** Runs now, answers as a promise, like the calls of the file system. */
  const answer = <T>(work: () => T): Promise<T> => new Promise((resolve) => resolve(work()))

  return {
    content,
    failNextWrite: (code) => {
      failure = new AppError(code, 'a write that was told to fail')
    },
    read: (path, maxBytes) =>
      answer(() => {
        const bytes = content.get(check(path))
        if (bytes === undefined) return null
        if (bytes.byteLength > maxBytes) throw new AppError('limit-reached', `${path} is larger than allowed`)
        return bytes.slice()
      }),
    holds: (path, parts) =>
      answer(() => {
        const bytes = content.get(check(path))
        return bytes !== undefined && Buffer.compare(bytes, Buffer.concat([...parts])) === 0
      }),
    stamp: (path) =>
      answer(() => {
        const bytes = content.get(check(path))
        return bytes === undefined ? null : { id: `${versionOf(bytes)}`, isSettled: true }
      }),
    exists: (path) => answer(() => content.has(check(path)) || folders.has(path)),
    modifiedMs: (path) => answer(() => (content.has(check(path)) ? 1000 : null)),
    writeDurably: (path, bytes, { generations = 0 } = {}) =>
      answer(() => {
        const failing = failure
        failure = null
        if (failing !== null) throw failing
        if (!folders.has(parentOf(check(path)))) throw new AppError('internal', 'no such folder')
        keepGenerations(path, generations)
        content.set(path, bytes.slice())
      }),
    append: (path, keep, bytes) =>
      answer(() => {
        const failing = failure
        failure = null
        if (failing !== null) throw failing
        const before = content.get(check(path)) ?? new Uint8Array(0)
        if (before.byteLength < keep) throw new AppError('internal', 'shorter than it was')
        const after = new Uint8Array(keep + bytes.byteLength)
        after.set(before.subarray(0, keep))
        after.set(bytes, keep)
        content.set(path, after)
      }),
    remove: (path) =>
      answer(() => {
        content.delete(check(path))
      }),
    list: (folder) =>
      answer(() => {
        check(folder)
        const children = [...content.keys(), ...folders].filter(
          (path) => path !== '' && parentOf(path) === folder,
        )
        return children.map((path) => path.slice(folder === '' ? 0 : folder.length + 1))
      }),
    makeFolder: (path) =>
      answer(() => {
        for (let folder = check(path); folder !== ''; folder = parentOf(folder)) folders.add(folder)
      }),
  }
}
