import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { CredentialType } from '../../../../main/model/credential-types.ts'
import { openGrant, deriveGrantKey } from '../../../../main/core/vault/grant.ts'
import { certificateFile } from '../../../helpers/certificates.ts'
import { codeOf, createUnlocked, credential, unlock } from './kit.ts'

const ownKey = certificateFile('user-ed25519-key')
const cloud = credential('Drive', { type: 'oauth', fields: { provider: 'dropbox', account: 'mira' } })

describe('a credential of any kind', () => {
  it('comes back as it was stored', async () => {
    const { vault } = await createUnlocked()
    for (const type of CredentialType.options)
      await vault.addCredential(credential(type, { type, fields: {}, expires: '2027-01-31' }), {
        notes: utf8(`of ${type}`),
      })
    const listed = await vault.listCredentials()
    expect(listed.map(({ type, expires, secrets }) => [type, expires, secrets])).toEqual(
      CredentialType.options.map((type) => [type, '2027-01-31', ['notes']]),
    )
  })

  it('keeps its notes when the server changes, and drops what was for the old server', async () => {
    const { vault } = await createUnlocked()
    const secrets = { password: utf8('p'), notes: utf8('n') }
    const { id } = await vault.addCredential(credential('nas'), secrets)
    await vault.editCredential(id, { fields: { host: 'other' } }, {})
    const [listed] = await vault.listCredentials()
    expect(listed?.secrets).toEqual(['notes'])
    expect(fromUtf8(await vault.revealSecret(id, 'notes'))).toBe('n')
  })

  it('never gives its notes to a worker', async () => {
    const { vault, clock } = await createUnlocked()
    const secrets = { password: utf8('p'), notes: utf8('n') }
    const { id } = await vault.addCredential(credential('nas'), secrets)
    const agentKey = new Uint8Array(32).fill(7)
    const grant = await vault.grantCredential(id, {
      agentKey: Uint8Array.from(agentKey),
      notAfter: clock.now() + 1000,
    })
    const opened = openGrant(grant, deriveGrantKey(agentKey, grant), clock.now())
    expect(Object.keys(opened.credential.secrets)).toEqual(['password'])
  })

  it('gives a worker the certificate of its key, never the public line', async () => {
    const { vault, clock } = await createUnlocked()
    const certificate = certificateFile('user-ed25519-cert.pub')
    const fields = { host: 'nas', certificate, publicKey: 'ssh-ed25519 AAAA' }
    const { id } = await vault.addCredential(credential('nas', { fields }), { privateKey: utf8(ownKey) })
    const agentKey = new Uint8Array(32).fill(7)
    const grant = await vault.grantCredential(id, {
      agentKey: Uint8Array.from(agentKey),
      notAfter: clock.now() + 1000,
    })
    const opened = openGrant(grant, deriveGrantKey(agentKey, grant), clock.now())
    expect(opened.credential.fields).toEqual({ host: 'nas', certificate })
  })

  it('refuses a certificate of another key when it or the key changes, and lets everything else change', async () => {
    const { vault } = await createUnlocked()
    const foreign = certificateFile('user-rsa-cert.pub')
    const certificate = certificateFile('user-ed25519-cert.pub')
    const withKey = () => ({ privateKey: utf8(ownKey) })
    const draft = credential('nas', { fields: { host: 'nas', certificate: foreign } })
    expect(await codeOf(vault.addCredential(draft, withKey()))).toBe('bad-request')
    const { id } = await vault.addCredential(draft, {})
    await vault.editCredential(id, { name: 'box' }, {})
    expect(await codeOf(vault.editCredential(id, { fields: { certificate: foreign } }, withKey()))).toBe(
      'bad-request',
    )
    await vault.editCredential(id, { fields: { certificate } }, withKey())
    expect(await codeOf(vault.editCredential(id, { fields: { certificate: foreign } }, {}))).toBe(
      'bad-request',
    )
    // A new key alone drops the certificate of the old one.
    await vault.editCredential(id, {}, { privateKey: utf8(certificateFile('sealed-key')) })
    expect((await vault.listCredentials())[0]?.fields).toEqual({ host: 'nas' })
  })

  it('can be tagged and given an end, and loses the end when told so', async () => {
    const { vault } = await createUnlocked()
    const { id } = await vault.addCredential(credential('nas', { expires: '2026-03-01' }), {})
    await vault.editCredential(id, { tags: ['home'] }, {})
    const [tagged] = await vault.listCredentials()
    await vault.editCredential(id, { expires: null }, {})
    const [endless] = await vault.listCredentials()
    expect([tagged?.tags, tagged?.expires, endless?.tags, endless?.expires]).toEqual([
      ['home'],
      '2026-03-01',
      ['home'],
      null,
    ])
  })
})

describe("a cloud's sign-in token", () => {
  it('lies in local.json only, and opens there', async () => {
    const kit = await createUnlocked()
    const { id } = await kit.vault.addCredential(cloud, { token: utf8('t0ken'), clientSecret: utf8('c') })
    const [listed] = await kit.vault.listCredentials()
    expect([listed?.secrets, listed?.needsSignInHere]).toEqual([['clientSecret', 'token'], false])

    const again = kit.open()
    await unlock(again)
    expect(fromUtf8(await again.revealSecret(id, 'token'))).toBe('t0ken')

    // Another device has vault.json and not device/.
    kit.files.content.delete('device/local.json')
    const [elsewhere] = await again.listCredentials()
    expect([elsewhere?.secrets, elsewhere?.needsSignInHere]).toEqual([['clientSecret'], true])
    expect(await codeOf(again.revealSecret(id, 'token'))).toBe('unknown-name')
  })

  it('stays through an edit, and is dropped with the account', async () => {
    const { vault } = await createUnlocked()
    const { id } = await vault.addCredential(cloud, { token: utf8('t') })
    await vault.editCredential(id, { name: 'Dropbox' }, {})
    const [renamed] = await vault.listCredentials()
    await vault.editCredential(id, { fields: { account: 'other' } }, {})
    const [moved] = await vault.listCredentials()
    expect([renamed?.secrets, moved?.secrets, moved?.needsSignInHere]).toEqual([['token'], [], true])
  })

  it('is removed by name like any secret', async () => {
    const { vault } = await createUnlocked()
    const { id } = await vault.addCredential(cloud, { token: utf8('t') })
    await vault.editCredential(id, { removeSecrets: ['token'] }, {})
    expect(await codeOf(vault.revealSecret(id, 'token'))).toBe('unknown-name')
  })
})
