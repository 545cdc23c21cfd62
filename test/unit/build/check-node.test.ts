import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Linter } from 'eslint'
import { describe, expect, it } from 'vitest'
import { nodeProblem } from '../../../build/scripts/check-node.mjs'

const root = path.resolve(import.meta.dirname, '../../..')
const script = path.join(root, 'build/scripts/check-node.mjs')
const SYSTEM_NODE = '/usr/bin/node'

/** A Node that is too old where the machine has one, else this Node, told an old version. */
function runOnOldNode(file: string) {
  const isThere = existsSync(SYSTEM_NODE)
  const version = isThere ? spawnSync(SYSTEM_NODE, ['--version'], { encoding: 'utf8' }).stdout.trim() : ''
  const isOld = isThere && Number(version.slice(1).split('.')[0]) < 24
  return isOld
    ? spawnSync(SYSTEM_NODE, [file], { encoding: 'utf8' })
    : spawnSync(process.execPath, [script, '20.20.2'], { encoding: 'utf8' })
}

/** Modules themselves (import.meta, import()) are ES2020, and every Node that loads an .mjs file at all has them. */
function newerThanEs2018(file: string) {
  const text = readFileSync(path.join(root, file), 'utf8').replace(
    /import\.meta\b|\bimport(?=\()/g,
    'modules',
  )
  return new Linter().verify(text, [{ languageOptions: { ecmaVersion: 2018, sourceType: 'module' } }])
}

describe('nodeProblem', () => {
  it.each([
    ['24.0.0', { installed: false, hasPackage: true }, null],
    ['26.1.0', { installed: false, hasPackage: false }, null],
  ])('has nothing against Node %s', (version, here, expected) => {
    expect(nodeProblem(version, here)).toBe(expected)
  })

  it.each([
    ['before npm install', { installed: false, hasPackage: true }, 'run `npm install` here first'],
    ['after npm install', { installed: true, hasPackage: true }, 'use `npm start`'],
    ['where npm has no Node for the platform', { installed: false, hasPackage: false }, 'https://nodejs.org'],
  ])('says what was found, what is needed and what to do %s', (_when, here, cure) => {
    const sentence = nodeProblem('20.20.2', here)
    expect(sentence).toContain('needs Node 24 or newer, and this is Node 20.20.2: ')
    expect(sentence).toContain(cure)
    expect(sentence).not.toContain('\n')
  })
})

describe('check-node.mjs', () => {
  it('ends with 1 and one sentence under an old Node', () => {
    const { status, stdout, stderr } = runOnOldNode(script)
    expect({ status, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({
      status: 1,
      stdout: '',
      lines: 1,
    })
    expect(stderr).toMatch(/^Fernsync needs Node 24 or newer, and this is Node \d+\.\d+\.\d+: .+\.\n$/)
  })

  it('says nothing under this Node', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it.each(['check-node.mjs', 'link-bins.mjs', 'fernsync.mjs'])(
    '%s has no syntax newer than ES2018',
    (file) => {
      expect(newerThanEs2018(`build/scripts/${file}`)).toEqual([])
    },
  )

  it('would notice newer syntax', () => {
    expect(newerThanEs2018('build/scripts/start.mjs')).not.toEqual([])
  })
})

describe('fernsync.mjs', () => {
  it('ends with the same sentence under an old Node, before it loads anything else', () => {
    const { status, stderr } = runOnOldNode(path.join(root, 'build/scripts/fernsync.mjs'))
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Fernsync needs Node 24 or newer/)
  })
})
