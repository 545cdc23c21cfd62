import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { VaultApi } from '../../../../main/core/vault/vault-api.ts'
import { codeOf, createUnlocked, credential, PASSWORD, unlock } from './kit.ts'
import type { Kit } from './kit.ts'
import { rawVault, resum, tampered } from './tamper.ts'
import type { RawVault } from './tamper.ts'

const proof = () => ({ password: utf8(PASSWORD) })

async function addRecovery(vault: VaultApi): Promise<string> {
  const { key, ask } = await vault.prepareRecoveryKey()
  const groups = fromUtf8(key).split('-')
  const [first = '', second = ''] = ask.map((number) => groups[number - 1] ?? '')
  await vault.addRecoveryKey(proof(), [utf8(first), utf8(second)])
  return fromUtf8(key)
}

async function filled(): Promise<Kit & { readonly vault: VaultApi; readonly recovery: string }> {
  const kit = await createUnlocked()
  await kit.vault.addCredential(credential('nas'), { password: utf8('x') })
  const recovery = await addRecovery(kit.vault)
  await kit.vault.addCredential(credential('web'), { password: utf8('x') })
  return { ...kit, recovery }
}

function edit(kit: Kit, change: (vault: RawVault) => void): void {
  kit.write('vault.json', tampered(kit.read('vault.json'), change))
}

/** Slots that nobody with the vault key made, as the newest set. */
function plant(vault: RawVault, at: number): void {
  vault.slotSet.rev += 1
  const slot = vault.slots[at]
  if (slot === undefined) throw new Error('no such slot')
  slot.wrapped = slot.wrapped.replace(/^(.{40})./, (_, head: string) => `${head}_`)
  slot.kdf.salt = 'AAAAAAAAAAAAAAAAAAAAAA=='
  resum(slot)
}

describe('slots in a file whose MAC is wrong', () => {
  it('do not come into force by the repair of an open vault', async () => {
    const kit = await filled()
    edit(kit, (vault) => plant(vault, 0))
    await kit.vault.verify({ proof: null, repair: true, allowSlowKdf: false })
    expect(await codeOf(unlock(kit.open()))).toBeNull()
  })

  it('do not come into force beside the one that was proven', async () => {
    const kit = await filled()
    await kit.vault.lock()
    edit(kit, (vault) => plant(vault, 1))
    await kit.vault.verify({ proof: proof(), repair: true, allowSlowKdf: false })
    expect(await codeOf(kit.open().unlock({ recoveryKey: utf8(kit.recovery) }, {}))).toBeNull()
  })

  it('do when no other set has what was proven: the newest of another device, damaged on its way', async () => {
    const kit = await filled()
    const device = kit.read('device/device.json')
    const older = kit.read('vault.json.1')
    await kit.vault.changePassword(proof(), utf8('another long password'))
    await kit.vault.lock()
    kit.write('device/device.json', device)
    kit.write('vault.json.1', older)
    edit(kit, (vault) => {
      vault.mac = '0'.repeat(64)
    })
    const given = { password: utf8('another long password') }
    await kit.vault.verify({ proof: given, repair: true, allowSlowKdf: false })
    expect(await codeOf(unlock(kit.open(), 'another long password'))).toBeNull()
  })

  it('do not use up their counter', async () => {
    const kit = await filled()
    edit(kit, (vault) => {
      vault.slotSet.rev = 2 ** 40
    })
    await kit.vault.verify({ proof: null, repair: true, allowSlowKdf: false })
    await kit.vault.changePassword(proof(), utf8('another long password'))
    expect(await codeOf(unlock(kit.open(), 'another long password'))).toBeNull()
    expect(rawVault(kit.read('vault.json')).slotSet.rev).toBeLessThan(2 ** 30)
  })
})
