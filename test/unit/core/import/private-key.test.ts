import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { isPrivateKey, isSealedKey } from '../../../../main/core/import/private-key.ts'
import { sample } from './kit.ts'

/** As ssh-keygen of OpenSSH 9.2 wrote them: its own format, PEM (`-m PEM`) and PKCS #8 (`-m PKCS8`). */
const keys = [
  ['ed25519', false],
  ['ed25519_sealed', true],
  ['rsa_sealed', true],
  ['rsa_pem', false],
  ['rsa_pem_sealed', true],
  ['ecdsa', false],
  ['ecdsa_pkcs8', false],
  ['ecdsa_pkcs8_sealed', true],
] as const

describe('isPrivateKey and isSealedKey', () => {
  it.for(keys)('know what %s is', ([name, isSealed]) => {
    expect(isPrivateKey(sample(`keys/${name}`))).toBe(true)
    expect(isSealedKey(sample(`keys/${name}`))).toBe(isSealed)
  })

  it('know a key that was written on Windows', () => {
    const text = new TextDecoder().decode(sample('keys/ed25519')).replaceAll('\n', '\r\n')
    expect(isPrivateKey(utf8(text))).toBe(true)
    expect(isSealedKey(utf8(text))).toBe(false)
  })

  it.for(['keys/ed25519.pub', 'keys/ed25519-cert.pub', 'ssh_config', 'cyberduck.duck'])(
    'do not take %s for one',
    (name) => {
      expect(isPrivateKey(sample(name))).toBe(false)
    },
  )

  it.for([
    ['another header', '-----BEGIN CERTIFICATE-----\n'],
    ['a header further down', '\n-----BEGIN PRIVATE KEY-----\n'],
    ['a header with more behind it', '-----BEGIN PRIVATE KEY----- root:x:0:0\n'],
    ['half a header', '-----BEGIN '],
    ['nothing', ''],
  ] as const)('do not take %s for one', ([, text]) => {
    expect(isPrivateKey(utf8(text))).toBe(false)
  })
})
