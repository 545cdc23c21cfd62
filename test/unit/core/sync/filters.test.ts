import { describe, expect, it } from 'vitest'
import { createFilter } from '../../../../main/core/sync/filters.ts'

describe('createFilter', () => {
  it.each([
    ['*.tmp', 'a/b.tmp', false, true],
    ['*.tmp', 'a/b.txt', false, false],
    ['/build', 'build', true, true],
    ['/build', 'src/build', true, false],
    ['cache/', 'cache', true, true],
    ['cache/', 'cache', false, false],
    ['a/**/z', 'a/b/c/z', false, true],
    ['caf\u00e9', 'cafe\u0301', false, true],
    ['*.TMP', 'a.tmp', false, false],
    ['..odd', '..odd', false, true],
  ])('the rule %j on %j (folder: %j) filters: %j', (rule, path, isFolder, expected) => {
    expect(createFilter([rule], false)(path, isFolder)).toBe(expected)
  })

  it('ignores case where one side does', () => {
    expect(createFilter(['*.TMP'], true)('a.tmp', false)).toBe(true)
  })

  it('lets everything pass without rules', () => {
    expect(createFilter([], false)('anything', false)).toBe(false)
  })
})
