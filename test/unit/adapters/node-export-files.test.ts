import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNodeExportFiles } from '../../../main/adapters/node-export-files.ts'
import { tempFolder } from '../../helpers/temp-home.ts'

const content = (): Uint8Array => new TextEncoder().encode('exported')

describe('createNodeExportFiles', () => {
  it.each(['home', 'home/device', 'link', 'elsewhere/../home'])(
    'writes nothing into %s, over the vault least of all',
    async (folder) => {
      const root = await tempFolder()
      await mkdir(join(root, 'home', 'device'), { recursive: true })
      await mkdir(join(root, 'elsewhere'))
      await symlink(join(root, 'home'), join(root, 'link'))
      const target = join(root, folder, 'vault.json')
      await writeFile(target, 'the vault')
      const files = createNodeExportFiles({ home: join(root, 'home') })
      for (const replace of [true, false])
        await expect(files.write(target, content(), { replace })).rejects.toMatchObject({
          code: 'bad-request',
          details: { field: 'file', why: 'Fernsync keeps the vault itself in that folder' },
        })
      expect(await readFile(target, 'utf8')).toBe('the vault')
    },
  )

  it('writes beside the home folder, also where a name only begins like it', async () => {
    const root = await tempFolder()
    for (const folder of ['home', 'home-copies', '..here']) await mkdir(join(root, folder))
    const files = createNodeExportFiles({ home: join(root, 'home') })
    for (const folder of ['', 'home-copies', '..here']) {
      const target = join(root, folder, 'vault.json')
      await files.write(target, content(), { replace: false })
      await files.write(target, content(), { replace: true })
      expect(await readFile(target, 'utf8')).toBe('exported')
    }
  })

  it('says so when the folder is not there', async () => {
    const root = await tempFolder()
    const files = createNodeExportFiles({ home: root })
    await expect(files.write('/no/such/folder/x', content(), { replace: false })).rejects.toMatchObject({
      code: 'bad-request',
      details: { why: 'there is no such folder' },
    })
  })
})
