import { expect } from 'vitest'
import { tryParseRemotePath } from '../../../main/core/remote/remote-path.ts'
import { RemoteError } from '../../../main/core/remote/remote-error.ts'
import { at, listing, never, put, textOf } from '../suite.ts'
import type { RemoteCase } from '../suite.ts'

const names: readonly (readonly [what: string, name: string])[] = [
  ['spaces inside and at both ends', ' a  b '],
  ['a hash sign', 'a#b'],
  ['a percent sign and an escape', 'a%20b%'],
  ['a plus sign and an ampersand', 'a+b&c'],
  ['quotes and a backtick', `a'b"c\`d`],
  ['a backslash', 'a\\b'],
  ['shell characters', '$(x);|*?<>[]{}~!'],
  ['a newline, a tab and an escape sequence', 'a\nb\tc\u001b[31m'],
  ['an emoji', 'a\u{1F469}\u200D\u{1F680}b'],
  ['a leading dot', '.hidden'],
  ['a leading hyphen', '-rf'],
  ['a trailing dot', 'a.'],
  ['three dots', '...'],
  ['200 bytes', 'n'.repeat(200)],
  ['200 bytes of three-byte characters', '\u4e2d'.repeat(66)],
  ['composed Unicode', 'caf\u00e9'],
  ['decomposed Unicode', 'cafe\u0301'],
  ['right-to-left text', '\u05e9\u05dc\u05d5\u05dd'],
  ['a name reserved on Windows', 'CON'],
  ['a colon', 'a:b'],
  ['a replacement character of its own', 'a\ufffdb'],
]

/** A name is kept exactly or refused with `invalid-name`; anything between loses files of the person who has it. */
const nameCase = ([what, name]: readonly [string, string]): RemoteCase => ({
  name: `keeps or refuses ${what}`,
  group: 'E',
  async run({ remote, second }) {
    const path = `dir/${name}`
    try {
      await put(remote, path, what)
    } catch (error) {
      expect(error).toBeInstanceOf(RemoteError)
      expect(error).toMatchObject({ code: 'invalid-name' })
      expect(await listing(remote, 'dir').catch(() => [])).toEqual([])
      return
    }
    const other = await second()
    expect(await listing(other, 'dir')).toEqual([`file ${path}`])
    expect(await textOf(other, path)).toBe(what)
    await other.remove(at(path), never)
    expect(await remote.stat(at(path), never)).toBeNull()
  },
})

export const nameCases: readonly RemoteCase[] = [
  ...names.map(nameCase),
  {
    name: 'refuses a name of 300 bytes and keeps nothing of it',
    group: 'E',
    async run({ remote }) {
      const path = `dir/${'x'.repeat(300)}`
      const entry = await put(remote, path, 'x').catch((error: unknown) => error)
      if (entry instanceof Error) {
        expect(entry).toMatchObject({ name: 'RemoteError', code: 'invalid-name' })
        expect(await listing(remote, 'dir').catch(() => [])).toEqual([])
      } else {
        expect(await listing(remote, 'dir')).toEqual([`file ${path}`])
      }
    },
  },
  {
    name: 'keeps names apart that differ in case, or is one file for both and says so',
    group: 'E',
    async run({ remote }) {
      await put(remote, 'dir/Name', 'upper')
      await put(remote, 'dir/name', 'lower', { mode: 'replace' })
      const listed = await listing(remote, 'dir')
      if (remote.features.caseInsensitive) {
        expect(listed).toHaveLength(1)
        expect(await textOf(remote, 'dir/NAME')).toBe('lower')
      } else {
        expect(listed).toEqual(['file dir/Name', 'file dir/name'])
        expect(await textOf(remote, 'dir/Name')).toBe('upper')
      }
    },
  },
  {
    name: 'keeps folders with such names',
    group: 'E',
    async run({ remote }) {
      await put(remote, 'a b/#c/caf\u00e9/f', 'x')
      expect(await listing(remote, 'a b/#c')).toEqual(['dir a b/#c/caf\u00e9'])
      expect(await textOf(remote, 'a b/#c/caf\u00e9/f')).toBe('x')
    },
  },
  {
    name: 'gets no path that climbs, is absolute or holds a NUL',
    group: 'E',
    run() {
      for (const text of ['..', '../a', 'a/../b', '/etc', 'a//b', 'a/', './a', 'a/.', 'a\0b']) {
        expect(tryParseRemotePath(text)).toBeNull()
      }
      return Promise.resolve()
    },
  },
]
