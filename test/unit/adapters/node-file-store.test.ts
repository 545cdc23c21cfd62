import { lstat, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createHomeLock } from '../../../main/adapters/home-lock.ts'
import { createNodeFileStore, removeStale } from '../../../main/adapters/node-file-store.ts'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { nodeFileOperations } from '../../../main/adapters/file-operations.ts'
import type { FileOperations, OpenFile } from '../../../main/adapters/file-operations.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { createMemoryFileStore } from '../../helpers/memory-file-store.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { fileStoreContract } from './file-store-contract.ts'

type Call = { readonly name: string; readonly path: string }
type Fault = (call: Call, at: number) => Error | 'short' | null

const NO_FAULT: Fault = () => null
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: told to fail`), { code })
}

/** The real operations, each one recorded, any of which may fail as `fault` says. */
function recording(fault: Fault): { operations: FileOperations; calls: Call[] } {
  const calls: Call[] = []
  const step = (name: string, path: string): 'short' | null => {
    const outcome = fault({ name, path }, calls.push({ name, path }) - 1)
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  const file = (opened: OpenFile, path: string): OpenFile => ({
    write: async (bytes, offset) => {
      const short = step('write', path) === 'short'
      return opened.write(short ? bytes.subarray(0, offset + 1) : bytes, offset)
    },
    read: async (bytes, offset, position) => (step('read', path), opened.read(bytes, offset, position)),
    stat: async () => (step('stat', path), opened.stat()),
    truncate: async (length) => (step('truncate', path), opened.truncate(length)),
    sync: async () => (step('sync', path), opened.sync()),
    close: async () => {
      await opened.close()
      step('close', path)
    },
  })
  const real = nodeFileOperations
  return {
    calls,
    operations: {
      openRead: async (path) => (step('openRead', path), file(await real.openRead(path), path)),
      create: async (path) => (step('create', path), file(await real.create(path), path)),
      openAppend: async (path) => (step('openAppend', path), file(await real.openAppend(path), path)),
      openFolder: async (path) => (step('openFolder', path), file(await real.openFolder(path), path)),
      link: async (from, to) => (step('link', to), real.link(from, to)),
      rename: async (from, to) => (step('rename', to), real.rename(from, to)),
      unlink: async (path) => (step('unlink', path), real.unlink(path)),
      makeFolder: async (path) => (step('makeFolder', path), real.makeFolder(path)),
      readFolder: async (path) => (step('readFolder', path), real.readFolder(path)),
    },
  }
}

/** A vault with three versions behind it, so that a further write has every generation to keep. */
async function homeWithGenerations(): Promise<string> {
  const root = await tempFolder()
  const store = createNodeFileStore({ root })
  for (const version of ['1', '2', '3', '4']) await store.writeDurably('v', text(version), { generations: 3 })
  return root
}

async function writeWith(root: string, fault: Fault): Promise<{ calls: Call[]; error: unknown }> {
  const { operations, calls } = recording(fault)
  const store = createNodeFileStore({ root, operations })
  const error: unknown = await store
    .writeDurably('v', text('new content'), { generations: 3 })
    .then(() => null)
    .catch((reason: unknown) => reason)
  return { calls, error }
}

describe('createNodeFileStore', () => {
  fileStoreContract(async () => createNodeFileStore({ root: await tempFolder() }))

  it('writes files and folders that only the owner may read', async () => {
    const root = await tempFolder()
    const store = createNodeFileStore({ root })
    await store.makeFolder('device/jobs')
    await store.writeDurably('device/a', text('1'), { generations: 1 })
    await store.writeDurably('device/a', text('2'), { generations: 1 })
    const modes = await Promise.all(
      ['device', 'device/jobs', 'device/a', 'device/a.1'].map(
        async (path) => (await lstat(join(root, path))).mode & 0o777,
      ),
    )
    expect(modes).toEqual([0o700, 0o700, 0o600, 0o600])
  })

  it('appends behind what is to be kept, and has the bytes and a new name on disk before it answers', async () => {
    const root = await tempFolder()
    const { operations, calls } = recording(NO_FAULT)
    const store = createNodeFileStore({ root, operations })
    await store.append('log', 0, text('one\n'))
    expect(calls.map(({ name }) => name)).toEqual([
      'openRead',
      'openAppend',
      'stat',
      'write',
      'sync',
      'close',
      'openFolder',
      'sync',
      'close',
    ])
    await store.append('log', 4, text('tw'))
    await store.append('log', 4, text('two\n'), { isSynced: false })
    expect([
      await readFile(join(root, 'log'), 'utf8'),
      (await lstat(join(root, 'log'))).mode & 0o777,
    ]).toEqual(['one\ntwo\n', 0o600])
    await expect(store.append('log', 9, text('x'))).rejects.toMatchObject({ code: 'internal' })
  })

  it('writes all bytes of an appended line when the disk takes them in pieces', async () => {
    const root = await tempFolder()
    const { operations } = recording(({ name }) => (name === 'write' ? 'short' : null))
    await createNodeFileStore({ root, operations }).append('log', 0, text('one line\n'))
    expect(await readFile(join(root, 'log'), 'utf8')).toBe('one line\n')
  })

  it('follows no link in the place of a file, neither reading nor writing', async () => {
    const root = await tempFolder()
    const elsewhere = join(await tempFolder(), 'victim')
    await writeFile(elsewhere, 'theirs')
    await symlink(elsewhere, join(root, 'v'))
    const store = createNodeFileStore({ root })
    await expect(store.read('v', 100)).rejects.toMatchObject({ code: 'home-unusable' })
    await store.writeDurably('v', text('ours'))
    expect(await readFile(elsewhere, 'utf8')).toBe('theirs')
    expect((await lstat(join(root, 'v'))).isFile()).toBe(true)
  })

  it('refuses a folder in the place of a file', async () => {
    const root = await tempFolder()
    await mkdir(join(root, 'v'))
    const store = createNodeFileStore({ root })
    await expect(store.read('v', 100)).rejects.toMatchObject({ code: 'home-unusable' })
    await expect(store.writeDurably('v', text('x'))).rejects.toThrow(AppError)
  })

  it('writes aside, fsyncs, reads back, keeps generations, renames and fsyncs the folder, in this order', async () => {
    const root = await homeWithGenerations()
    const { calls, error } = await writeWith(root, NO_FAULT)
    expect(error).toBeNull()
    const names = calls.filter(({ path }) => !/v\.[123](\.|$)/.test(path)).map(({ name }) => name)
    expect(names).toEqual([
      ...['create', 'write', 'sync', 'close'],
      ...['openRead', 'stat', 'read', 'close'],
      ...['rename', 'openFolder', 'sync', 'close', 'unlink'],
    ])
    const renamed = calls
      .filter(({ name }) => name === 'rename')
      .map(({ path }) => path.slice(root.length + 1))
    expect(renamed).toEqual(['v.3', 'v.2', 'v.1', 'v'])
  })

  it.each(['ENOSPC', 'EIO', 'EACCES', 'EMFILE', 'EPERM'])(
    'keeps a whole file under every name when any one call fails with %s, and leaves nothing behind',
    async (code) => {
      const total = (await writeWith(await homeWithGenerations(), NO_FAULT)).calls.length
      for (let failing = 0; failing < total; failing++) {
        const root = await homeWithGenerations()
        const { calls, error } = await writeWith(root, (_, at) => (at === failing ? systemError(code) : null))
        const failed = calls[failing]
        const where = `call ${failing}, ${failed?.name} ${failed?.path}`
        const renamed = calls.findIndex(({ name, path }) => name === 'rename' && path === join(root, 'v'))
        const before = renamed === -1 || failing <= renamed
        const content = await readFile(join(root, 'v'), 'utf8')
        // Before the rename the old content, after it the new one; an acknowledgement only for the new one.
        expect(content, where).toBe(error !== null && before ? '4' : 'new content')
        if (error !== null) {
          expect(error, where).toBeInstanceOf(AppError)
          expect((error as AppError).cause, where).toBeInstanceOf(Error)
          const expected =
            { ENOSPC: 'no-space', EACCES: 'home-unusable', EPERM: 'home-unusable' }[code] ?? 'internal'
          expect((error as AppError).code, where).toBe(expected)
        } else {
          // Only the removal of what is gone already, and a link that can be replaced by a copy, may fail unseen.
          expect(failed?.name === 'unlink' || (failed?.name === 'link' && code === 'EPERM'), where).toBe(true)
        }
        const generations = await Promise.all([1, 2, 3].map((n) => readFile(join(root, `v.${n}`), 'utf8')))
        expect(
          generations.every((generation) => ['1', '2', '3', '4'].includes(generation)),
          where,
        ).toBe(true)
        const names = (await readdir(root)).filter((name) => !/^v(\.[123])?$/.test(name))
        if (failed?.name !== 'unlink') expect(names, where).toEqual([])
      }
    },
  )

  it('finishes a write that the system takes in small pieces', async () => {
    const root = await homeWithGenerations()
    const { error, calls } = await writeWith(root, ({ name }) => (name === 'write' ? 'short' : null))
    expect(error).toBeNull()
    expect(calls.filter(({ name }) => name === 'write')).toHaveLength('new content'.length)
    expect(await readFile(join(root, 'v'), 'utf8')).toBe('new content')
  })

  it('gives up with no-space when the system takes nothing more', async () => {
    const root = await homeWithGenerations()
    const { operations } = recording(NO_FAULT)
    const full: FileOperations = {
      ...operations,
      create: async (path) => ({ ...(await operations.create(path)), write: () => Promise.resolve(0) }),
    }
    const store = createNodeFileStore({ root, operations: full })
    await expect(store.writeDurably('v', text('x'))).rejects.toMatchObject({ code: 'no-space' })
    expect(await readFile(join(root, 'v'), 'utf8')).toBe('4')
  })

  it('does not put a file into place that reads back as something else', async () => {
    const root = await homeWithGenerations()
    const { operations } = recording(NO_FAULT)
    const lying: FileOperations = {
      ...operations,
      openRead: async (path) => {
        const file = await operations.openRead(path)
        const read: OpenFile['read'] = async (bytes, offset, position) => {
          const length = await file.read(bytes, offset, position)
          bytes[0] = (bytes[0] ?? 0) ^ 1
          return length
        }
        return { ...file, read }
      },
    }
    const store = createNodeFileStore({ root, operations: lying })
    await expect(store.writeDurably('v', text('new'))).rejects.toMatchObject({ code: 'internal' })
    expect(await readFile(join(root, 'v'), 'utf8')).toBe('4')
  })

  it('never tries a failed fsync again', async () => {
    const root = await homeWithGenerations()
    const { calls } = await writeWith(root, ({ name }) => (name === 'sync' ? systemError('EIO') : null))
    expect(calls.filter(({ name }) => name === 'sync')).toHaveLength(1)
  })

  it('keeps generations by copying where the file system has no links', async () => {
    const root = await homeWithGenerations()
    const { error } = await writeWith(root, ({ name }) => (name === 'link' ? systemError('ENOTSUP') : null))
    expect(error).toBeNull()
    const kept = await Promise.all(
      ['v', 'v.1', 'v.2', 'v.3'].map((name) => readFile(join(root, name), 'utf8')),
    )
    expect(kept).toEqual(['new content', '4', '3', '2'])
  })

  it('goes on over generations that an interrupted write left as two names of one file', async () => {
    const root = await homeWithGenerations()
    let renames = 0
    await writeWith(root, ({ name }) => (name === 'rename' && ++renames === 2 ? systemError('EIO') : null))
    expect(await readFile(join(root, 'v.3'), 'utf8')).toBe('2')
    expect(await readFile(join(root, 'v.2'), 'utf8')).toBe('2')
    const store = createNodeFileStore({ root })
    await store.writeDurably('v', text('5'), { generations: 3 })
    const kept = await Promise.all(
      ['v', 'v.1', 'v.2', 'v.3'].map((name) => readFile(join(root, name), 'utf8')),
    )
    expect(kept).toEqual(['5', '4', '3', '2'])
    expect((await readdir(root)).sort()).toEqual(['v', 'v.1', 'v.2', 'v.3'])
  })

  it('makes a folder durable together with every folder above it', async () => {
    const root = await tempFolder()
    const { operations, calls } = recording(NO_FAULT)
    await createNodeFileStore({ root: `${root}/`, operations }).makeFolder('a/b/c')
    const synced = calls.filter(({ name }) => name === 'sync').map(({ path }) => path)
    expect(synced).toEqual([join(root, 'a', 'b'), join(root, 'a'), root])
  })

  it('waits for a rename that Windows refuses for a moment', async () => {
    const root = await homeWithGenerations()
    let refused = 2
    const { operations } = recording(({ name }) =>
      name === 'rename' && refused-- > 0 ? systemError('EBUSY') : null,
    )
    await createNodeFileStore({ root, operations, platform: 'win32' }).writeDurably('v', text('new'))
    expect(await readFile(join(root, 'v'), 'utf8')).toBe('new')
  })

  it('removes what a writer that died left behind, and nothing else', async () => {
    const root = await tempFolder()
    await writeFile(join(root, '.vault.json.0123456789abcdef.tmp'), 'half')
    await writeFile(join(root, 'notes.tmp'), 'theirs')
    await writeFile(join(root, '.hidden'), 'theirs')
    const store = createNodeFileStore({ root })
    expect([...(await store.list(''))].sort()).toEqual(['.hidden', 'notes.tmp'])
    await store.removeStaleFiles(['', 'device'])
    expect((await readdir(root)).sort()).toEqual(['.hidden', 'notes.tmp'])
  })

  it('takes no stamp for settled that a write in the same tick might repeat', async () => {
    const root = await tempFolder()
    const store = createNodeFileStore({ root })
    await store.writeDurably('a', text('x'))
    expect((await store.stamp('a'))?.isSettled).toBe(false)
    // What a sync client sets back does not hide when it was set.
    await utimes(join(root, 'a'), 1, 1)
    expect((await store.stamp('a'))?.isSettled).toBe(false)
  })

  it.each([
    [-60_000, true],
    [-2_000, false],
    [60_000, false],
  ])('takes a file changed %i ms from now for settled: %s', async (fromNow, isSettled) => {
    const root = await tempFolder()
    await createNodeFileStore({ root }).writeDurably('a', text('x'))
    const openRead: FileOperations['openRead'] = async (path) => {
      const file = await nodeFileOperations.openRead(path)
      const stat: OpenFile['stat'] = async () => ({
        ...(await file.stat()),
        mtimeMs: 1,
        ctimeMs: Date.now() + fromNow,
      })
      return { ...file, stat }
    }
    const store = createNodeFileStore({ root, operations: { ...nodeFileOperations, openRead } })
    expect((await store.stamp('a'))?.isSettled).toBe(isSettled)
  })

  it('leaves a write in progress alone, of the audit log too, which has a lock of its own', async () => {
    const root = await tempFolder()
    await mkdir(join(root, 'device'))
    await writeFile(join(root, 'device', '.audit-head.json.0123456789abcdef.tmp'), 'half')
    const files = createNodeFileStore({ root })
    const locks = { folder: join(root, 'device'), clock: systemClock }
    const tidy = () => removeStale({ files, lock: createHomeLock(locks) }, { waitMs: 0 })
    for (const name of ['vault', 'audit'] as const) {
      const busy = createHomeLock(locks).hold(name, tidy)
      await expect(busy).rejects.toMatchObject({ code: 'busy' })
    }
    const left = async () => (await readdir(join(root, 'device'))).filter((name) => name.endsWith('.tmp'))
    expect(await left()).toHaveLength(1)
    await tidy()
    expect(await left()).toEqual([])
  })

  it('says when a file was written', async () => {
    const root = await tempFolder()
    const store = createNodeFileStore({ root })
    expect(await store.modifiedMs('a')).toBeNull()
    await store.writeDurably('a', text('x'))
    expect(await store.modifiedMs('a')).toBe((await lstat(join(root, 'a'))).mtimeMs)
  })
})

describe('createMemoryFileStore', () => {
  fileStoreContract(() => Promise.resolve(createMemoryFileStore()))

  it('fails the next write when told to, and only that', async () => {
    const store = createMemoryFileStore()
    store.failNextWrite('no-space')
    await expect(store.writeDurably('a', text('x'))).rejects.toMatchObject({ code: 'no-space' })
    expect(store.content.size).toBe(0)
    await store.writeDurably('a', text('x'))
    expect(store.content.size).toBe(1)
  })
})
