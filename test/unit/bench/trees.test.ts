import { mkdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeTree, treeHash } from '../../bench/trees.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

describe('treeHash', () => {
  it('changes with a name, a byte and a time, and with nothing that Fernsync keeps for itself', async () => {
    const folder = join(await tempFolder(), 'tree')
    makeTree(folder, { count: 3, bytes: 10 })
    const file = join(folder, 'folder-000', 'file-00001.bin')
    const before = treeHash(folder)
    const { mtime } = statSync(file)

    mkdirSync(join(folder, '.fernsync'))
    expect(treeHash(folder)).toBe(before)

    utimesSync(file, mtime, new Date(mtime.getTime() + 1000))
    expect(treeHash(folder)).not.toBe(before)
    utimesSync(file, mtime, mtime)
    expect(treeHash(folder)).toBe(before)

    renameSync(file, `${file}x`)
    expect(treeHash(folder)).not.toBe(before)
    renameSync(`${file}x`, file)

    writeFileSync(file, 'other byte')
    utimesSync(file, mtime, mtime)
    expect(treeHash(folder)).not.toBe(before)
  })
})
