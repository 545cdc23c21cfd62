import { expect } from 'vitest'
import {
  at,
  bytesOf,
  drain,
  expectCode,
  listing,
  never,
  outline,
  pattern,
  put,
  sha256,
  sourceOf,
  textOf,
} from '../suite.ts'
import type { RemoteCase } from '../suite.ts'

/** Edges of SFTP packets, read chunks, pipes and multipart uploads. */
const sizes = [0, 1, 32_767, 32_769, 65_535, 65_536, 65_537, 262_145, 8 * 1024 * 1024 + 1]

const roundTrips = sizes.map((size): RemoteCase => ({
  name: `returns the ${size.toLocaleString('en')} bytes that were written`,
  group: 'D',
  needs: ({ features }) => features.maxFileSize === null || features.maxFileSize >= size,
  async run({ remote, second }) {
    const content = pattern(size)
    await put(remote, 'file.bin', content)
    const back = await bytesOf(await second(), 'file.bin')
    expect({ size: back.length, hash: sha256(back) }).toEqual({ size, hash: sha256(content) })
  },
}))

export const contentCases: readonly RemoteCase[] = [
  ...roundTrips,
  {
    name: 'takes a source in chunks of one byte and in one chunk of a megabyte',
    group: 'D',
    async run({ remote }) {
      const small = pattern(300)
      await remote.write(at('small'), sourceOf(small, { chunkSize: 1 }), 'create', never)
      const big = pattern(1_048_576)
      await remote.write(at('big'), sourceOf(big, { chunkSize: big.length }), 'create', never)
      expect(sha256(await bytesOf(remote, 'small'))).toBe(sha256(small))
      expect(sha256(await bytesOf(remote, 'big'))).toBe(sha256(big))
    },
  },
  {
    name: 'leaves no tail when shorter content replaces longer',
    group: 'D',
    async run({ remote }) {
      await put(remote, 'a.txt', pattern(100_000))
      await put(remote, 'a.txt', 'short', { mode: 'replace' })
      expect(await textOf(remote, 'a.txt')).toBe('short')
    },
  },
  {
    name: 'makes the folders above a new file',
    group: 'D',
    async run({ remote }) {
      await put(remote, 'one/two/three/a.txt', 'a')
      expect(await listing(remote, 'one/two')).toEqual(['dir one/two/three'])
      expect(await textOf(remote, 'one/two/three/a.txt')).toBe('a')
    },
  },
  {
    name: 'rejects a file below a file with "wrong-kind"',
    group: 'D',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await put(remote, 'a.txt', 'a')
      await expectCode(put(remote, 'a.txt/b.txt', 'b'), 'wrong-kind')
      expect(await textOf(remote, 'a.txt')).toBe('a')
    },
  },
  {
    name: 'rejects a file where a folder is',
    group: 'D',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await remote.mkdir(at('dir'), never)
      await expectCode(put(remote, 'dir', 'x', { mode: 'replace' }), 'wrong-kind')
      await expectCode(put(remote, 'dir', 'x', { mode: 'create' }), 'exists', 'wrong-kind')
      expect(await listing(remote)).toEqual(['dir dir'])
    },
  },
  {
    name: 'returns from write what stat then says',
    group: 'D',
    async run({ remote, second }) {
      const created = await put(remote, 'dir/a.txt', 'abc', { modTime: 1_500_000_000_000 })
      expect(await (await second()).stat(at('dir/a.txt'), never)).toEqual(created)
      const replaced = await put(remote, 'dir/a.txt', 'abcdef', { mode: 'replace' })
      expect(await remote.stat(at('dir/a.txt'), never)).toEqual(replaced)
      expect(outline(replaced)).toEqual({ kind: 'file', path: 'dir/a.txt', size: 6 })
    },
  },
  {
    name: 'reads from an offset to the end',
    group: 'D',
    async run({ remote }) {
      const content = pattern(300_000)
      await put(remote, 'a.bin', content)
      for (const offset of [1, 32_768, 65_537, 299_999]) {
        const back = await bytesOf(remote, 'a.bin', offset)
        expect({ offset, hash: sha256(back) }).toEqual({ offset, hash: sha256(content.subarray(offset)) })
      }
    },
  },
  {
    name: 'reads nothing from an offset at the end',
    group: 'D',
    async run({ remote }) {
      await put(remote, 'a.bin', pattern(1_000))
      expect((await bytesOf(remote, 'a.bin', 1_000)).length).toBe(0)
    },
  },
  {
    name: 'rejects the reading of a missing file, and of one below a missing folder, with "not-found"',
    group: 'D',
    async run({ remote }) {
      await expectCode(drain(remote.read(at('missing'), 0, never)), 'not-found')
      await expectCode(drain(remote.read(at('no/such/file'), 0, never)), 'not-found')
    },
  },
  {
    name: 'rejects the reading of a folder with "wrong-kind"',
    group: 'D',
    needs: ({ features }) => features.directories,
    async run({ remote }) {
      await remote.mkdir(at('dir'), never)
      await expectCode(drain(remote.read(at('dir'), 0, never)), 'wrong-kind')
    },
  },
  {
    name: 'can leave a reading early and goes on working',
    group: 'D',
    async run({ remote }) {
      await put(remote, 'a.bin', pattern(3_000_000))
      for (let round = 0; round < 50; round += 1) {
        for await (const chunk of remote.read(at('a.bin'), 0, never)) {
          expect(chunk.length).toBeGreaterThan(0)
          break
        }
      }
      expect((await bytesOf(remote, 'a.bin')).length).toBe(3_000_000)
    },
  },
  {
    name: 'keeps the modification time within its precision',
    group: 'D',
    needs: ({ features }) => features.modTimePrecisionMs !== null,
    async run({ remote }) {
      const precision = remote.features.modTimePrecisionMs ?? 1
      for (const modTime of [1_700_000_000_123, 1_234_567_890_999, 1_600_000_001_000, 86_400_000]) {
        const entry = await put(remote, 'a.txt', String(modTime), { mode: 'replace', modTime })
        expect(entry.modTime).toBe(Math.floor(modTime / precision) * precision)
      }
    },
  },
  {
    name: 'creates only where nothing is',
    group: 'D',
    async run({ remote, second }) {
      await put(remote, 'a.txt', 'first')
      await expectCode(put(await second(), 'a.txt', 'second', { mode: 'create' }), 'exists')
      expect(await textOf(remote, 'a.txt')).toBe('first')
      expect(await listing(remote)).toEqual(['file a.txt'])
    },
  },
  {
    name: 'replaces where nothing is',
    group: 'D',
    async run({ remote }) {
      await put(remote, 'a.txt', 'first', { mode: 'replace' })
      expect(await textOf(remote, 'a.txt')).toBe('first')
    },
  },
]
