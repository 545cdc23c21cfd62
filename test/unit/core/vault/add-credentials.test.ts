import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { codeOf, createUnlocked, credential } from './kit.ts'

const named = (name: string) => ({ draft: credential(name), secrets: { password: utf8(`of ${name}`) } })

describe('addCredentials', () => {
  it('stores all in one write, each with its own secret, and wipes what it was given', async () => {
    const { vault } = await createUnlocked()
    const before = await vault.epoch()
    const drafts = ['a', 'b', 'c'].map(named)
    const added = await vault.addCredentials(drafts)
    expect(await vault.epoch()).toBe(before + 1)
    expect(added.map(({ name, rev }) => [name, rev])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ])
    const [, second] = added
    expect(fromUtf8(await vault.revealSecret(second?.id ?? '', 'password'))).toBe('of b')
    expect(drafts.every(({ secrets }) => secrets.password.every((byte) => byte === 0))).toBe(true)
  })

  it('keeps fields of this device on this device', async () => {
    const { vault } = await createUnlocked()
    const draft = credential('a', { fields: { host: 'h', user: 'u', keyFile: '/k' } })
    await vault.addCredentials([{ draft, secrets: {} }])
    expect((await vault.listCredentials())[0]?.fields).toEqual({ host: 'h', user: 'u', keyFile: '/k' })
  })

  it.for([
    ['a name that is taken', ['b', 'NAS'], 'name-taken'],
    ['two of one name', ['b', 'c', 'B'], 'name-taken'],
  ] as const)('stores none of them with %s', async ([, names, code]) => {
    const { vault } = await createUnlocked()
    await vault.addCredential(credential('nas'), {})
    expect(await codeOf(vault.addCredentials(names.map(named)))).toBe(code)
    expect((await vault.listCredentials()).map(({ name }) => name)).toEqual(['nas'])
  })

  it('stores none of them when one secret is no text', async () => {
    const { vault } = await createUnlocked()
    const bad = { draft: credential('b'), secrets: { password: Uint8Array.of(0xff) } }
    expect(await codeOf(vault.addCredentials([named('a'), bad]))).toBe('bad-request')
    expect(await vault.listCredentials()).toEqual([])
  })
})
