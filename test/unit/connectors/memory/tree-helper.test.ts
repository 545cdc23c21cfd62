import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import {
  differences,
  makeRemoteTree,
  makeTree,
  randomTree,
  snapshotRemote,
  snapshotTree,
  withoutOurs,
} from '../../../helpers/tree.ts'
import { tempDir } from '../local/fixture.ts'

describe('the tree helper', () => {
  it('makes the same tree on disk and in memory, and says so', async () => {
    const tree = randomTree({ seed: 7, files: 200, perFolder: 10, hasOddNames: true })
    const root = tempDir()
    makeTree(root, tree)
    const remote = createMemoryPlace().connect()
    await makeRemoteTree(remote, tree)
    expect(differences(snapshotTree(root), await snapshotRemote(remote))).toEqual([])
  })

  it('gives the same tree for a seed and another for the next', () => {
    const names = (seed: number): string[] => Object.keys(randomTree({ seed, files: 20, perFolder: 5 }))
    expect(names(1)).toEqual(names(1))
    expect(names(1)).not.toEqual(names(2))
  })

  it('sees content, kinds, links, empty folders and missing names', () => {
    const [one, two] = [tempDir(), tempDir()]
    makeTree(one, { same: 'x', content: 'a', 'kind/': '', gone: 'x', 'dir/deep': 'x' })
    makeTree(two, { same: 'x', content: 'b', kind: '', 'dir/deep': 'x', '.fernsync/job/marker': 'x' })
    symlinkSync('same', join(two, 'link'))
    const keep = withoutOurs
    expect(differences(snapshotTree(one, { keep }), snapshotTree(two, { keep }))).toEqual([
      'content', 'gone', 'kind', 'kind/', 'link',
    ]) // prettier-ignore
  })
})
