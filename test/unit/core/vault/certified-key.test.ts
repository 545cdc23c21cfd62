import { describe, expect, it } from 'vitest'
import {
  isForeignCertificate,
  refuseForeignCertificate,
  shownPublicKey,
} from '../../../../main/core/vault/certified-key.ts'
import { certificateFile } from '../../../helpers/certificates.ts'

const key = certificateFile('user-ed25519-key')
const own = certificateFile('user-ed25519-cert.pub')
const foreign = certificateFile('user-rsa-cert.pub')
const publicBase64 = certificateFile('user-ed25519.pub').split(' ')[1]?.trim() ?? ''
const putty = [
  'PuTTY-User-Key-File-3: ssh-ed25519',
  'Encryption: aes256-cbc',
  'Comment: anna',
  'Public-Lines: 2',
  publicBase64.slice(0, 64),
  publicBase64.slice(64),
  'Private-Lines: 1',
  'AAAA',
].join('\r\n')

describe('shownPublicKey', () => {
  it('finds it in a key of OpenSSH, sealed or not, and in one of PuTTY', () => {
    const expected = new Uint8Array(Buffer.from(publicBase64, 'base64'))
    expect(shownPublicKey(key)).toEqual(expected)
    expect(shownPublicKey(putty)).toEqual(expected)
    expect(shownPublicKey(certificateFile('sealed-key'))).toHaveLength(expected.length)
  })

  it.each([
    ['nothing', ''],
    ['an older key', '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n'],
    ['one that is cut off', key.slice(0, 120)],
    ['one with nothing in it', '-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----'],
    ['one with another inside', key.replace('b3BlbnNzaC1r', 'AAAAAAAAAAAA')],
  ])('finds none in %s', (_what, text) => {
    expect(shownPublicKey(text)).toBeNull()
  })

  it('never throws on one that was damaged', () => {
    const lines = key.split('\n')
    const bytes = Buffer.from(lines.slice(1, -2).join(''), 'base64')
    for (let at = 0; at < 120; at += 1) {
      const damaged = Buffer.from(bytes)
      damaged.writeUInt32BE(0xffff_fff0, at)
      const body = damaged.toString('base64')
      expect(() =>
        shownPublicKey(`-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`),
      ).not.toThrow()
    }
  })
})

describe('refuseForeignCertificate', () => {
  it('takes that of the key, and what cannot be told', () => {
    const unknown = '-----BEGIN RSA PRIVATE KEY-----\n'
    for (const [certificate, privateKey] of [
      [own, key],
      [certificateFile('forever-cert.pub'), certificateFile('sealed-key')],
      [own, unknown],
      [own, ''],
      ['', key],
    ] as const)
      expect(() => refuseForeignCertificate({ certificate }, { privateKey })).not.toThrow()
    expect(isForeignCertificate(own, Buffer.from(key))).toBe(false)
  })

  it('refuses that of another key, naming the field', () => {
    const expected = expect.objectContaining({
      code: 'bad-request',
      details: { field: 'certificate', why: 'a certificate made for this private key is expected' },
    }) as unknown
    expect(() => refuseForeignCertificate({ certificate: foreign }, { privateKey: key })).toThrow(expected)
  })
})
