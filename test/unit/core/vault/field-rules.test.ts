import { describe, expect, it } from 'vitest'
import { connectorFor } from '../../../../main/connectors/registry.ts'
import {
  isSameServer,
  keptOnly,
  sentOnly,
  serverFields,
  splitFields,
  withoutStale,
} from '../../../../main/core/vault/field-rules.ts'
import { CredentialType, credentialTypeTable } from '../../../../main/model/credential-types.ts'

describe('credentialTypeTable', () => {
  it('says of every kind with a connector what the connector says of itself', () => {
    for (const type of CredentialType.options) {
      const connector = connectorFor(type)
      if (connector === null) continue
      const declared = connector.fields.map((field) => ({
        name: field.name,
        type: field.type,
        required: field.required,
        advanced: field.advanced ?? false,
        multiline: field.multiline ?? false,
        choices: field.choices ?? [],
        defaultValue: field.defaultValue ?? null,
        deviceOnly: field.deviceOnly ?? false,
        identifiesServer: field.identifiesServer ?? false,
      }))
      const sent = credentialTypeTable[type].fields.filter(({ isSent }) => isSent)
      expect(sent).toMatchObject(declared)
    }
  })

  it('names each field once, gives choices to choices only, and keeps notes of every kind as a secret', () => {
    for (const { fields } of Object.values(credentialTypeTable)) {
      const names = fields.map(({ name }) => name)
      expect(names).toEqual([...new Set(names)])
      for (const field of fields) expect(field.choices.length > 0).toBe(field.type === 'choice')
      expect(fields.find(({ name }) => name === 'notes')).toMatchObject({ type: 'secret', isSent: false })
    }
  })

  it('names a secret of its own kind wherever one field speaks of another', () => {
    for (const { fields, signInSecret } of Object.values(credentialTypeTable)) {
      const secrets = fields.filter(({ type }) => type === 'secret').map(({ name }) => name)
      const named = [signInSecret, ...fields.map(({ describes }) => describes)]
      for (const name of named) if (name !== null) expect(secrets).toContain(name)
    }
  })
})

describe('splitFields', () => {
  it('keeps key file, agent use and the token of a cloud on this device', () => {
    expect(splitFields('sftp', { host: 'h', keyFile: '/k', agent: 'true' })).toEqual({
      shared: { host: 'h' },
      device: { keyFile: '/k', agent: 'true' },
    })
    expect(splitFields('oauth', { token: 't', clientSecret: 'c' })).toEqual({
      shared: { clientSecret: 'c' },
      device: { token: 't' },
    })
  })
})

describe('isSameServer', () => {
  it.for([
    ['a port that says what an absent one means', 'sftp', { host: 'h' }, { host: 'h', port: '22' }, true],
    ['another host', 'smb', { host: 'h' }, { host: 'g' }, false],
    ['another share', 'smb', { host: 'h', share: 'a' }, { host: 'h', share: 'b' }, true],
    ['http instead of https', 'webdav', { url: 'https://h/' }, { url: 'http://h/' }, false],
    ['no encryption any more', 'ftp', { host: 'h' }, { host: 'h', tls: 'none' }, false],
    ['another endpoint', 's3', {}, { endpoint: 'https://h' }, false],
    ['another account of a cloud', 'oauth', { account: 'a' }, { account: 'b' }, false],
    ['another address of a generic entry', 'generic', { url: 'https://a' }, { url: 'https://b' }, true],
  ] as const)('takes %s for what it is', ([, type, before, after, same]) => {
    expect(isSameServer(type, before, after)).toBe(same)
  })
})

describe('sentOnly and keptOnly', () => {
  it('part what a server is given from what stays with the person', () => {
    const secrets = { password: 'p', notes: 'n' }
    expect([sentOnly('sftp', secrets), keptOnly('sftp', secrets)]).toEqual([
      { password: 'p' },
      { notes: 'n' },
    ])
  })
})

describe('serverFields', () => {
  it('names them with what an absent one stands for', () => {
    expect(serverFields('ftp')).toEqual({ host: '', port: '21', tls: 'explicit' })
  })
})

describe('withoutStale', () => {
  const fields = { host: 'h', publicKey: 'ssh-ed25519 A' }
  it('drops the public half when the key is another one, unless it is given with it', () => {
    const change = { before: { privateKey: 'a' }, after: { privateKey: 'b' }, given: [] }
    expect(withoutStale('sftp', fields, change)).toEqual({ host: 'h' })
    expect(withoutStale('sftp', fields, { ...change, given: ['publicKey'] })).toEqual(fields)
    expect(withoutStale('sftp', fields, { ...change, after: change.before })).toEqual(fields)
  })
})
