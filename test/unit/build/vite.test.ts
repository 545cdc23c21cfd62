import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rendererManifest } from '../../../build/vite/renderer-manifest.mjs'
import { isStale, STAMP } from '../../../build/vite/stale.mjs'

let root = ''
/** Writes a file last changed at this second. */
function write(name: string, second: number) {
  const file = path.join(root, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, name)
  utimesSync(file, second, second)
  utimesSync(path.dirname(file), second, second)
}

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'fernsync-vite-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('isStale', () => {
  const out = () => path.join(root, 'out')

  it('is true before the first build', () => {
    write('main/cli/main.ts', 1_000)
    expect(isStale(root, out())).toBe(true)
  })

  it.each([
    ['nothing changed since', 'main/cli/main.ts', 1_000, false],
    ['a source changed since', 'main/cli/main.ts', 3_000, true],
    ['a page changed since', 'renderer/App.vue', 3_000, true],
    ['the build itself changed since', 'build/vite/configs.mjs', 3_000, true],
    ['only a test changed since', 'test/unit/x.test.ts', 3_000, false],
  ])('when %s', (_name, file, second, expected) => {
    write('main/core/x.ts', 1_000)
    write(file, second)
    if (file.startsWith('main')) utimesSync(path.join(root, 'main'), 1_000, 1_000)
    for (const top of ['main', 'renderer', 'build/vite']) {
      mkdirSync(path.join(root, top), { recursive: true })
      utimesSync(path.join(root, top), 1_000, 1_000)
    }
    write(`out/${STAMP}`, 2_000)
    expect(isStale(root, out())).toBe(expected)
  })

  it('is true after a file was removed', () => {
    write('main/core/x.ts', 1_000)
    write('main/core/y.ts', 1_000)
    write(`out/${STAMP}`, 2_000)
    rmSync(path.join(root, 'main/core/y.ts'))
    expect(isStale(root, out())).toBe(true)
  })
})

describe('rendererManifest', () => {
  it('lists every file with its type, by the path it is asked for', () => {
    for (const name of ['index.html', 'assets/index-1a2b.js', 'assets/index-1a2b.css']) write(name, 1)
    expect(rendererManifest(root)).toEqual({
      '/assets/index-1a2b.css': { file: 'assets/index-1a2b.css', type: 'text/css; charset=utf-8' },
      '/assets/index-1a2b.js': { file: 'assets/index-1a2b.js', type: 'text/javascript; charset=utf-8' },
      '/index.html': { file: 'index.html', type: 'text/html; charset=utf-8' },
    })
  })

  it('refuses a file whose type is not listed', () => {
    write('assets/notes.exe', 1)
    expect(() => rendererManifest(root)).toThrow('assets/notes.exe: no content type is listed')
  })
})
