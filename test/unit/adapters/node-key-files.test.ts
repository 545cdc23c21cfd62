import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeFileOperations } from '../../../main/adapters/file-operations.ts'
import { createNodeKeyFiles } from '../../../main/adapters/node-key-files.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

const withCode = (code: string): unknown => expect.objectContaining({ code })

describe('createNodeKeyFiles', () => {
  it('writes a file that only its owner may read', async () => {
    const path = join(await tempFolder(), 'fernsync.keyfile')
    await createNodeKeyFiles().create(path, utf8('half of the key\n'))
    expect(await readFile(path, 'utf8')).toBe('half of the key\n')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('never takes the place of a file, which another vault may need', async () => {
    const path = join(await tempFolder(), 'taken')
    await writeFile(path, 'of another vault')
    await expect(createNodeKeyFiles().create(path, utf8('new'))).rejects.toEqual(withCode('name-taken'))
    expect(await readFile(path, 'utf8')).toBe('of another vault')
  })

  it.each([
    ['ENOSPC', 'no-space'],
    ['EROFS', 'permission-denied'],
  ])('leaves no half of a file behind when a write fails with %s, and says so', async (system, code) => {
    const folder = await tempFolder()
    const failing = createNodeKeyFiles({
      ...nodeFileOperations,
      create: async (path) => {
        const file = await nodeFileOperations.create(path)
        return { ...file, write: () => Promise.reject(Object.assign(new Error('no'), { code: system })) }
      },
    })
    await expect(failing.create(join(folder, 'new'), utf8('new'))).rejects.toEqual(withCode(code))
    expect(await readdir(folder)).toEqual([])
  })

  it('is done only when file and name are on the disk', async () => {
    const folder = await tempFolder()
    const steps: string[] = []
    const watched = createNodeKeyFiles({
      ...nodeFileOperations,
      create: async (path) => {
        const file = await nodeFileOperations.create(path)
        return { ...file, sync: () => file.sync().then(() => void steps.push('file')) }
      },
      openFolder: async (path) => {
        const opened = await nodeFileOperations.openFolder(path)
        return { ...opened, sync: () => opened.sync().then(() => void steps.push(path)) }
      },
    })
    await watched.create(join(folder, 'new'), utf8('new'))
    expect(steps).toEqual(process.platform === 'win32' ? ['file'] : ['file', folder])
  })

  it('knows a folder that a sync client copies', async () => {
    const folder = await tempFolder()
    const synced = join(folder, 'Dropbox', 'keys')
    await mkdir(synced, { recursive: true })
    const files = createNodeKeyFiles()
    expect(files.isInSyncFolder(join(synced, 'a'))).toBe(true)
    expect(files.isInSyncFolder(join(folder, 'a'))).toBe(false)
  })
})
