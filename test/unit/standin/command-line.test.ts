import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseBoot } from '../../standin/command-line.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'standin-boot-'))
  mkdirSync(path.join(folder, 'lib'))
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ name: 'x', productName: 'X App', version: '2.0.0', main: 'lib/m.js' }),
  )
  writeFileSync(path.join(folder, 'lib/m.js'), '')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('parseBoot', () => {
  it('reads the folder, its manifest and the switches around it', () => {
    const boot = parseBoot(['--user-data-dir=/x y', '.', '--hidden', 'file.txt'], folder)
    expect(boot).toMatchObject({
      dir: folder,
      main: path.join(folder, 'lib/m.js'),
      name: 'X App',
      version: '2.0.0',
    })
    expect([...boot.switches]).toEqual([
      ['user-data-dir', '/x y'],
      ['hidden', ''],
    ])
    expect(boot.args).toEqual(['--user-data-dir=/x y', '.', '--hidden', 'file.txt'])
  })

  it('takes a file as the entry and finds its manifest above', () => {
    expect(parseBoot(['lib/m.js'], folder)).toMatchObject({
      dir: folder,
      main: path.join(folder, 'lib/m.js'),
    })
  })

  it('hides what Playwright added from the app', () => {
    const boot = parseBoot(
      ['--no-sandbox', '--inspect=0', '--remote-debugging-port=0', '.', '--show'],
      folder,
    )
    expect(boot.args).toEqual(['.', '--show'])
    expect(boot.switches.has('remote-debugging-port')).toBe(true)
  })

  it('reads no switches after --', () => {
    expect(parseBoot(['.', '--', '--hidden'], folder).switches.size).toBe(0)
  })

  it('fails for a path that is not there', () => {
    expect(() => parseBoot(['missing'], folder)).toThrow('ENOENT')
  })
})
