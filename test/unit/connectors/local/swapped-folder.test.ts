import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Remote } from '../../../../main/core/remote/remote.ts'
import { at, codeOf, namesOf, never, sourceOf, textOf } from '../../core/remote/fakes.ts'
import { openRoot, tempDir, walks } from './fixture.ts'

type Ground = { readonly root: string; readonly outside: string; swap: () => void }

/** `root/dir` with a file, and a folder outside with files of the same names that nothing may touch. */
function ground(): Ground {
  const base = tempDir()
  const [root, outside] = [join(base, 'root'), join(base, 'outside')]
  mkdirSync(join(root, 'dir/sub'), { recursive: true })
  mkdirSync(join(outside, 'sub'), { recursive: true })
  for (const dir of [join(root, 'dir'), outside]) {
    writeFileSync(join(dir, 'a'), dir === outside ? 'theirs' : 'ours')
    writeFileSync(join(dir, 'sub/a'), dir === outside ? 'theirs' : 'ours')
  }
  return {
    root,
    outside,
    swap() {
      renameSync(join(root, 'dir'), join(root, 'moved'))
      symlinkSync(outside, join(root, 'dir'))
    },
  }
}

function expectUntouched(outside: string): void {
  expect(readdirSync(outside).sort()).toEqual(['a', 'sub'])
  expect(readdirSync(join(outside, 'sub'))).toEqual(['a'])
  expect(readFileSync(join(outside, 'a'), 'utf8')).toBe('theirs')
  expect(readFileSync(join(outside, 'sub/a'), 'utf8')).toBe('theirs')
}

/** Every call that could reach through the link, as code or as what it read. */
async function tryEverything(remote: Remote): Promise<readonly unknown[]> {
  return [
    await codeOf(remote.write(at('dir/a'), sourceOf('x'), 'replace', never)),
    await codeOf(remote.write(at('dir/new'), sourceOf('x'), 'create', never)),
    await codeOf(remote.write(at('dir/deep/new'), sourceOf('x'), 'create', never)),
    await codeOf(textOf(remote, 'dir/a')),
    await codeOf(textOf(remote, 'dir/sub/a')),
    await codeOf(namesOf(remote, 'dir')),
    await codeOf(namesOf(remote, 'dir/sub')),
    await codeOf(remote.remove(at('dir/a'), never)),
    await codeOf(remote.remove(at('dir/sub/a'), never)),
    await codeOf(remote.rmdir(at('dir/sub'), never)),
    await codeOf(remote.mkdir(at('dir/made'), never)),
    await codeOf(remote.move?.(at('dir/a'), at('taken'), 'create', never) ?? Promise.resolve()),
    await codeOf(remote.move?.(at('mine'), at('dir/given'), 'create', never) ?? Promise.resolve()),
    await codeOf(remote.link?.(at('dir/a'), at('linked'), never) ?? Promise.resolve()),
    await codeOf(remote.setModTime?.(at('dir/a'), 0, never) ?? Promise.resolve()),
  ]
}

describe('local: a folder swapped for a link', () => {
  for (const [walk, system] of walks) {
    it(`is refused by every call, known from before or not (${walk})`, async () => {
      for (const isKnown of [true, false]) {
        const { root, outside, swap } = ground()
        const remote = await openRoot(root, system)
        writeFileSync(join(root, 'mine'), 'mine')
        if (isKnown) {
          expect(await textOf(remote, 'dir/a')).toBe('ours')
          expect(await textOf(remote, 'dir/sub/a')).toBe('ours')
        }
        swap()
        const codes = await tryEverything(remote)
        expect(codes).toEqual(codes.map(() => 'wrong-kind'))
        expect(await remote.stat(at('dir/a'), never)).toBeNull()
        expect(await remote.stat(at('dir'), never)).toEqual({ kind: 'other', path: 'dir', what: 'link' })
        expectUntouched(outside)
      }
    })

    it(`is refused when it happens in the middle of a write, and the temp file goes (${walk})`, async () => {
      const { root, outside, swap } = ground()
      const remote = await openRoot(root, system)
      const source = {
        size: 2,
        modTime: null,
        async *open() {
          yield await Promise.resolve(new Uint8Array(1))
          swap()
          yield new Uint8Array(1)
        },
      }
      expect(await codeOf(remote.write(at('dir/a'), source, 'replace', never))).toBe('wrong-kind')
      expectUntouched(outside)
      expect(readFileSync(join(root, 'moved/a'), 'utf8')).toBe('ours')
    })
  }

  it('leaves no temp file in a folder that was moved during a write', async () => {
    const { root, swap } = ground()
    const remote = await openRoot(root)
    const source = {
      size: 1,
      modTime: null,
      async *open() {
        swap()
        yield await Promise.resolve(new Uint8Array(1))
      },
    }
    await codeOf(remote.write(at('dir/new'), source, 'create', never))
    expect(readdirSync(join(root, 'moved')).sort()).toEqual(['a', 'sub'])
  })

  it('never lets a call out while another process swaps it again and again', async () => {
    const { root, outside } = ground()
    writeFileSync(join(root, 'mine'), 'mine')
    const swapper = spawn(
      process.execPath,
      ['-e', swapForever, join(root, 'dir'), join(root, 'moved'), outside],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const ended = new Promise((resolve) => swapper.once('close', resolve))
    await new Promise((resolve) => swapper.stdout.once('data', resolve))
    const remote = await openRoot(root)
    const results = new Set<unknown>()
    try {
      for (let round = 0; round < 150; round += 1) {
        for (const code of await tryHarmless(remote, round)) results.add(code)
      }
    } finally {
      swapper.kill()
      await ended
    }
    // Both states were met: calls that went through, into our own folder, and calls that were refused.
    expect(results).toContain('resolved')
    expect(results).toContain('wrong-kind')
    expectUntouched(outside)
  })
})

/** Calls that may succeed or be refused, but never show or change what is outside. */
async function tryHarmless(remote: Remote, round: number): Promise<readonly unknown[]> {
  const read = async (): Promise<void> => {
    if ((await textOf(remote, 'dir/a')) === 'theirs') throw new Error('read through the link')
  }
  return Promise.all([
    codeOf(remote.write(at(`dir/n${round}`), sourceOf('x'), 'create', never)),
    codeOf(remote.write(at('dir/a'), sourceOf('ours'), 'replace', never)),
    codeOf(remote.write(at(`dir/sub/n${round}`), sourceOf('x'), 'create', never)),
    codeOf(read()),
    codeOf(remote.remove(at(`dir/n${round - 1}`), never)),
    codeOf(remote.mkdir(at(`dir/m${round}`), never)),
  ])
}

const swapForever = `
  const fs = require('node:fs')
  const [dir, moved, outside] = process.argv.slice(1)
  console.log('ready')
  setInterval(() => {
    for (let count = 0; count < 40; count += 1) {
      fs.renameSync(dir, moved)
      fs.symlinkSync(outside, dir)
      for (let wait = 0; wait < 300; wait += 1) fs.lstatSync(dir)
      fs.unlinkSync(dir)
      fs.renameSync(moved, dir)
      for (let wait = 0; wait < 300; wait += 1) fs.lstatSync(dir)
    }
  }, 1)
`
