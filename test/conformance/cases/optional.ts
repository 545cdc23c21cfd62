import { expect } from 'vitest'
import type { Remote } from '../../../main/core/remote/remote.ts'
import { at, bytesOf, expectCode, listing, never, pattern, put, sha256, textOf } from '../suite.ts'
import type { RemoteCase } from '../suite.ts'

type OptionalMethod =
  'move' | 'link' | 'copy' | 'setModTime' | 'hash' | 'usage' | 'makeDurable' | 'rootIdentity'

/** The method, bound; `needs` has made sure of it. */
function method<K extends OptionalMethod>(remote: Remote, name: K): NonNullable<Remote[K]> {
  const found = remote[name]
  if (found === undefined) throw new Error(`the remote has no ${name}`)
  return found
}

const has =
  (name: OptionalMethod) =>
  (remote: Remote): boolean =>
    remote[name] !== undefined

const moveCases: readonly RemoteCase[] = [
  {
    name: 'moves a file with its content and time',
    group: 'H',
    needs: has('move'),
    async run({ remote, second }) {
      const before = await put(remote, 'a.bin', pattern(10_000), { modTime: 1_500_000_000_000 })
      await remote.mkdir(at('dir'), never)
      await method(remote, 'move')(at('a.bin'), at('dir/b.bin'), 'create', never)
      const other = await second()
      expect(await other.stat(at('a.bin'), never)).toBeNull()
      expect(await other.stat(at('dir/b.bin'), never)).toMatchObject({
        size: 10_000,
        modTime: before.modTime,
      })
      expect(sha256(await bytesOf(other, 'dir/b.bin'))).toBe(sha256(pattern(10_000)))
    },
  },
  {
    name: 'replaces by a move only when told to',
    group: 'H',
    needs: has('move'),
    async run({ remote }) {
      await put(remote, 'a.txt', 'new')
      await put(remote, 'b.txt', 'old')
      await expectCode(method(remote, 'move')(at('a.txt'), at('b.txt'), 'create', never), 'exists')
      expect(await textOf(remote, 'b.txt')).toBe('old')
      expect(await textOf(remote, 'a.txt')).toBe('new')
      await method(remote, 'move')(at('a.txt'), at('b.txt'), 'replace', never)
      expect(await listing(remote)).toEqual(['file b.txt'])
      expect(await textOf(remote, 'b.txt')).toBe('new')
    },
  },
  {
    name: 'rejects the move of what is not there',
    group: 'H',
    needs: has('move'),
    async run({ remote }) {
      await put(remote, 'b.txt', 'old')
      await expectCode(method(remote, 'move')(at('a.txt'), at('b.txt'), 'replace', never), 'not-found')
      await expectCode(method(remote, 'move')(at('a.txt'), at('c.txt'), 'create', never), 'not-found')
      expect(await textOf(remote, 'b.txt')).toBe('old')
    },
  },
  {
    name: 'makes the folders above the place a file is moved to',
    group: 'H',
    needs: has('move'),
    async run({ remote }) {
      await put(remote, 'a.txt', 'a')
      await method(remote, 'move')(at('a.txt'), at('new/deep/a.txt'), 'create', never)
      expect(await textOf(remote, 'new/deep/a.txt')).toBe('a')
    },
  },
  {
    name: 'moves a folder with everything in it, and never over another',
    group: 'H',
    needs: (remote) => has('move')(remote) && remote.features.directories,
    async run({ remote, second }) {
      await put(remote, 'one/sub/a.txt', 'a')
      await put(remote, 'two/b.txt', 'b')
      await expectCode(method(remote, 'move')(at('one'), at('two'), 'create', never), 'exists')
      await method(remote, 'move')(at('one'), at('three'), 'create', never)
      const other = await second()
      expect(await listing(other)).toEqual(['dir three', 'dir two'])
      expect(await textOf(other, 'three/sub/a.txt')).toBe('a')
      expect(await textOf(other, 'two/b.txt')).toBe('b')
    },
  },
]

const linkCases: readonly RemoteCase[] = [
  {
    name: 'gives a file a second name that survives a replacement of the first',
    group: 'H',
    needs: has('link'),
    async run({ remote, second }) {
      await put(remote, 'a.txt', 'old')
      await method(remote, 'link')(at('a.txt'), at('kept/a.txt'), never)
      await put(remote, 'a.txt', 'new', { mode: 'replace' })
      const other = await second()
      expect(await textOf(other, 'kept/a.txt')).toBe('old')
      expect(await textOf(other, 'a.txt')).toBe('new')
    },
  },
  {
    name: 'never replaces by a link',
    group: 'H',
    needs: has('link'),
    async run({ remote }) {
      await put(remote, 'a.txt', 'a')
      await put(remote, 'b.txt', 'b')
      await expectCode(method(remote, 'link')(at('a.txt'), at('b.txt'), never), 'exists')
      await expectCode(method(remote, 'link')(at('missing'), at('c.txt'), never), 'not-found')
      expect(await textOf(remote, 'b.txt')).toBe('b')
    },
  },
  {
    name: 'copies a file and leaves the source',
    group: 'H',
    needs: has('copy'),
    async run({ remote }) {
      await put(remote, 'a.txt', 'a')
      await method(remote, 'copy')(at('a.txt'), at('b.txt'), never)
      await put(remote, 'b.txt', 'b', { mode: 'replace' })
      expect(await textOf(remote, 'a.txt')).toBe('a')
    },
  },
]

const otherCases: readonly RemoteCase[] = [
  {
    name: 'sets a modification time and nothing else',
    group: 'H',
    needs: (remote) => has('setModTime')(remote) && remote.features.modTimePrecisionMs !== null,
    async run({ remote }) {
      await put(remote, 'a.txt', 'abc', { modTime: 1_500_000_000_000 })
      await method(remote, 'setModTime')(at('a.txt'), 1_400_000_000_000, never)
      expect(await remote.stat(at('a.txt'), never)).toMatchObject({ size: 3, modTime: 1_400_000_000_000 })
      expect(await textOf(remote, 'a.txt')).toBe('abc')
      await expectCode(method(remote, 'setModTime')(at('missing'), 0, never), 'not-found')
    },
  },
  {
    name: 'knows the hash of a file or says that it does not',
    group: 'H',
    needs: has('hash'),
    async run({ remote }) {
      const content = pattern(700_000)
      await put(remote, 'a.bin', content)
      const hash = await method(remote, 'hash')(at('a.bin'), 'sha256', never)
      if (hash !== null) expect(hash).toBe(sha256(content))
      await expectCode(method(remote, 'hash')(at('missing'), 'sha256', never), 'not-found')
    },
  },
  {
    name: 'knows plausible numbers of its space',
    group: 'H',
    needs: has('usage'),
    async run({ remote }) {
      const { total, free } = await method(remote, 'usage')(never)
      if (total !== null) expect(total).toBeGreaterThan(0)
      if (free !== null) expect(free).toBeGreaterThanOrEqual(0)
      if (total !== null && free !== null) expect(free).toBeLessThanOrEqual(total)
    },
  },
  {
    name: 'makes written, moved and removed files durable, each named any number of times',
    group: 'H',
    needs: has('makeDurable'),
    async run({ remote }) {
      const paths = Array.from({ length: 40 }, (_, index) => at(`new/${index % 4}/f${index}`))
      for (const path of paths) await put(remote, path, path)
      await remote.remove(at('new/0/f0'), never)
      await method(remote, 'makeDurable')([...paths, ...paths], never)
      await method(remote, 'makeDurable')([], never)
      expect(await textOf(remote, 'new/1/f1')).toBe('new/1/f1')
    },
  },
  {
    name: 'knows one identity of its root through every connection',
    group: 'H',
    needs: has('rootIdentity'),
    async run({ remote, second }) {
      const identity = await method(remote, 'rootIdentity')(never)
      await put(remote, 'a.txt', 'a')
      expect(await method(await second(), 'rootIdentity')(never)).toBe(identity)
    },
  },
]

export const optionalCases: readonly RemoteCase[] = [...moveCases, ...linkCases, ...otherCases]
