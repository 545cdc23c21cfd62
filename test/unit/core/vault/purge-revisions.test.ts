import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { codeOf, createUnlocked, credential, dyingAt, unlock } from './kit.ts'
import type { Kit } from './kit.ts'
import { rawVault } from './tamper.ts'

const copies = ['vault.json', 'vault.json.1', 'vault.json.2', 'vault.json.3']
const localCopies = ['device/local.json', 'device/local.json.1']
const cloud = credential('Drive', { type: 'oauth', fields: { account: 'mira' } })

/** What stands in a file of this home as far as history goes: past revisions by record, in all copies. */
function history(kit: Kit, paths = copies): number {
  const counts = paths.flatMap((path) => {
    if (!kit.files.content.has(path)) return []
    return rawVault(kit.read(path)).records.map(({ hist }) => hist.length)
  })
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Copies that differ from the newest file. */
function stale(kit: Kit, [newest = '', ...older]: readonly string[]): string[] {
  return older.filter((path) => kit.files.content.has(path) && kit.read(path) !== kit.read(newest))
}

async function withHistory() {
  const kit = await createUnlocked()
  const a = await kit.vault.addCredential(credential('a'), { password: utf8('a1') })
  const drive = await kit.vault.addCredential(cloud, { token: utf8('t1') })
  await kit.vault.editCredential(a.id, {}, { password: utf8('a2') })
  await kit.vault.editCredential(drive.id, {}, { token: utf8('t2') })
  return { ...kit, a: a.id, drive: drive.id }
}

describe('purgeRevisions', () => {
  it('erases the past of one credential in the vault and in every older copy', async () => {
    const { a, drive, ...kit } = await withHistory()
    const changed = (await kit.vault.listCredentials()).find(({ id }) => id === a)?.changed
    expect(await kit.vault.purgeRevisions(a)).toBe(1)
    expect((await kit.vault.listRevisions(a)).map(({ rev }) => rev)).toEqual([3])
    expect((await kit.vault.listRevisions(drive)).length).toBe(2)
    expect(stale(kit, copies)).toEqual([])
    expect(fromUtf8(await kit.vault.revealSecret(a, 'password'))).toBe('a2')
    expect((await kit.vault.listCredentials()).find(({ id }) => id === a)?.changed).toBe(changed)
  })

  it("erases this device's own past too, and what it knows now stays", async () => {
    const { drive, ...kit } = await withHistory()
    await kit.vault.purgeRevisions(drive)
    expect(history(kit, localCopies)).toBe(0)
    expect(stale(kit, localCopies)).toEqual([])
    const again = kit.open()
    await unlock(again)
    expect(fromUtf8(await again.revealSecret(drive, 'token'))).toBe('t2')
  })

  it('erases the past of all, removed ones included', async () => {
    const { a, ...kit } = await withHistory()
    await kit.vault.removeCredential(a)
    expect(history(kit)).toBeGreaterThan(0)
    expect(await kit.vault.purgeRevisions(null)).toBe(2)
    expect(history(kit)).toBe(0)
    const again = kit.open()
    await unlock(again)
    expect((await again.listCredentials()).map(({ name }) => name)).toEqual(['Drive'])
  })

  it("erases what this device kept of a removed credential, a cloud's token for one", async () => {
    const { drive, ...kit } = await withHistory()
    await kit.vault.removeCredential(drive)
    await kit.vault.purgeRevisions(null)
    expect(localCopies.filter((path) => kit.read(path).includes(drive))).toEqual([])
  })

  it('replaces older copies although there is no history', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('a'), { password: utf8('x') })
    expect(await kit.vault.purgeRevisions(id)).toBe(0)
    expect(stale(kit, copies)).toEqual([])
  })

  it('changes nothing for a name that is not there', async () => {
    const kit = await withHistory()
    const before = kit.read('vault.json')
    expect(await codeOf(kit.vault.purgeRevisions('nobody'))).toBe('unknown-name')
    expect(kit.read('vault.json')).toBe(before)
  })

  it('is whole or not begun after a kill at any write, and keeps what is known now', async () => {
    for (let nth = 1; nth <= 14; nth += 1) {
      const { drive, ...kit } = await withHistory()
      await kit.vault.lock()
      const dying = kit.open({ files: dyingAt(kit.files, nth) })
      await codeOf(unlock(dying).then(() => dying.purgeRevisions(null)))

      const again = kit.open()
      await unlock(again)
      const left = history(kit)
      expect({ nth, left: left === 0 ? stale(kit, copies) : [] }).toEqual({ nth, left: [] })
      expect(fromUtf8(await again.revealSecret(drive, 'token'))).toBe('t2')
      expect(JSON.parse(kit.read('device/device.json'))).toMatchObject({ purge: null })
    }
  })

  it('is finished by the next write of another process, when that comes before an unlock', async () => {
    const { a, ...kit } = await withHistory()
    const other = kit.open()
    await unlock(other)
    // Dies after vault.json: local.json, device.json (mark), vault.json, and then nothing.
    const writes: string[] = []
    const dying = kit.open({
      files: {
        ...kit.files,
        writeDurably: (path, bytes, options) => {
          if (writes.includes('vault.json')) return Promise.reject(new Error('killed'))
          if (path === 'vault.json' || writes.length > 0) writes.push(path)
          return kit.files.writeDurably(path, bytes, options)
        },
      },
    })
    await unlock(dying)
    await codeOf(dying.purgeRevisions(null))
    expect(stale(kit, copies)).not.toEqual([])
    await other.editCredential(a, { tags: ['x'] }, {})
    expect(stale(kit, copies)).toEqual([])
    expect(history(kit, ['vault.json.1'])).toBe(1)
  })
})
