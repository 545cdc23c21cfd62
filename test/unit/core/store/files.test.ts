import { describe, expect, it } from 'vitest'
import { homeFileOf, homeFiles } from '../../../../main/core/store/files.ts'

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e'

describe('homeFileOf', () => {
  it.each([
    ['vault.json', 'sealed'],
    ['vault.json.3', 'sealed'],
    ['settings.json', 'clear'],
    ['device/device.json', 'clear'],
    ['device/local.json', 'sealed'],
    ['device/local.json.1', 'sealed'],
    ['old-vaults/20261123-172500/vault.json.2', 'sealed'],
    ['device/state.sqlite-wal', 'clear'],
    [`device/jobs/${ID}.sqlite`, 'clear'],
    ['device/logs/app.2.jsonl', 'clear'],
    ['device/locks.sqlite', 'empty'],
    ['device/locks-kdf.pid', 'clear'],
    ['device/.device.json.0123456789abcdef.tmp', 'sealed'],
    ['.vault.json.0123456789abcdef.tmp', 'sealed'],
  ])('knows %s', (path, content) => {
    expect(homeFileOf(path)?.content).toBe(content)
  })

  it.each([
    'vault.json.bak',
    'vault.json.4',
    'device/vault.json',
    'notes.txt',
    'device/jobs/x.sqlite',
    '.env',
  ])('does not know %s', (path) => {
    expect(homeFileOf(path)).toBeNull()
  })
})

describe('homeFiles', () => {
  it('lets nothing but the vault leave the machine', () => {
    expect(homeFiles.filter(({ replicated }) => replicated).map(({ what }) => what)).toEqual(['the vault'])
  })
})
