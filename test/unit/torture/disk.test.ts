import { describe, expect, it } from 'vitest'
import {
  afterPowerCut,
  createDisk,
  emptyDisk,
  filesOf,
  nothingPending,
  systemError,
} from '../../torture/support/disk.ts'
import type { Disk, Fault } from '../../torture/support/disk.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

async function write({ operations }: Disk, path: string, text: string, sync: boolean): Promise<void> {
  const file = await operations.create(path)
  await file.write(bytes(text), 0)
  if (sync) await file.sync()
  await file.close()
}

async function syncFolder({ operations }: Disk, path: string): Promise<void> {
  const folder = await operations.openFolder(path)
  await folder.sync()
}

const texts = (state: ReturnType<Disk['state']>): Record<string, string> =>
  Object.fromEntries([...filesOf(state)].map(([path, content]) => [path, Buffer.from(content).toString()]))
const worst = (disk: Disk): Record<string, string> => texts(afterPowerCut(disk.state(), nothingPending))

describe('createDisk', () => {
  it('holds what was written, and after a power cut only what an fsync promised', async () => {
    const disk = createDisk(emptyDisk('/h'))
    await write(disk, '/h/a', 'one', true)
    expect([texts(disk.state()), worst(disk)]).toEqual([{ '/h/a': 'one' }, {}])
    await syncFolder(disk, '/h')
    expect(worst(disk)).toEqual({ '/h/a': 'one' })
  })

  it('may lose content whose name is safe', async () => {
    const disk = createDisk(emptyDisk('/h'))
    await write(disk, '/h/a', 'one', false)
    await syncFolder(disk, '/h')
    expect(worst(disk)).toEqual({ '/h/a': '' })
    const torn = afterPowerCut(disk.state(), { ...nothingPending, tear: (all) => all.subarray(0, 2) })
    expect(texts(torn)).toEqual({ '/h/a': 'on' })
  })

  it('may do a rename wholly or not at all, whatever happens to those before it', async () => {
    const disk = createDisk(emptyDisk('/h'))
    await write(disk, '/h/a', 'old', true)
    await syncFolder(disk, '/h')
    await write(disk, '/h/t', 'new', true)
    await disk.operations.rename('/h/t', '/h/a')
    const states = [0, 1, 2, 3].map((set) =>
      texts(
        afterPowerCut(disk.state(), { ...nothingPending, keepsName: (index) => ((set >> index) & 1) === 1 }),
      ),
    )
    expect(states).toEqual([
      { '/h/a': 'old' },
      { '/h/a': 'old', '/h/t': 'new' },
      { '/h/a': 'new' },
      { '/h/a': 'new' },
    ])
  })

  it('loses what is in a folder with the name of the folder', async () => {
    const disk = createDisk(emptyDisk('/h'))
    await disk.operations.makeFolder('/h/b/c')
    await syncFolder(disk, '/h/b')
    await write(disk, '/h/b/c/a', 'x', true)
    await syncFolder(disk, '/h/b/c')
    expect(worst(disk)).toEqual({})
    await syncFolder(disk, '/h')
    expect(worst(disk)).toEqual({ '/h/b/c/a': 'x' })
  })

  it('promises nothing by a second fsync after one that failed', async () => {
    let isBroken = true
    const fault: Fault = ({ name, path }) =>
      isBroken && name === 'sync' && path === '/h/a' ? systemError('EIO') : null
    const disk = createDisk(emptyDisk('/h'), fault)
    const file = await disk.operations.create('/h/a')
    await file.write(bytes('one'), 0)
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
    isBroken = false
    await file.sync()
    await syncFolder(disk, '/h')
    expect(worst(disk)).toEqual({ '/h/a': '' })
  })

  it('refuses what a file system refuses', async () => {
    const { operations } = createDisk(emptyDisk('/h'))
    await operations.create('/h/a')
    await expect(operations.create('/h/a')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(operations.create('/h/none/a')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(operations.openRead('/h/b')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(operations.unlink('/h/b')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(operations.rename('/h/b', '/h/c')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
