import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { FileStore } from '../../../../main/core/ports/file-store.ts'
import { codeOf, createKit, createUnlocked, credential, job, unlock } from './kit.ts'

describe('device memory', () => {
  it('opens a vault that came without its device folder, as a device of its own', async () => {
    const kit = await createUnlocked()
    const first = await kit.vault.deviceId()
    const other = await createKit({ deviceLabel: 'desk', machineIdHash: 'b'.repeat(64) })
    other.write('vault.json', kit.read('vault.json'))
    const vault = other.open()
    await unlock(vault)
    const second = await vault.deviceId()
    expect(await vault.deviceLabels()).toEqual({ [first ?? '']: 'desk', [second ?? '']: 'desk 2' })
  })

  it('gets a device id of its own on another machine and loses nothing that was seen', async () => {
    const kit = await createUnlocked()
    const first = await kit.vault.deviceId()
    const older = kit.read('vault.json')
    await kit.vault.addCredential(credential('nas'), {})
    const moved = kit.open({ machineIdHash: 'c'.repeat(64) })
    await unlock(moved)
    expect((await moved.deviceId()) === first).toBe(false)
    expect((await moved.listCredentials()).map(({ name }) => name)).toEqual(['nas'])
    await moved.lock()
    kit.write('vault.json', older)
    expect(await codeOf(unlock(moved))).toBe('vault-changed')
  })

  it('keeps an unreadable device.json aside and starts over with a device of its own', async () => {
    const kit = await createUnlocked()
    kit.write('device/device.json', '{ broken')
    const vault = kit.open()
    await unlock(vault)
    expect([kit.read('device/device.json.unreadable'), (await vault.status()).state]).toEqual([
      '{ broken',
      'unlocked',
    ])
  })

  it('refuses the device.json of a newer program without a write', async () => {
    const kit = await createUnlocked()
    kit.write('device/device.json', '{"format":"fernsync-device/2"}')
    const before = new Map(kit.files.content)
    const vault = kit.open()
    expect([await codeOf(unlock(vault)), (await vault.status()).state, kit.files.content]).toEqual([
      'vault-newer',
      'newer',
      before,
    ])
  })

  it('does not use device data that was rolled back or edited, and keeps the file', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('nas'), {})
    const added = await kit.vault.addJob(job('photos', id))
    const older = kit.read('device/local.json')
    await kit.vault.editJob(added.id, { local: '/newer' })
    kit.write('device/local.json', older)
    const vault = kit.open()
    await unlock(vault)
    expect((await vault.listJobs()).map(({ local }) => local)).toEqual([''])
    await vault.editJob(added.id, { local: '/again' })
    expect([(await vault.listJobs()).map(({ local }) => local), kit.read('device/local.json.1')]).toEqual([
      ['/again'],
      older,
    ])
  })

  it('believes no older device data after a change either', async () => {
    const kit = await createUnlocked()
    const cloud = credential('drive', { type: 'oauth', fields: { account: 'mira' } })
    const { id } = await kit.vault.addCredential(cloud, { token: utf8('first') })
    const older = kit.read('device/local.json')
    await kit.vault.editCredential(id, {}, { token: utf8('second') })
    kit.write('device/local.json', older)
    const vault = kit.open()
    await unlock(vault)
    const secretsOf = async (): Promise<unknown> =>
      (await vault.listCredentials()).find((found) => found.id === id)?.secrets
    expect(await secretsOf()).toEqual([])
    await vault.addCredential(credential('nas'), {})
    expect(await secretsOf()).toEqual([])
  })

  it('shows a job with the folder it was saved with after a kill between local.json and vault.json', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('nas'), {})
    const added = await kit.vault.addJob(job('photos', id))
    const files: FileStore = {
      ...kit.files,
      writeDurably: (path, bytes, options) =>
        path === 'vault.json'
          ? Promise.reject(new Error('killed'))
          : kit.files.writeDurably(path, bytes, options),
    }
    const dying = kit.open({ files })
    await unlock(dying)
    const before = kit.read('device/local.json')
    expect(await codeOf(dying.editJob(added.id, { local: '/never', remote: 'never' }))).not.toBeNull()
    expect(kit.read('device/local.json') === before).toBe(false)

    const vault = kit.open()
    await unlock(vault)
    const [listed] = await vault.listJobs()
    expect([listed?.local, listed?.remote, listed?.rev]).toEqual(['/home/ana/photos', 'photos', 1])
    await vault.editJob(added.id, { local: '/later' })
    expect((await vault.listJobs()).map(({ local }) => local)).toEqual(['/later'])
  })
})
