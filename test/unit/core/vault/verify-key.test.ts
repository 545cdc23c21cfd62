import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { codeOf, createUnlocked, credential, PASSWORD, unlock } from './kit.ts'
import { rawVault, tampered } from './tamper.ts'

const proof = () => ({ password: utf8(PASSWORD) })
const repairing = { proof: null, repair: true, allowSlowKdf: false }

describe('verify by a session whose key another process has replaced', () => {
  it('locks instead of mending all records away', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('nas'), { password: utf8('x') })
    const other = kit.open()
    await unlock(other)
    await kit.vault.rotateKey({ proofs: [proof()], dropSlots: [] })
    const before = kit.read('vault.json')
    expect(await codeOf(other.verify(repairing))).toBe('locked')
    expect([kit.read('vault.json'), await codeOf(unlock(kit.open()))]).toEqual([before, null])
  })

  it('does so while the older copies are still of its own key', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('nas'), { password: utf8('x') })
    const older = kit.read('vault.json')
    const other = kit.open()
    await unlock(other)
    await kit.vault.rotateKey({ proofs: [proof()], dropSlots: [] })
    // As a kill before the copies were replaced leaves it.
    kit.write('vault.json.1', older)
    expect(await codeOf(other.verify(repairing))).toBe('locked')
    expect(await codeOf(unlock(kit.open()))).toBeNull()
  })

  it('still mends a file of its own key whose number of the key alone is wrong', async () => {
    const kit = await createUnlocked()
    await kit.vault.addCredential(credential('nas'), { password: utf8('x') })
    const edited = tampered(kit.read('vault.json'), (vault) => {
      vault.vkGen = 9
    })
    kit.write('vault.json', edited)
    expect((await kit.vault.verify(repairing)).ok).toBe(true)
    expect([rawVault(kit.read('vault.json')).vkGen, await codeOf(unlock(kit.open()))]).toEqual([1, null])
  })
})

describe('verify on a device that remembers no slots', () => {
  it('calls a wrong password wrong, as an unlock does', async () => {
    const kit = await createUnlocked()
    await kit.vault.lock()
    kit.files.content.delete('device/device.json')
    const wrong = { proof: { password: utf8('not the password') }, repair: false, allowSlowKdf: false }
    expect(await codeOf(kit.open().verify(wrong))).toBe('wrong-password')
  })
})
