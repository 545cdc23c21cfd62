import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { getCurrentFuseWire, FuseV1Options } from '@electron/fuses'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import afterPack, { fuses } from '../../../build/scripts/after-pack.mjs'

const root = path.resolve(import.meta.dirname, '../../..')
const require = createRequire(import.meta.url)

interface Configuration {
  electronVersion: string
  afterPack: string
  electronFuses: Record<string, boolean>
  files: string[]
  [key: string]: unknown
}
interface BuilderModules {
  validateConfiguration: (config: object, log: object) => Promise<void>
  DebugLogger: new (isEnabled: boolean) => object
}

/** electron-builder's own check; its types are not exported, so they are stated here. */
async function validate(config: object) {
  const { validateConfiguration } = require('app-builder-lib/out/util/config/config') as BuilderModules
  const { DebugLogger } = require('builder-util') as BuilderModules
  await validateConfiguration(config, new DebugLogger(false))
}

const text = readFileSync(path.join(root, 'electron-builder.yml'), 'utf8')
// The schema is checked by the first test below.
const configuration = load(text) as Configuration

describe('electron-builder.yml', () => {
  it('is valid by the schema of electron-builder', async () => {
    await expect(validate(structuredClone(configuration))).resolves.toBeUndefined()
  })

  it.each([
    ['an unknown key', { asarUnpak: [] }],
    ['an unknown fuse', { electronFuses: { ...configuration.electronFuses, runAsNodes: true } }],
  ])('would be refused with %s', async (_name, change) => {
    await expect(validate({ ...configuration, ...change })).rejects.toThrow('Invalid configuration object')
  })

  it('builds for the Electron that is in package.json', () => {
    const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>
    }
    expect(configuration.electronVersion).toBe(devDependencies.electron)
  })

  it('ships an allow-list: no source, no map, no command line', () => {
    const shipped = configuration.files.filter((pattern) => !pattern.startsWith('!'))
    expect(shipped).toEqual([
      'out/desktop/**',
      'out/renderer/**',
      'out/renderer-manifest.json',
      'package.json',
      'node_modules/@napi-rs/**',
    ])
    expect(configuration.files).toContain('!**/*.map')
  })

  it('names files that exist', () => {
    const sizes = readdirSync(path.join(root, 'build/icons')).filter((name) => /^\d+x\d+\.png$/.test(name))
    expect(sizes).toEqual(expect.arrayContaining(['16x16.png', '256x256.png', '512x512.png']))
    expect(configuration.afterPack).toBe('build/scripts/after-pack.mjs')
    expect(readFileSync(path.join(root, 'build/entitlements/mac.plist'), 'utf8')).toContain('cs.allow-jit')
  })

  it('states the same fuses as after-pack.mjs', () => {
    const stated = Object.entries(configuration.electronFuses).map(([name, isOn]) => [
      name.toLowerCase(),
      isOn,
    ])
    const set = Object.entries(fuses).map(([option, isOn]) => [
      FuseV1Options[Number(option)]?.toLowerCase(),
      isOn,
    ])
    expect(Object.fromEntries(set)).toEqual({ ...Object.fromEntries(stated), wasmtraphandlers: true })
  })
})

describe('afterPack', () => {
  /** A file with the fuse wire of a binary: marker, version 1, number of fuses, one digit each. */
  function packed(wire: string) {
    const appOutDir = mkdtempSync(path.join(tmpdir(), 'fernsync-pack-'))
    const binary = path.join(appOutDir, 'fernsync-desktop')
    const marker = `dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001${String.fromCharCode(wire.length)}${wire}`
    writeFileSync(binary, marker)
    mkdirSync(path.join(appOutDir, 'resources'))
    writeFileSync(path.join(appOutDir, 'resources/default_app.asar'), '')
    const context = {
      appOutDir,
      electronPlatformName: 'linux',
      packager: { executableName: 'fernsync-desktop', appInfo: { productFilename: 'Fernsync' } },
    }
    // Only these three fields of electron-builder's context are read.
    const done = afterPack(context as unknown as Parameters<typeof afterPack>[0])
    return { appOutDir, binary, done }
  }

  it('sets every fuse of Electron 45 and removes its demo app', async () => {
    const { appOutDir, binary, done } = packed('101100011')
    await done
    expect(readFileSync(binary, 'latin1').slice(-9)).toBe('010011001')
    expect((await getCurrentFuseWire(binary))[FuseV1Options.RunAsNode]).toBe('0'.charCodeAt(0))
    expect(readdirSync(path.join(appOutDir, 'resources'))).toEqual([])
    rmSync(appOutDir, { recursive: true })
  })

  it('fails when Electron has a fuse that nobody decided on', async () => {
    const { appOutDir, done } = packed('1011000111')
    await expect(done).rejects.toThrow('strictlyRequireAllFuses')
    rmSync(appOutDir, { recursive: true })
  })
})
