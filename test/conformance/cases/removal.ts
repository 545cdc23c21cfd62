import { expect } from 'vitest'
import { at, expectCode, listing, never, put, textOf } from '../suite.ts'
import type { RemoteCase } from '../suite.ts'

export const removalCases: readonly RemoteCase[] = [
  {
    name: 'removes a file, and again without complaint',
    group: 'G',
    async run({ remote, second }) {
      await put(remote, 'dir/a.txt', 'a')
      await put(remote, 'dir/b.txt', 'b')
      await remote.remove(at('dir/a.txt'), never)
      await remote.remove(at('dir/a.txt'), never)
      await remote.remove(at('no/such/file'), never)
      expect(await listing(await second(), 'dir')).toEqual(['file dir/b.txt'])
    },
  },
  {
    name: 'does not remove a folder as a file',
    group: 'G',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await remote.mkdir(at('dir'), never)
      await expectCode(remote.remove(at('dir'), never), 'wrong-kind')
      expect(await listing(remote)).toEqual(['dir dir'])
    },
  },
  {
    name: 'makes a folder with its parents, and again without complaint',
    group: 'G',
    needs: ({ features }) => features.directories,
    async run({ remote, second }) {
      await remote.mkdir(at('one/two/three'), never)
      await (await second()).mkdir(at('one/two/three'), never)
      await remote.mkdir(at('one'), never)
      await remote.mkdir(at(''), never)
      expect(await listing(remote, 'one/two')).toEqual(['dir one/two/three'])
    },
  },
  {
    name: 'makes one folder from many calls at once',
    group: 'G',
    needs: ({ features }) => features.directories,
    async run({ remote, second }) {
      const other = await second()
      await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          (index % 2 ? remote : other).mkdir(at('one/two/three'), never),
        ),
      )
      expect(await listing(remote, 'one/two')).toEqual(['dir one/two/three'])
    },
  },
  {
    name: 'does not make a folder where a file is',
    group: 'G',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await put(remote, 'a.txt', 'a')
      await expectCode(remote.mkdir(at('a.txt'), never), 'wrong-kind')
      await expectCode(remote.mkdir(at('a.txt/sub'), never), 'wrong-kind')
      expect(await textOf(remote, 'a.txt')).toBe('a')
    },
  },
  {
    name: 'removes an empty folder, and again without complaint',
    group: 'G',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await remote.mkdir(at('dir/sub'), never)
      await remote.rmdir(at('dir/sub'), never)
      await remote.rmdir(at('dir/sub'), never)
      await remote.rmdir(at('no/such/folder'), never)
      expect(await listing(remote, 'dir')).toEqual([])
    },
  },
  {
    name: 'does not remove a folder with content',
    group: 'G',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await put(remote, 'dir/a.txt', 'a')
      await expectCode(remote.rmdir(at('dir'), never), 'not-empty')
      expect(await textOf(remote, 'dir/a.txt')).toBe('a')
    },
  },
  {
    name: 'does not remove a file as a folder',
    group: 'G',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await put(remote, 'a.txt', 'a')
      await expectCode(remote.rmdir(at('a.txt'), never), 'wrong-kind')
      expect(await textOf(remote, 'a.txt')).toBe('a')
    },
  },
]
