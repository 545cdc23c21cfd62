import { expect } from 'vitest'
import { at, never, outline, put, sourceOf, utf8 } from '../suite.ts'
import type { RemoteCase } from '../suite.ts'

export const statCases: readonly RemoteCase[] = [
  {
    name: 'answers null for a missing file',
    group: 'B',
    async run({ remote }) {
      expect(await remote.stat(at('missing.txt'), never)).toBeNull()
    },
  },
  {
    name: 'answers null below a missing folder',
    group: 'B',
    async run({ remote }) {
      expect(await remote.stat(at('no/such/folder/a.txt'), never)).toBeNull()
    },
  },
  {
    name: 'answers null below a file',
    group: 'B',
    async run({ remote }) {
      await put(remote, 'a.txt', 'a')
      expect(await remote.stat(at('a.txt/b.txt'), never)).toBeNull()
    },
  },
  {
    name: 'knows the exact size of a file',
    group: 'B',
    async run({ remote }) {
      await put(remote, 'dir/a.bin', new Uint8Array(12_345))
      expect(outline(await remote.stat(at('dir/a.bin'), never))).toEqual({
        kind: 'file',
        path: 'dir/a.bin',
        size: 12_345,
      })
    },
  },
  {
    name: 'knows a folder',
    group: 'B',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await remote.mkdir(at('dir/sub'), never)
      expect(await remote.stat(at('dir/sub'), never)).toEqual({ kind: 'dir', path: 'dir/sub' })
      expect(await remote.stat(at(''), never)).toEqual({ kind: 'dir', path: '' })
    },
  },
  {
    name: 'sees at once what the other connection wrote',
    group: 'B',
    async run({ remote, second }) {
      const other = await second()
      await put(remote, 'a.txt', 'one')
      expect(outline(await other.stat(at('a.txt'), never))).toMatchObject({ size: 3 })
      await remote.write(at('a.txt'), sourceOf(utf8('longer')), 'replace', never)
      expect(outline(await other.stat(at('a.txt'), never))).toMatchObject({ size: 6 })
      await remote.remove(at('a.txt'), never)
      expect(await other.stat(at('a.txt'), never)).toBeNull()
    },
  },
  {
    name: 'gives another version after content of the same size and time was replaced',
    group: 'B',
    async run({ remote }) {
      const modTime = 1_700_000_000_000
      const before = await put(remote, 'a.txt', 'one', { modTime })
      const after = await put(remote, 'a.txt', 'two', { modTime, mode: 'replace' })
      if (before.version !== null) expect(after.version).not.toBe(before.version)
    },
  },
]
