import type { Stats } from 'node:fs'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Disk } from './disk.ts'
import { errnoOf } from './errno.ts'

/**
 * A folder below the root that was reached without following a link. Hold it for one call, then release it.
 */
export type Folder = {
  /** Path of the folder itself, for listing it. */
  readonly self: string
  /** Path of an entry for node:fs; its last part is `name`, so calls that do not follow links stay inside. */
  entry(name: string): string
  /**
   * Throws `wrong-kind` when the folder is no longer where it was: moved away, removed, or replaced by a link. To be
   * called last before an effect.
   */
  check(): Promise<void> | void
  release(): void
}

/** The way from the root to a folder, walked without following a link. */
export type Folders = {
  /** Throws `not-found`, and `wrong-kind` when a part is no folder. With `make`, makes what is missing, never the root. */
  open(dir: RemotePath, make: boolean): Promise<Folder>
  /** Folders made on this connection whose own entry may not have reached the disk. */
  readonly made: Set<RemotePath>
  /** What the root is: device, inode; for noticing a swapped disk. Throws `not-found`. */
  rootStats(): Promise<Stats>
  close(): void
}

/** Absolute path of `dir` below `root`. */
export function below(root: string, path: RemotePath): string {
  return path === '' ? root : root.endsWith('/') ? `${root}${path}` : `${root}/${path}`
}

/** Makes the root folder and what is missing above it; what is there already stays. */
export async function makeRoot(root: string, disk: Disk): Promise<void> {
  const parts = root.split('/')
  for (let length = 2; length <= parts.length; length += 1) {
    const path = parts.slice(0, length).join('/')
    if (path === '' || (await disk.lstat(path)) !== null) continue
    try {
      await disk.mkdir(path)
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
    }
  }
}
