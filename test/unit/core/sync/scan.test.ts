import { describe, expect, it } from 'vitest'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'
import { parseRemotePath } from '../../../../main/core/remote/remote-path.ts'
import type { RemotePath } from '../../../../main/core/remote/remote-path.ts'
import type { ListedEntry, Remote } from '../../../../main/core/remote/remote.ts'
import { createFilter } from '../../../../main/core/sync/filters.ts'
import { scanSide } from '../../../../main/core/sync/scan.ts'
import type { SideScan } from '../../../../main/core/sync/scan.ts'
import { listOnly, scanOf } from './trees.ts'

const never = new AbortController().signal
const clock = { now: () => 0, monotonic: () => 0, setTimer: () => () => undefined }

function scanHostile(list: (dir: RemotePath) => ListedEntry[] | RemoteError): Promise<SideScan> {
  const remote: Remote = {
    ...listOnly([]),
    async *list(dir) {
      await Promise.resolve()
      const entries = list(dir)
      if (entries instanceof RemoteError) throw entries
      yield entries
    },
  }
  return scanSide({ remote, filter: createFilter([], false), foldCase: false, clock, signal: never })
}

const file = (path: string): ListedEntry => ({
  kind: 'file',
  path: parseRemotePath(path),
  size: 1,
  modTime: 1,
  version: null,
})
const dir = (path: string): ListedEntry => ({ kind: 'dir', path: parseRemotePath(path) })

describe('scanSide', () => {
  it('finds files, folders and links at every depth', async () => {
    const scan = await scanOf(['a 1 @1', 'd/e/f 2 @1', 'd/l ->', 'empty/'])
    expect([[...scan.files.keys()].sort(), [...scan.dirs.keys()].sort(), [...scan.others.keys()]]).toEqual([
      ['a', 'd/e/f'],
      ['d', 'd/e', 'empty'],
      ['d/l'],
    ])
  })

  it('never takes a path that lies elsewhere than in the folder that was listed', async () => {
    const scan = await scanHostile((at) =>
      at === '' ? [dir('d')] : [file('etc/passwd'), file('d/ok'), file('d/x/y')],
    )
    expect([[...scan.files.keys()], scan.invalid.map(({ shown }) => shown)]).toEqual([
      ['d/ok'],
      ['etc/passwd', 'd/x/y'],
    ])
  })

  it('counts a name that is listed twice as twins', async () => {
    const scan = await scanHostile(() => [file('a'), file('b'), file('a'), file('a')])
    expect([[...scan.files.keys()], scan.twins.get('a')?.length]).toEqual([['b'], 3])
  })

  it('gives up on a folder that contains itself without end', async () => {
    const scan = await scanHostile((at) => [dir(at === '' ? 'd' : `${at}/d`)])
    expect([scan.dirs.size, scan.unread.size]).toEqual([257, 1])
  })

  it('rejects when the root cannot be listed', async () => {
    const failed = scanHostile(() => new RemoteError('permission-denied', 'list'))
    await expect(failed).rejects.toMatchObject({ code: 'permission-denied' })
  })

  it.each(['unreachable', 'auth-failed', 'closed', 'cancelled', 'internal'] as const)(
    'rejects when a folder below answers %s, which concerns all of them',
    async (code) => {
      const failed = scanHostile((at) => (at === '' ? [dir('d')] : new RemoteError(code, 'list')))
      await expect(failed).rejects.toMatchObject({ code })
    },
  )

  it.each(['permission-denied', 'timeout', 'not-found', 'server-error'] as const)(
    'takes a folder that answers %s for unknown, not for empty',
    async (code) => {
      const scan = await scanHostile((at) =>
        at === '' ? [dir('d'), file('a')] : new RemoteError(code, 'list'),
      )
      expect([[...scan.files.keys()], [...scan.unread.keys()]]).toEqual([['a'], ['d']])
    },
  )
})
