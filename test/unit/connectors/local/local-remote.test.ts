import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { local, openLocal, thisSystem } from '../../../../main/connectors/local/index.ts'
import {
  at,
  codeOf,
  emptyConfig,
  fakeDeps,
  namesOf,
  never,
  sourceOf,
  textOf,
} from '../../core/remote/fakes.ts'
import { entriesOf } from '../../../conformance/suite.ts'
import { openRoot, tempDir, walks } from './fixture.ts'

const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('local: entries', () => {
  it('reports links and special files as "other", to files, to folders and to nothing', async () => {
    const root = tempDir()
    writeFileSync(join(root, 'file'), 'x')
    mkdirSync(join(root, 'dir'))
    symlinkSync('file', join(root, 'to-file'))
    symlinkSync('dir', join(root, 'to-dir'))
    symlinkSync('missing', join(root, 'to-nothing'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    const remote = await openRoot(root)
    const kinds = (await entriesOf(remote)).map((entry) =>
      entry.kind === 'other' ? `${entry.path}: ${entry.what}` : entry.kind,
    )
    expect(kinds.sort()).toEqual([
      'dir', 'file', 'pipe: special', 'to-dir: link', 'to-file: link', 'to-nothing: link',
    ]) // prettier-ignore
    expect(await remote.stat(at('to-dir'), never)).toEqual({ kind: 'other', path: 'to-dir', what: 'link' })
  })

  it('reports a name that is no UTF-8, and the names beside it', async () => {
    const root = tempDir()
    mkdirSync(join(root, 'dir'))
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'dir/bad-')), Buffer.from([0xff, 0xfe])]), 'x')
    writeFileSync(join(root, 'dir/gut-\u00fc'), 'x')
    const remote = await openRoot(root)
    expect((await entriesOf(remote, 'dir')).map(({ kind }) => kind).sort()).toEqual(['file', 'invalid-name'])
    expect(await entriesOf(remote, 'dir')).toContainEqual({
      kind: 'invalid-name',
      dir: 'dir',
      shown: 'bad-\ufffd\ufffd',
    })
  })

  it('changes the version when content of the same size gets its old time back', async () => {
    const root = tempDir()
    writeFileSync(join(root, 'a'), 'one')
    utimesSync(join(root, 'a'), 1_600_000_000, 1_600_000_000)
    const remote = await openRoot(root)
    const before = await remote.stat(at('a'), never)
    // The change time of a file moves with the clock of the kernel, which ticks every few milliseconds.
    await new Promise((resolve) => setTimeout(resolve, 20))
    writeFileSync(join(root, 'a'), 'two')
    utimesSync(join(root, 'a'), 1_600_000_000, 1_600_000_000)
    const after = await remote.stat(at('a'), never)
    expect(after).toEqual({ ...before, version: expect.any(String) as string })
    expect(after).not.toEqual(before)
  })
})

describe('local: permissions of what is written', () => {
  it('gives a new file what the umask says, and keeps the mode of a replaced one', async () => {
    const root = tempDir()
    writeFileSync(join(root, 'private'), 'old', { mode: 0o600 })
    writeFileSync(join(root, 'script'), 'old')
    chmodSync(join(root, 'script'), 0o755)
    const remote = await openRoot(root)
    await remote.write(at('new'), sourceOf('new'), 'create', never)
    await remote.write(at('private'), sourceOf('new'), 'replace', never)
    await remote.write(at('script'), sourceOf('new'), 'replace', never)
    expect([modeOf(join(root, 'new')), modeOf(join(root, 'private')), modeOf(join(root, 'script'))]).toEqual([
      0o666 & ~process.umask(), 0o600, 0o755,
    ]) // prettier-ignore
  })

  it('shows the content of a private file to nobody else while it is replaced', async () => {
    const root = tempDir()
    writeFileSync(join(root, 'private'), 'old', { mode: 0o600 })
    const remote = await openRoot(root)
    const seen: number[] = []
    const source = {
      size: 2,
      modTime: null,
      async *open() {
        yield await Promise.resolve(new Uint8Array(1))
        for (const name of readdirSync(root)) seen.push(modeOf(join(root, name)))
        yield new Uint8Array(1)
      },
    }
    await remote.write(at('private'), source, 'replace', never)
    expect(seen).toEqual([0o600, 0o600])
  })
})

describe('local: reading', () => {
  it('says "source-changed" when a file changes while it is read', async () => {
    const root = tempDir()
    writeFileSync(join(root, 'log'), Buffer.alloc(2_000_000))
    const remote = await openRoot(root)
    const read = async (change: () => void): Promise<void> => {
      let isFirst = true
      for await (const chunk of remote.read(at('log'), 0, never)) {
        if (isFirst && chunk.length > 0) change()
        isFirst = false
      }
    }
    expect(await codeOf(read(() => writeFileSync(join(root, 'log'), 'short')))).toBe('source-changed')
    writeFileSync(join(root, 'log'), Buffer.alloc(2_000_000))
    expect(await codeOf(read(() => writeFileSync(join(root, 'log'), 'more', { flag: 'a' })))).toBe(
      'source-changed',
    )
  })

  it('does not wait at a pipe that nobody writes to', async () => {
    const root = tempDir()
    execFileSync('mkfifo', [join(root, 'pipe')])
    const remote = await openRoot(root)
    expect(await codeOf(textOf(remote, 'pipe'))).toBe('wrong-kind')
  })
})

describe('local: moving', () => {
  it('leaves one name when both are links to one file', async () => {
    const root = tempDir()
    writeFileSync(join(root, 'a'), 'x')
    linkSync(join(root, 'a'), join(root, 'b'))
    const remote = await openRoot(root)
    await remote.move?.(at('a'), at('b'), 'replace', never)
    expect(await namesOf(remote)).toEqual(['b'])
  })

  it('refuses to move a folder into itself or over another', async () => {
    const root = tempDir()
    mkdirSync(join(root, 'a/b'), { recursive: true })
    mkdirSync(join(root, 'c'))
    const remote = await openRoot(root)
    expect(await codeOf(remote.move?.(at('a'), at('a/b/c'), 'create', never) ?? Promise.resolve())).toBe(
      'wrong-kind',
    )
    expect(await codeOf(remote.move?.(at('c'), at('a'), 'replace', never) ?? Promise.resolve())).toBe(
      'wrong-kind',
    )
    expect(await namesOf(remote)).toEqual(['a', 'c'])
  })
})

describe('local: the root', () => {
  for (const [walk, system] of walks) {
    it(`may be missing, is made by mkdir alone, and by no write (${walk})`, async () => {
      const root = join(tempDir(), 'not', 'yet')
      const remote = await openRoot(root, system)
      expect(await remote.stat(at(''), never)).toBeNull()
      expect(await codeOf(namesOf(remote))).toBe('not-found')
      expect(await codeOf(remote.write(at('a'), sourceOf('a'), 'create', never))).toBe('not-found')
      expect(existsSync(root)).toBe(false)
      await remote.mkdir(at(''), never)
      await remote.write(at('a'), sourceOf('a'), 'create', never)
      expect(await namesOf(remote)).toEqual(['a'])
    })

    it(`is not looked for again after it was replaced by another folder (${walk})`, async () => {
      const parent = tempDir()
      const root = join(parent, 'root')
      mkdirSync(root)
      writeFileSync(join(root, 'a'), 'a')
      const remote = await openRoot(root, system)
      expect(await namesOf(remote)).toEqual(['a'])
      renameSync(root, join(parent, 'elsewhere'))
      mkdirSync(root)
      expect(await codeOf(namesOf(remote))).toBe('not-found')
      expect(await codeOf(remote.write(at('b'), sourceOf('b'), 'create', never))).toBe('not-found')
      expect(readdirSync(join(parent, 'elsewhere'))).toEqual(['a'])
      expect(readdirSync(root)).toEqual([])
    })

    it(`may be a link of the person's making (${walk})`, async () => {
      const parent = tempDir()
      mkdirSync(join(parent, 'real'))
      symlinkSync('real', join(parent, 'root'))
      const remote = await openRoot(join(parent, 'root'), system)
      await remote.write(at('dir/a'), sourceOf('a'), 'create', never)
      expect(readFileSync(join(parent, 'real/dir/a'), 'utf8')).toBe('a')
    })
  }

  it('is never removed', async () => {
    const root = tempDir()
    const remote = await openRoot(root)
    expect(await codeOf(remote.rmdir(at(''), never))).toBe('unsupported')
    expect(existsSync(root)).toBe(true)
  })

  it('must be an absolute path', async () => {
    for (const root of ['relative', '', './x', '/a\0b']) {
      expect(await codeOf(local.open({ ...emptyConfig, root }, fakeDeps(), never))).toBe('invalid-name')
    }
  })

  it('has another identity than another folder', async () => {
    const [one, two] = [await openRoot(tempDir()), await openRoot(tempDir())]
    const identity = await one.rootIdentity?.(never)
    expect(identity).toMatch(/^[bd]\d+:\d+:\d+$/)
    expect(await two.rootIdentity?.(never)).not.toBe(identity)
  })
})

describe('local: names of Windows', () => {
  it('refuses them where Windows is the system, before anything is made', async () => {
    const root = tempDir()
    const remote = await openLocal({ root }, fakeDeps(), { platform: 'win32', hasFolderHandles: false })
    for (const path of ['CON', 'dir/nul.txt', 'aux/file', 'a:stream', 'trailing.', 'a\\b']) {
      expect(await codeOf(remote.write(at(path), sourceOf('x'), 'create', never))).toBe('invalid-name')
      expect(await codeOf(remote.mkdir(at(path), never))).toBe('invalid-name')
    }
    expect(readdirSync(root)).toEqual([])
    await remote.write(at('fine'), sourceOf('x'), 'create', never)
    expect(await textOf(remote, 'fine')).toBe('x')
    await remote.close()
  })
})

describe('local: resources', () => {
  it('closes every folder and file it opened', async () => {
    const root = tempDir()
    const before = readdirSync('/proc/self/fd').length
    const remote = await openLocal({ root }, fakeDeps(), thisSystem())
    for (let index = 0; index < 300; index += 1) {
      await remote.write(at(`d${index}/f`), sourceOf('x'), 'create', never)
      await textOf(remote, `d${index}/f`)
    }
    expect(readdirSync('/proc/self/fd').length - before).toBeLessThan(140)
    await codeOf(remote.write(at('d0/f'), sourceOf('x'), 'create', never))
    await codeOf(textOf(remote, 'missing'))
    for await (const batch of remote.list(at(''), never)) if (batch.length > 0) break
    await remote.close()
    expect(readdirSync('/proc/self/fd').length).toBe(before)
  })

  it('serves folders that were removed and made again', async () => {
    const root = tempDir()
    const remote = await openRoot(root)
    for (let round = 0; round < 3; round += 1) {
      await remote.write(at('dir/a'), sourceOf(String(round)), 'create', never)
      rmSync(join(root, 'dir'), { recursive: true })
    }
    await remote.write(at('dir/a'), sourceOf('last'), 'create', never)
    expect(lstatSync(join(root, 'dir/a')).size).toBe(4)
  })
})
