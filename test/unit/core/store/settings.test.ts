import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createHomeLock } from '../../../../main/adapters/home-lock.ts'
import { createNodeFileStore } from '../../../../main/adapters/node-file-store.ts'
import { systemClock } from '../../../../main/adapters/system-clock.ts'
import { createSettingsFile } from '../../../../main/core/store/settings.ts'
import type { SettingsFile } from '../../../../main/core/store/settings.ts'
import { tempFolder } from '../../../helpers/temp-home.ts'

const DEFAULTS = { theme: 'system', language: 'system', startAtLogin: false, window: null }

function openSettings(root: string): { settings: SettingsFile; warnings: string[] } {
  const warnings: string[] = []
  const log = { info: () => {}, warn: (event: string) => void warnings.push(event), error: () => {} }
  const files = createNodeFileStore({ root })
  const lock = createHomeLock({ folder: root, clock: systemClock })
  return { settings: createSettingsFile({ files, lock, log }), warnings }
}

describe('createSettingsFile', () => {
  it('answers the defaults and writes nothing while there is no file', async () => {
    const root = await tempFolder()
    expect(await openSettings(root).settings.get()).toEqual(DEFAULTS)
    await expect(readFile(join(root, 'settings.json'))).rejects.toThrow('ENOENT')
  })

  it('keeps what was set, for the next program too', async () => {
    const root = await tempFolder()
    const window = { width: 900, height: 600, maximized: false }
    expect(await openSettings(root).settings.set({ theme: 'dark' })).toEqual({ ...DEFAULTS, theme: 'dark' })
    await openSettings(root).settings.set({ window, theme: undefined })
    expect(await openSettings(root).settings.get()).toEqual({ ...DEFAULTS, theme: 'dark', window })
    expect(JSON.parse(await readFile(join(root, 'settings.json'), 'utf8'))).toMatchObject({
      format: 'fernsync-settings/1',
    })
  })

  it('loses no change when two programs write at once', async () => {
    const root = await tempFolder()
    const window = { width: 900, height: 600, maximized: true }
    await Promise.all([
      openSettings(root).settings.set({ theme: 'dark' }),
      openSettings(root).settings.set({ window }),
      openSettings(root).settings.set({ language: 'de' }),
    ])
    expect(await openSettings(root).settings.get()).toEqual({
      ...DEFAULTS,
      theme: 'dark',
      language: 'de',
      window,
    })
  })

  it('keeps fields that it does not know', async () => {
    const root = await tempFolder()
    const path = join(root, 'settings.json')
    await writeFile(path, '{"format":"fernsync-settings/1","theme":"light","later":{"a":[1]}}')
    await openSettings(root).settings.set({ theme: 'dark' })
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ theme: 'dark', later: { a: [1] } })
  })

  it('refuses a file of a newer program and leaves it alone', async () => {
    const root = await tempFolder()
    const path = join(root, 'settings.json')
    const newer = '{"format":"fernsync-settings/2","theme":"dark"}'
    await writeFile(path, newer)
    const { settings } = openSettings(root)
    const refusal = { code: 'home-unusable', details: { file: 'settings.json' } }
    await expect(settings.get()).rejects.toMatchObject(refusal)
    await expect(settings.set({ theme: 'light' })).rejects.toMatchObject(refusal)
    expect(await readFile(path, 'utf8')).toBe(newer)
  })

  it.each([
    ['broken JSON', '{"format":'],
    ['a duplicate key', '{"format":"fernsync-settings/1","theme":"dark","theme":"light"}'],
    ['a wrong value', '{"format":"fernsync-settings/1","theme":"purple"}'],
    ['no format', '{"theme":"dark"}'],
    ['another format', '{"format":"else/1"}'],
    ['an empty file', ''],
  ])('starts over from %s, and keeps it beside the new file', async (_, content) => {
    const root = await tempFolder()
    await writeFile(join(root, 'settings.json'), content)
    const { settings, warnings } = openSettings(root)
    expect(await settings.get()).toEqual(DEFAULTS)
    expect(await readFile(join(root, 'settings.json'), 'utf8')).toBe(content)
    await settings.set({ theme: 'light' })
    expect(await settings.get()).toEqual({ ...DEFAULTS, theme: 'light' })
    expect(await readFile(join(root, 'settings.json.unreadable'), 'utf8')).toBe(content)
    expect(warnings).toContain('store.file-unreadable')
  })

  it('refuses a value that is none, without a write', async () => {
    const root = await tempFolder()
    const { settings } = openSettings(root)
    await expect(settings.set({ window: { width: 1, height: 1, maximized: false } })).rejects.toThrow()
    await expect(readFile(join(root, 'settings.json'))).rejects.toThrow('ENOENT')
  })
})
