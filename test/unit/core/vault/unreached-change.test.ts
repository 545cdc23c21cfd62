import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import { codeOf, createUnlocked, credential, job, unlock } from './kit.ts'
import type { Kit } from './kit.ts'

const cloud = credential('Drive', { type: 'oauth', fields: { account: 'mira' } })
const folders = async (vault: VaultApi): Promise<string[]> =>
  (await vault.listJobs()).map(({ local }) => local)

/** A vault whose disk is full as soon as local.json is written. */
async function fullDisk({ open, files }: Kit): Promise<VaultApi> {
  const vault = open({
    files: {
      ...files,
      writeDurably: (path, bytes, options) =>
        path === 'vault.json'
          ? Promise.reject(new Error('disk full'))
          : files.writeDurably(path, bytes, options),
    },
  })
  await unlock(vault)
  return vault
}

async function withJob() {
  const kit = await createUnlocked()
  const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('x') })
  const photos = await kit.vault.addJob(job('photos', id, { local: '/home/ana/a' }))
  return { ...kit, photos: photos.id }
}

describe('device data of a change that never reached vault.json', () => {
  it("is not a job's folder after its next edit", async () => {
    const { photos, ...kit } = await withJob()
    const full = await fullDisk(kit)
    expect(await codeOf(full.editJob(photos, { local: '/home/ana/b' }))).toBe('Error: disk full')
    expect(await folders(kit.vault)).toEqual(['/home/ana/a'])
    await kit.vault.editJob(photos, { name: 'pictures' })
    expect(await folders(kit.vault)).toEqual(['/home/ana/a'])
  })

  it("is not a credential's token after its next edit: it is for another account", async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(cloud, { token: utf8('mine') })
    const full = await fullDisk(kit)
    const moved = full.editCredential(id, { fields: { account: 'other' } }, { token: utf8('theirs') })
    expect(await codeOf(moved)).toBe('Error: disk full')
    await kit.vault.editCredential(id, { name: 'Renamed' }, {})
    expect((await kit.vault.listCredentials())[0]?.fields).toEqual({ account: 'mira' })
    expect(fromUtf8(await kit.vault.revealSecret(id, 'token'))).toBe('mine')
  })

  it('does not come with the revision that an erased history is written as', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(cloud, {})
    await kit.vault.editCredential(id, { name: 'Renamed' }, {})
    const full = await fullDisk(kit)
    expect(await codeOf(full.editCredential(id, {}, { token: utf8('theirs') }))).toBe('Error: disk full')
    await kit.vault.purgeRevisions(id)
    expect((await kit.vault.listCredentials()).map(({ secrets }) => secrets)).toEqual([[]])
  })

  it('nor does that of a change which a restored copy took back', async () => {
    const { photos, ...kit } = await withJob()
    await kit.vault.editJob(photos, { local: '/home/ana/b' })
    await kit.vault.restore(1)
    await unlock(kit.vault)
    expect(await folders(kit.vault)).toEqual(['/home/ana/a'])
    await kit.vault.editJob(photos, { name: 'pictures' })
    expect(await folders(kit.vault)).toEqual(['/home/ana/a'])
  })
})
