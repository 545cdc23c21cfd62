import { expect } from 'vitest'
import { at, drain, entriesOf, expectCode, listing, never, put } from '../suite.ts'
import type { RemoteCase } from '../suite.ts'

/** More than the page of any server we know (S3 and Drive: 1,000). */
const manyEntries = 2_500

export const listCases: readonly RemoteCase[] = [
  {
    name: 'lists an empty root as empty',
    group: 'C',
    async run({ remote }) {
      expect(await listing(remote)).toEqual([])
    },
  },
  {
    name: 'lists one level, files and folders mixed',
    group: 'C',
    async run({ remote }) {
      await put(remote, 'a.txt', 'a')
      await put(remote, 'dir/b.txt', 'b')
      await put(remote, 'dir/sub/c.txt', 'c')
      expect(await listing(remote)).toEqual(['dir dir', 'file a.txt'])
      expect(await listing(remote, 'dir')).toEqual(['dir dir/sub', 'file dir/b.txt'])
    },
  },
  {
    name: 'lists an empty folder as empty',
    group: 'C',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await remote.mkdir(at('empty'), never)
      expect(await listing(remote)).toEqual(['dir empty'])
      expect(await listing(remote, 'empty')).toEqual([])
    },
  },
  {
    name: 'lists exactly what stat says',
    group: 'C',
    async run({ remote }) {
      await put(remote, 'dir/a.txt', 'abc', { modTime: 1_600_000_000_000 })
      await put(remote, 'dir/b.txt', '')
      for (const entry of await entriesOf(remote, 'dir')) {
        if (entry.kind === 'invalid-name') throw new Error('no such name was made')
        expect(await remote.stat(entry.path, never)).toEqual(entry)
      }
    },
  },
  {
    name: 'lists 2,500 entries each exactly once',
    group: 'C',
    async run({ remote, second }) {
      const names = Array.from(
        { length: manyEntries },
        (_, index) => `many/f${String(index).padStart(4, '0')}`,
      )
      let next = 0
      const writer = async (): Promise<void> => {
        for (let name = names[next++]; name !== undefined; name = names[next++]) await put(remote, name, '')
      }
      await Promise.all(Array.from({ length: Math.min(16, remote.features.maxConcurrency) }, writer))
      const listed = await entriesOf(await second(), 'many')
      expect(
        listed.map((entry) => (entry.kind === 'invalid-name' ? entry.shown : entry.path)).sort(),
      ).toEqual(names)
    },
  },
  {
    name: 'rejects a missing folder with "not-found"',
    group: 'C',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await expectCode(drain(remote.list(at('missing'), never)), 'not-found')
      await expectCode(drain(remote.list(at('missing/deeper'), never)), 'not-found')
    },
  },
  {
    name: 'lists a missing folder as empty when there are no folders',
    group: 'C',
    needs: ({ features }) => !features.directories,
    async run({ remote }) {
      expect(await listing(remote, 'missing')).toEqual([])
    },
  },
  {
    name: 'rejects the listing of a file with "wrong-kind"',
    group: 'C',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await put(remote, 'a.txt', 'a')
      await expectCode(drain(remote.list(at('a.txt'), never)), 'wrong-kind')
    },
  },
  {
    name: 'can be left early and goes on working',
    group: 'C',
    async run({ remote }) {
      for (const name of ['a', 'b', 'c']) await put(remote, name, name)
      for (let round = 0; round < 200; round += 1) {
        for await (const batch of remote.list(at(''), never)) {
          expect(batch.length).toBeGreaterThan(0)
          break
        }
      }
      expect(await listing(remote)).toEqual(['file a', 'file b', 'file c'])
    },
  },
  {
    name: 'does not end quietly when the folder goes away',
    group: 'C',
    needs: ({ features }) => features.directories,
    async run({ remote, second }) {
      const other = await second()
      await put(remote, 'dir/a.txt', 'a')
      expect(await listing(other, 'dir')).toEqual(['file dir/a.txt'])
      await remote.remove(at('dir/a.txt'), never)
      await remote.rmdir(at('dir'), never)
      await expectCode(drain(other.list(at('dir'), never)), 'not-found')
    },
  },
]
