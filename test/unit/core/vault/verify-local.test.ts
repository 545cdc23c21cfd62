import { expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { createKit, createUnlocked, credential, job, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'

const proof = (): { password: Uint8Array } => ({ password: utf8(PASSWORD) })

/** A computer whose vault.json has a new key already, from another one, and whose device data is still under the old. */
async function away(): Promise<Kit> {
  const here = await createUnlocked()
  const { id } = await here.vault.addCredential(credential('nas'), { password: utf8('p') })
  const laptop = await createKit({ machineIdHash: 'b'.repeat(64), deviceLabel: 'laptop' })
  laptop.write('vault.json', here.read('vault.json'))
  const vault = laptop.open()
  await unlock(vault)
  await vault.addJob(job('music', id, { local: '/home/ana/music' }))
  here.write('vault.json', laptop.read('vault.json'))
  await here.vault.rotateKey({ proofs: [proof()], dropSlots: [] })
  laptop.write('vault.json', here.read('vault.json'))
  return laptop
}
const folders = async (kit: Kit): Promise<string[]> => {
  const vault = kit.open()
  await unlock(vault)
  return (await vault.listJobs()).map(({ local }) => local)
}

it('takes device data under a retired key for what an unlock adopts, and leaves them alone', async () => {
  const kit = await away()
  const before = kit.read('device/local.json')
  const report = await kit.open().verify({ proof: proof(), repair: true, allowSlowKdf: false })
  expect([report.local, report.repaired]).toEqual([{ state: 'intact', records: 1, lost: 0 }, true])
  expect(kit.read('device/local.json')).toBe(before)
  expect(await folders(kit)).toEqual(['/home/ana/music'])
})

it('also while the vault itself is repaired', async () => {
  const kit = await away()
  const before = kit.read('device/local.json')
  kit.write('vault.json', kit.read('vault.json').replace(/"mac":"[0-9a-f]/, '"mac":"x'))
  const report = await kit.open().verify({ proof: proof(), repair: true, allowSlowKdf: false })
  expect([report.local.state, report.repaired]).toEqual(['intact', true])
  expect(kit.read('device/local.json')).toBe(before)
  expect(await folders(kit)).toEqual(['/home/ana/music'])
})

it('and not for such once this device has sealed its data with the present key', async () => {
  const kit = await away()
  const retired = kit.read('device/local.json')
  expect(await folders(kit)).toEqual(['/home/ana/music'])
  kit.write('device/local.json', retired)
  const { local } = await kit.open().verify({ proof: proof(), repair: false, allowSlowKdf: false })
  expect(local.state).toBe('damaged')
})

it('a repair believes no device data older than what this device wrote last', async () => {
  const kit = await createUnlocked()
  const { id } = await kit.vault.addCredential(credential('nas'), { password: utf8('p') })
  const music = await kit.vault.addJob(job('music', id, { local: '/home/ana/before' }))
  const older = kit.read('device/local.json')
  await kit.vault.editJob(music.id, { local: '/home/ana/now' })
  kit.write('device/local.json', older)
  expect((await kit.vault.listJobs()).map(({ local }) => local)).toEqual([''])

  kit.write('vault.json', kit.read('vault.json').replace(/"mac":"[0-9a-f]/, '"mac":"x'))
  expect((await kit.vault.verify({ proof: null, repair: true, allowSlowKdf: false })).repaired).toBe(true)
  expect((await kit.vault.listJobs()).map(({ local }) => local)).toEqual([''])
  await kit.vault.addJob(job('photos', id, { local: '/home/ana/photos' }))
  expect(await folders(kit)).toEqual(['', '/home/ana/photos'])
})
