import type { Stats } from 'node:fs'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { childPath, rootPath } from '../../core/remote/remote-path.ts'
import type { RemotePath } from '../../core/remote/remote-path.ts'
import type { Disk } from './disk.ts'
import { errnoOf } from './errno.ts'
import { below } from './folders.ts'
import type { Folders } from './folders.ts'

/**
 * Systems without /proc: every part is looked at (lstat) before use and again right before an effect. A link that is
 * swapped in between those two moments is noticed by the second look, except in the instant after it; that instant is what
 * these systems leave open to a program without openat(2).
 */
export function createFoldersByPath(root: string, disk: Disk): Folders {
  const made = new Set<RemotePath>()
  let rootIs: Stats | null = null

  const rootStats = async (): Promise<Stats> => {
    // The root itself may be a link of the person's making: a trailing separator makes lstat look behind it.
    const stats = await disk.lstat(root.endsWith('/') ? root : `${root}/`)
    if (stats === null) throw new RemoteError('not-found', 'the root folder is not there')
    if (!stats.isDirectory()) throw new RemoteError('wrong-kind', 'the root is no folder')
    rootIs ??= stats
    if (!isSame(rootIs, stats)) throw new RemoteError('not-found', 'the root folder is another one now')
    return stats
  }

  const makeFolder = async (dir: RemotePath): Promise<void> => {
    try {
      await disk.mkdir(below(root, dir))
      made.add(dir)
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
    }
  }

  const look = async (dir: RemotePath, make: boolean): Promise<Stats> => {
    let stats = await rootStats()
    let path = rootPath
    for (const part of dir === '' ? [] : dir.split('/')) {
      path = childPath(path, part)
      let found = await disk.lstat(below(root, path))
      if (found === null && make) {
        await makeFolder(path)
        found = await disk.lstat(below(root, path))
      }
      if (found === null) throw new RemoteError('not-found', `folder ${path}: not there`)
      if (!found.isDirectory()) throw new RemoteError('wrong-kind', `folder ${path}: is no folder`)
      stats = found
    }
    return stats
  }

  return {
    made,
    rootStats,
    async open(dir, make) {
      const before = await look(dir, make)
      const self = below(root, dir)
      return {
        self,
        entry: (name) => below(root, childPath(dir, name)),
        async check() {
          if (!isSame(before, await look(dir, false))) {
            throw new RemoteError('wrong-kind', `folder ${dir}: moved or replaced meanwhile`)
          }
        },
        release() {},
      }
    },
    close() {},
  }
}

const isSame = (left: Stats, right: Stats): boolean => left.dev === right.dev && left.ino === right.ino
