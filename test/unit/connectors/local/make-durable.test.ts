import { describe, expect, it } from 'vitest'
import { foldersOf } from '../../../../main/connectors/local/make-durable.ts'
import { at } from '../../core/remote/fakes.ts'

describe('foldersOf', () => {
  it('names each folder once, deepest first', () => {
    expect(foldersOf(['a/b/x', 'a/b/y', 'c/z', 'top'].map(at), new Set())).toEqual(['a/b', 'c', ''])
  })

  it('adds the folders above those that were made', () => {
    expect(foldersOf([at('a/b/c/x')], new Set([at('a/b'), at('a/b/c')]))).toEqual(['a/b/c', 'a/b', 'a'])
  })
})
