import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NATIVE_EXTERNALS } from '../../../build/vite/entries.mjs'

const root = path.resolve(import.meta.dirname, '../../..')
let copy = ''

/** What an installed command line has: out/, the native packages, and nothing else of this checkout. */
beforeAll(() => {
  const build = spawnSync(process.execPath, ['build/vite/build.mjs', '--if-stale'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(build.status, build.stderr).toBe(0)
  copy = mkdtempSync(path.join(tmpdir(), 'fernsync-built-'))
  cpSync(path.join(root, 'out'), path.join(copy, 'out'), { recursive: true })
  for (const name of NATIVE_EXTERNALS) {
    const folder = path.join('node_modules', path.dirname(name))
    const parts = readdirSync(path.join(root, folder)).filter((part) => part.startsWith(path.basename(name)))
    for (const part of parts) {
      cpSync(path.join(root, folder, part), path.join(copy, folder, part), { recursive: true })
    }
  }
}, 60_000)
afterAll(() => rmSync(copy, { recursive: true, force: true }))

/** Every module that the built files of a folder still load from outside, by static import, import() or require(). */
function outsideOf(folder: string) {
  const files = readdirSync(path.join(root, 'out', folder), { recursive: true, encoding: 'utf8' })
  const code = files
    .filter((name) => /\.c?js$/.test(name))
    .map((name) => readFileSync(path.join(root, 'out', folder, name), 'utf8'))
  const imports = code.flatMap((text) => [
    ...text.matchAll(/^(?:import|export)\b[^'"\n]*["']([^'"\n]+)["'];?$/gm),
    ...text.matchAll(/\b(?:import|require|__require)\(["']([^'"\n]+)["']\)/g),
  ])
  const names = new Set(imports.map((match) => match[1] ?? ''))
  return [...names].filter((name) => !name.startsWith('.') && !isOfNode(name)).sort()
}

const isOfNode = (name: string) => name.startsWith('node:') || builtinModules.includes(name)

describe('the built command line', () => {
  it('starts from out/ and the native packages alone', () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      version: string
    }
    const cli = path.join(copy, 'out/cli/cli.js')
    const run = spawnSync(process.execPath, [cli, '--version'], { cwd: copy, encoding: 'utf8' })
    expect({ status: run.status, stdout: run.stdout, stderr: run.stderr }).toEqual({
      status: 0,
      stdout: `${version}\n`,
      stderr: '',
    })
  })

  it('loads nothing else, and no Electron', () => {
    const allowed = new Set(NATIVE_EXTERNALS)
    expect(outsideOf('cli').filter((name) => !allowed.has(name))).toEqual([])
  })
})

describe.each(['cli', 'desktop'])('the SSH packet ciphers of %s', (front) => {
  it('make their keys and padding ready for many packets at once', () => {
    const folder = path.join(root, 'out', front, 'chunks')
    const code = readdirSync(folder)
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFileSync(path.join(folder, name), 'utf8'))
      .join('\n')
    const [, taken] = /var \{ createCipheriv, createDecipheriv,[^}]*\} = (.*)/.exec(code) ?? []
    expect(taken).toContain('packet_crypto')
  })
})

describe.each(['cli', 'desktop'])('the built worker of %s', (front) => {
  it('starts from out/ and the native packages alone', async () => {
    const child = fork(path.join(copy, `out/${front}/worker.js`), {
      cwd: copy,
      serialization: 'advanced',
      execArgv: [],
    })
    const [message] = (await once(child, 'message')) as [unknown]
    expect(message).toEqual({ type: 'ready' })
    child.disconnect()
    await once(child, 'exit')
  })
})

describe('the built desktop app', () => {
  it('loads Electron and the native packages from outside, nothing else', () => {
    const allowed = new Set(['electron', ...NATIVE_EXTERNALS])
    expect(outsideOf('desktop').filter((name) => !allowed.has(name))).toEqual([])
  })

  it('has its preload in one CommonJS file', () => {
    const preload = readFileSync(path.join(root, 'out/desktop/preload.cjs'), 'utf8')
    const required = [...preload.matchAll(/\brequire\(["']([^"']+)["']\)/g)].map((match) => match[1])
    expect([...new Set(required)]).toEqual(['electron'])
    expect(preload).not.toMatch(/^(?:import|export)\b/m)
  })

  it('has a picture for each state of the tray', () => {
    const names = ['idle', 'running', 'attention', 'locked'].map((state) => `tray-${state}-dark-22@2x.png`)
    expect(names.filter((name) => !existsSync(path.join(root, 'out/desktop/icons', name)))).toEqual([])
  })
})

describe('the built page', () => {
  it('lists every file of the page in its table', () => {
    const table = JSON.parse(readFileSync(path.join(root, 'out/renderer-manifest.json'), 'utf8')) as Record<
      string,
      unknown
    >
    const files = readdirSync(path.join(root, 'out/renderer'), { recursive: true, withFileTypes: true })
    expect(Object.keys(table)).toContain('/index.html')
    expect(Object.keys(table)).toHaveLength(files.filter((entry) => entry.isFile()).length)
  })

  it('has no inline script, style or data: URL, which its security policy would block', () => {
    const html = readFileSync(path.join(root, 'out/renderer/index.html'), 'utf8')
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|data:/)
  })

  it('has no template compiler, which would need eval', () => {
    const assets = path.join(root, 'out/renderer/assets')
    const code = readdirSync(assets).filter((name) => name.endsWith('.js'))
    expect(code.map((name) => readFileSync(path.join(assets, name), 'utf8')).join('\n')).not.toMatch(
      /\bnew Function\(/,
    )
  })
})
