import { describe, expect, it } from 'vitest'
import { isCertificateOf, parseSshCertificate } from '../../../main/model/ssh-certificate.ts'
import { certificateFile } from '../../helpers/certificates.ts'

const line = certificateFile('user-ed25519-cert.pub')
const [name = '', base64 = ''] = line.split(' ')
const blob = Buffer.from(base64, 'base64')

const text = (bytes: Uint8Array, type = name): string => `${type} ${Buffer.from(bytes).toString('base64')}`
const publicBlob = (file: string): Buffer => Buffer.from(certificateFile(file).split(' ')[1] ?? '', 'base64')

describe('parseSshCertificate', () => {
  it.each([
    ['ed25519', 'ssh-ed25519'],
    ['rsa', 'ssh-rsa'],
    ['ecdsa', 'ecdsa-sha2-nistp256'],
    ['ecdsa384', 'ecdsa-sha2-nistp384'],
  ])('reads what ssh-keygen makes for a user with a key %s', (kind, keyType) => {
    const parsed = parseSshCertificate(certificateFile(`user-${kind}-cert.pub`))
    expect(parsed).toMatchObject({
      kind: 'user',
      keyType,
      validAfter: Date.UTC(2026, 0, 1),
      validBefore: Date.UTC(2036, 0, 1),
    })
    if (parsed === null) return
    expect(isCertificateOf(parsed, publicBlob(`user-${kind}.pub`))).toBe(true)
    expect(isCertificateOf(parsed, publicBlob(`user-${kind === 'rsa' ? 'ed25519' : 'rsa'}.pub`))).toBe(false)
    expect(isCertificateOf(parsed, new Uint8Array())).toBe(false)
  })

  it('tells one of a server, and one that never ends', () => {
    expect(parseSshCertificate(certificateFile('host-ed25519-cert.pub'))).toMatchObject({ kind: 'host' })
    const forever = parseSshCertificate(certificateFile('forever-cert.pub'))
    expect(forever).toMatchObject({ kind: 'user', validAfter: 0, validBefore: null })
  })

  it('takes the line as people paste it', () => {
    expect(parseSshCertificate(`  ${name}\t${base64} anna@nas, her key\r\n`)?.blob).toEqual(
      new Uint8Array(blob),
    )
    expect(parseSshCertificate(`${name} ${base64}`)).not.toBeNull()
  })

  it.each([
    ['nothing', ''],
    ['a plain public key', certificateFile('user-ed25519.pub')],
    ['two lines', `${line}${line}`],
    ['a private key', certificateFile('user-ed25519-key')],
    ['a type that says something else', text(blob, 'ssh-rsa-cert-v01@openssh.com')],
    ['a key in hardware', text(blob, 'sk-ssh-ed25519-cert-v01@openssh.com')],
    ['a name of every object', text(blob, 'constructor-cert-v01@openssh.com')],
    ['a byte too many', text(Buffer.concat([blob, Buffer.alloc(1)]))],
    ['base64 that is not canonical', `${name} ${base64.replace(/.$/, '')}`],
    ['base64 of the web', `${name} ${base64.slice(0, -4)}-_-_`],
    ['no end', `${name} ${'A'.repeat(70_000)}`],
    ['a kind that there is none of', text(withKind(3))],
  ])('refuses %s', (_what, given) => {
    expect(parseSshCertificate(given)).toBeNull()
  })

  it('refuses it cut off anywhere', () => {
    for (let length = 0; length < blob.length; length += 1)
      expect(parseSshCertificate(text(blob.subarray(0, length)))).toBeNull()
  })

  it('never throws, whatever a length says and whatever byte is another', () => {
    for (let at = 0; at + 4 <= blob.length; at += 1) {
      for (const length of [0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, blob.length]) {
        const bytes = Buffer.from(blob)
        bytes.writeUInt32BE(length, at)
        const parsed = parseSshCertificate(text(bytes))
        if (parsed !== null) expect(parsed.blob).toHaveLength(blob.length)
      }
    }
  })
})

/** The fixture with another number where the kind stands: after type, nonce, key and serial number. */
function withKind(kind: number): Buffer {
  const bytes = Buffer.from(blob)
  let at = 0
  for (let field = 0; field < 3; field += 1) at += 4 + bytes.readUInt32BE(at)
  bytes.writeUInt32BE(kind, at + 8)
  return bytes
}
