import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { codeOf, createKit, createUnlocked, credential, dyingAt, ITERATIONS, job, unlock } from './kit.ts'
import type { Kit } from './kit.ts'
import { rawVault, tampered } from './tamper.ts'

const NEXT = 'another long password'

describe('restore', () => {
  it('puts an older generation back, keeps the replaced file, and writes above everything seen', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('a'), {})
    await kit.vault.addCredential(credential('b'), {})
    const { epoch } = rawVault(kit.read('vault.json'))
    kit.write('vault.json', 'damaged')

    await kit.vault.restore(1)
    expect([(await kit.vault.status()).state, kit.read('vault.json.1')]).toEqual(['locked', 'damaged'])
    await unlock(kit.vault)
    expect((await kit.vault.listCredentials()).map(({ name }) => name)).toEqual(['a'])
    expect(rawVault(kit.read('vault.json')).epoch).toBe(epoch + 1)
    await kit.vault.lock()
    expect(await codeOf(unlock(kit.open()))).toBeNull()
  })

  it('works when vault.json is missing', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('a'), {})
    await kit.vault.addCredential(credential('b'), {})
    kit.files.content.delete('vault.json')
    const vault = kit.open()
    await vault.restore(1)
    await unlock(vault)
    expect((await vault.listCredentials()).map(({ name }) => name)).toEqual(['a'])
  })

  it.each([
    ['unknown-name', 'a number without a file', 3, (): void => {}],
    ['unknown-name', 'a number out of range', 0, (): void => {}],
    ['vault-damaged', 'a broken generation', 1, (kit: Kit) => kit.write('vault.json.1', '{}')],
    [
      'vault-changed',
      'a generation of another vault',
      1,
      (kit: Kit) =>
        kit.write(
          'vault.json.1',
          tampered(kit.read('vault.json'), (v) => (v.vault = '00000000-0000-4000-8000-000000000000')),
        ),
    ],
  ])('answers %s to %s and changes nothing', async (code, _fact, n, prepare) => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('a'), {})
    prepare(kit)
    const before = new Map(kit.files.content)
    expect([await codeOf(kit.vault.restore(n)), kit.files.content]).toEqual([code, before])
  })
})

describe('setAside', () => {
  it('keeps every file under a new folder and lets a new vault begin', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(credential('nas'), {})
    await kit.vault.addJob(job('photos', id))
    const kept = new Map(kit.files.content)
    const locked = kit.open()
    const folder = await locked.setAside()
    expect([folder, (await locked.status()).state]).toEqual(['old-vaults/20260102-030405', 'no-vault'])
    for (const path of ['vault.json', 'vault.json.1', 'vault.json.2']) {
      expect(kit.files.content.get(`${folder}/${path}`)).toEqual(kept.get(path))
    }
    expect(kit.files.content.get(`${folder}/local.json`)).toEqual(kept.get('device/local.json'))

    await locked.init(utf8(NEXT), { iterations: ITERATIONS })
    expect(await locked.listCredentials()).toEqual([])
  })

  it('leaves the vault as before or none, and never no copy of it, wherever it is killed', async () => {
    const states = new Set<string>()
    for (let nth = 1; nth <= 14; nth += 1) {
      const kit = await createUnlocked()
      await kit.vault.addCredential(credential('nas', { fields: { host: 'h', keyFile: '/k' } }), {})
      const original = kit.read('vault.json')
      await codeOf(kit.open({ files: dyingAt(kit.files, nth) }).setAside())
      const isKept = [...kit.files.content.keys()].some((path) => kit.read(path) === original)
      expect({ nth, isKept }).toEqual({ nth, isKept: true })
      const { state } = await kit.open().status()
      states.add(state)
      if (state !== 'locked') continue
      const vault = kit.open()
      await unlock(vault)
      expect((await vault.listCredentials()).map(({ name, fields }) => ({ name, fields }))).toEqual([
        { name: 'nas', fields: { host: 'h', keyFile: '/k' } },
      ])
    }
    expect([...states]).toEqual(['locked', 'no-vault'])
  })

  it('has nothing to do in a new home', async () => {
    const kit = await createKit()
    expect(await codeOf(kit.open().setAside())).toBe('no-vault')
  })
})
