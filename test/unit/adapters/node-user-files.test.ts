import { execFileSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createNodeUserFiles } from '../../../main/adapters/node-user-files.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

function homeIs(folder: string): void {
  const before = process.env['HOME']
  process.env['HOME'] = folder
  onTestFinished(() => {
    process.env['HOME'] = before
  })
}

describe('createNodeUserFiles', () => {
  it('names the home directory by its real path, so that a link to it protects it too', async () => {
    const root = await tempFolder()
    await mkdir(join(root, 'data'))
    await symlink(join(root, 'data'), join(root, 'home'))
    const files = createNodeUserFiles({ agentSocket: null, cwd: root })
    homeIs(join(root, 'home'))
    expect(files.homeDirectory()).toBe(join(root, 'data'))
    homeIs(join(root, 'gone'))
    expect(files.homeDirectory()).toBe(join(root, 'gone'))
  })

  it('follows the links of what exists of a path', async () => {
    const root = await tempFolder()
    const files = createNodeUserFiles({ agentSocket: null, cwd: root })
    await mkdir(join(root, 'data'))
    await symlink(join(root, 'data'), join(root, 'link'))
    await symlink(join(root, 'nothing'), join(root, 'to-nothing'))
    await writeFile(join(root, 'file'), '')
    expect(await files.realPath(join(root, 'link'))).toBe(join(root, 'data'))
    expect(await files.realPath(join(root, 'link/a\\b/c'))).toBe(join(root, 'data/a\\b/c'))
    for (const path of ['file/a', 'to-nothing', 'to-nothing/a']) {
      await expect(files.realPath(join(root, path))).rejects.toMatchObject({ code: 'wrong-kind' })
    }
  })

  it('reads a file up to the limit and says when there is none', async () => {
    const root = await tempFolder()
    const files = createNodeUserFiles({ agentSocket: null, cwd: root })
    await writeFile(join(root, 'key'), 'KEY')
    expect(await files.read(join(root, 'key'), 3)).toEqual(new TextEncoder().encode('KEY'))
    expect(await files.read(join(root, 'gone'), 3)).toBeNull()
    await expect(files.read(join(root, 'key'), 2)).rejects.toMatchObject({ code: 'too-large' })
    await expect(files.read(root, 2)).rejects.toMatchObject({ code: 'permission-denied' })
  })

  it('does not wait for a pipe that nobody writes to', async () => {
    const root = await tempFolder()
    const files = createNodeUserFiles({ agentSocket: null, cwd: root })
    execFileSync('mkfifo', [join(root, 'pipe')])
    await expect(files.read(join(root, 'pipe'), 2)).rejects.toMatchObject({ code: 'permission-denied' })
  })
})
