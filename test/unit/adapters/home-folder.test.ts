import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultHomePath, openHome } from '../../../main/adapters/home-folder.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

const EXT4 = 0xef53
const local = { fileSystemType: () => EXT4 }
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

describe('defaultHomePath', () => {
  it.each([
    ['linux', {}, '/home/ada/.config/Fernsync'],
    ['linux', { XDG_CONFIG_HOME: '/cfg' }, '/cfg/Fernsync'],
    ['linux', { XDG_CONFIG_HOME: 'relative' }, '/home/ada/.config/Fernsync'],
    ['darwin', { XDG_CONFIG_HOME: '/cfg' }, '/home/ada/Library/Application Support/Fernsync'],
    ['win32', { APPDATA: '/roaming' }, '/roaming/Fernsync'],
  ] as const)('is the app-data folder on %s with %j', (platform, environment, path) => {
    expect(defaultHomePath({ platform, environment, userHome: '/home/ada' })).toBe(path)
  })
})

describe('openHome', () => {
  it('makes the folders for their owner only', async () => {
    const path = join(await tempFolder(), 'a', 'home')
    const home = openHome(path, local)
    expect(home).toEqual({ path, device: join(path, 'device'), warnings: [] })
    expect(await readdir(path)).toEqual(['device'])
    expect((await readdir(join(path, 'device'))).sort()).toEqual(['grants', 'jobs', 'logs'])
    for (const folder of ['', 'device', 'device/jobs', 'device/logs'])
      expect(await modeOf(join(path, folder))).toBe(0o700)
  })

  it('makes durable every folder that it made, and touches no other', async () => {
    const place = await tempFolder()
    const path = join(place, 'a', 'home')
    const synced: string[] = []
    const surroundings = { ...local, syncFolder: (folder: string) => void synced.push(folder) }
    openHome(path, surroundings)
    const device = join(path, 'device')
    expect(synced).toEqual([join(place, 'a'), place, path, device, device, device])
    openHome(path, surroundings)
    expect(synced).toHaveLength(6)
  })

  it('changes nothing in a home that is in order', async () => {
    const path = join(await tempFolder(), 'home')
    openHome(path, local)
    await writeFile(join(path, 'vault.json'), 'x', { mode: 0o600 })
    expect(openHome(path, local).warnings).toEqual([])
  })

  it('tightens a folder that others may enter, and says so', async () => {
    const path = await tempFolder()
    await chmod(path, 0o755)
    expect(openHome(path, local).warnings).toEqual(['modes-tightened'])
    expect(await modeOf(path)).toBe(0o700)
  })

  it('tightens files that others may read, and follows no link while it does', async () => {
    const path = join(await tempFolder(), 'home')
    openHome(path, local)
    const elsewhere = join(await tempFolder(), 'theirs')
    await writeFile(elsewhere, 'x', { mode: 0o644 })
    await writeFile(join(path, 'device', 'device.json'), '{}')
    await chmod(join(path, 'device', 'device.json'), 0o644)
    await symlink(elsewhere, join(path, 'link'))
    expect(openHome(path, local).warnings).toEqual(['modes-tightened'])
    expect(await modeOf(join(path, 'device', 'device.json'))).toBe(0o600)
    expect(await modeOf(elsewhere)).toBe(0o644)
  })

  it('refuses a home of another user', async () => {
    const path = await tempFolder()
    const other = (process.getuid?.() ?? 0) + 1
    expect(() => openHome(path, { ...local, userId: other })).toThrow(
      expect.objectContaining({ code: 'home-unusable', details: { owner: process.getuid?.() } }) as Error,
    )
  })

  it('refuses a file in the place of the home or of the device folder', async () => {
    const path = await tempFolder()
    await writeFile(join(path, 'file'), '')
    const refusal = expect.objectContaining({ name: 'AppError' }) as Error
    expect(() => openHome(join(path, 'file'), local)).toThrow(refusal)
    await writeFile(join(path, 'device'), '')
    expect(() => openHome(path, local)).toThrow(refusal)
  })

  it('answers the path without links, so that a link moved later does not move the home', async () => {
    const root = await tempFolder()
    await mkdir(join(root, 'real'), { mode: 0o700 })
    await symlink(join(root, 'real'), join(root, 'link'))
    expect(openHome(join(root, 'link'), local).path).toBe(join(root, 'real'))
  })

  it.each([
    ['NFS', 0x6969],
    ['SMB', 0xfe534d42],
    ['FUSE', 0x65735546],
  ])('warns of %s', async (_, type) => {
    expect(openHome(await tempFolder(), { fileSystemType: () => type }).warnings).toEqual([
      'network-file-system',
    ])
  })

  it('warns of nothing when the file system is not known', async () => {
    expect(openHome(await tempFolder(), { fileSystemType: () => null }).warnings).toEqual([])
  })

  it.each(['Dropbox', 'OneDrive - Firm', 'Nextcloud', 'Google Drive', 'Dropbox (Personal)'])(
    'warns of a folder below %s',
    async (name) => {
      const path = join(await tempFolder(), name, 'deep', 'home')
      expect(openHome(path, local).warnings).toEqual(['sync-folder'])
    },
  )

  it.each(['.dropbox', '.stfolder', '.sync_0123abcdef.db', '.nextcloudsync.log'])(
    'warns of a folder below one that holds %s',
    async (marker) => {
      const root = await tempFolder()
      await writeFile(join(root, marker), '')
      expect(openHome(join(root, 'sub', 'home'), local).warnings).toEqual(['sync-folder'])
    },
  )

  it('does not take a name that only resembles one for a sync folder', async () => {
    expect(openHome(join(await tempFolder(), 'DropboxNotes', 'home'), local).warnings).toEqual([])
  })
})
