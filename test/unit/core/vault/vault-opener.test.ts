import { describe, expect, it } from 'vitest'
import type { FileStamp, FileStore } from '../../../../main/core/ports/file-store.ts'
import { codeOf, createUnlocked, credential, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'
import { at, tampered } from './tamper.ts'

/** The home of a kit, with looks at the content of vault.json counted, and a stamp that a test may hold still. */
function watched(kit: Kit): {
  files: FileStore
  looks: () => number
  hold: (stamp: FileStamp | null) => void
} {
  let looks = 0
  let held: FileStamp | null = null
  const files: FileStore = {
    ...kit.files,
    read: (path, maxBytes) => {
      if (path === 'vault.json') looks += 1
      return kit.files.read(path, maxBytes)
    },
    holds: (path, parts) => {
      if (path === 'vault.json') looks += 1
      return kit.files.holds(path, parts)
    },
    stamp: (path) => (held === null ? kit.files.stamp(path) : Promise.resolve(held)),
  }
  return {
    files,
    looks: () => {
      const count = looks
      looks = 0
      return count
    },
    hold: (stamp) => {
      held = stamp
    },
  }
}

describe('vault.json while unlocked', () => {
  it('is read again for a list only when it may be another', async () => {
    const kit = await createUnlocked()
    const { files, looks, hold } = watched(kit)
    const vault = kit.open({ files })
    await unlock(vault)
    await vault.listCredentials()
    looks()
    await vault.listCredentials()
    expect(looks()).toBe(0)

    await kit.vault.addCredential(credential('nas'), {})
    expect((await vault.listCredentials()).map(({ name }) => name)).toEqual(['nas'])
    // It is not what was there before, and is therefore read.
    expect(looks()).toBe(2)

    hold({ id: 'now', isSettled: false })
    await vault.listCredentials()
    await vault.listCredentials()
    expect(looks()).toBe(2)
  })

  it('is read for each change, whatever the file system says of it', async () => {
    const kit = await createUnlocked()
    const { files, hold } = watched(kit)
    hold({ id: 'as ever', isSettled: true })
    const vault = kit.open({ files })
    await unlock(vault)
    await vault.listCredentials()
    await kit.vault.addCredential(credential('theirs'), {})
    await vault.addCredential(credential('ours'), {})
    expect((await kit.vault.listCredentials()).map(({ name }) => name).sort()).toEqual(['ours', 'theirs'])
  })
})

describe('vault.json at an unlock', () => {
  /** What an unlock answers and how many keys it derives, of a file that was edited behind a stamp that stays. */
  async function unlockAfter(
    edit: (kit: Kit) => string,
    stays: boolean,
  ): Promise<{ code: string | null; derived: number }> {
    const kit = await createUnlocked()
    const { files, hold } = watched(kit)
    hold({ id: 'as ever', isSettled: true })
    await kit.vault.addCredential(credential('nas'), {})
    await unlock(kit.open({ files }))
    if (!stays) hold({ id: 'another', isSettled: true })
    kit.write('vault.json', edit(kit))
    kit.derived.length = 0
    const code = await codeOf(unlock(kit.open({ files })))
    return { code, derived: kit.derived.length }
  }
  const doubled = (kit: Kit): string =>
    tampered(kit.read('vault.json'), (vault) => {
      vault.records.push(at(vault.records, 0))
    })
  const older = (kit: Kit): string => kit.read('vault.json.1')
  const relabelled = (kit: Kit): string =>
    tampered(kit.read('vault.json'), (vault) => {
      at(vault.records, 0).meta.token = at(vault.records, 1).meta.token
    })

  /** Valid JSON with more at its top level than its first and last line say. */
  const smuggled = (kit: Kit): string => kit.read('vault.json').replace(/\n\],"mac"/, '],"more":[1\n],"mac"')

  it.each([
    ['of two minds', smuggled, { code: 'vault-changed', derived: 1 }, { code: 'vault-damaged', derived: 1 }],
    ['malformed', doubled, { code: 'vault-damaged', derived: 0 }, { code: 'vault-damaged', derived: 0 }],
    ['rolled back', older, { code: 'vault-changed', derived: 0 }, { code: 'vault-changed', derived: 0 }],
    ['edited', relabelled, { code: 'vault-changed', derived: 1 }, { code: 'vault-changed', derived: 1 }],
  ])('refuses a file that is %s, and believes no stamp', async (_name, edit, other, same) => {
    expect([await unlockAfter(edit, false), await unlockAfter(edit, true)]).toEqual([other, same])
  })

  it('opens a sound file under whatever stamp', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('nas'), {})
    const { files, hold } = watched(kit)
    for (const id of ['one', 'one', 'two']) {
      hold({ id, isSettled: true })
      const vault = kit.open({ files })
      await unlock(vault, PASSWORD)
      expect((await vault.listCredentials()).map(({ name }) => name)).toEqual(['nas'])
    }
  })

  it('derives for what this device wrote itself without waiting for its hash', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('nas'), {})
    const device = JSON.parse(kit.read('device/device.json')) as { readonly verifiedStamp: string | null }
    expect(device.verifiedStamp).toBe((await kit.files.stamp('vault.json'))?.id)
  })

  it('opens a file that this device wrote under the stamp of the one before', async () => {
    const kit = await createUnlocked()
    const { files, hold } = watched(kit)
    hold({ id: 'as ever', isSettled: true })
    await unlock(kit.open({ files }))
    await kit.vault.addCredential(credential('nas'), {})
    const vault = kit.open({ files })
    await unlock(vault)
    expect(await vault.listCredentials()).toHaveLength(1)
  })
})
