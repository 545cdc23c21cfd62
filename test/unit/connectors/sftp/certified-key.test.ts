import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { PassThrough } from 'node:stream'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { describe, expect, it } from 'vitest'
import { certifyKey, signInByCertificate } from '../../../../main/connectors/sftp/certified-key.ts'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'
import { certificateFile } from '../../../helpers/certificates.ts'

const require = createRequire(import.meta.url)

function keyOf(file: string): ParsedKey {
  const parsed: unknown = ssh2.utils.parseKey(certificateFile(file))
  if (parsed instanceof Error) throw parsed
  return (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey
}

const key = keyOf('user-ed25519-key')

function codeOf(act: () => unknown): string | null {
  try {
    act()
    return null
  } catch (error) {
    return error instanceof RemoteError ? error.code : 'not ours'
  }
}

describe('what is used of ssh2', () => {
  it('is what it was when the adaption was written; look at certified-key.ts before changing this', () => {
    const root = require.resolve('ssh2/package.json')
    const { version } = JSON.parse(readFileSync(root, 'utf8')) as { version: string }
    const { prototype } = require('ssh2/lib/protocol/Protocol.js') as { prototype: { authPK: unknown } }
    const utils = require('ssh2/lib/protocol/utils.js') as Record<string, unknown>
    const parts = [prototype.authPK, utils['convertSignature'], utils['sendPacket']].map(String)
    const hash = createHash('sha256').update(parts.join('\n')).digest('hex')
    expect([version, hash]).toEqual([
      '1.17.0',
      '5d92fb4edc86405062b02ac7bbe5b772547e8241a710ab2a334524b088d0bad6',
    ])
  })

  it('is refused when it is something else', () => {
    const certified = certifyKey(key, certificateFile('user-ed25519-cert.pub'))
    expect(signInByCertificate(new ssh2.Client(), certified)).toBe(false)
    const changed = new ssh2.Client()
    Reflect.set(changed, '_protocol', { authPK: () => undefined, _authsQueue: [], _packetRW: { write: {} } })
    expect(signInByCertificate(changed, certified)).toBe(false)
  })

  it('is changed on the one connection and nowhere else', () => {
    const client = new ssh2.Client().on('error', () => undefined)
    client.connect({ sock: new PassThrough(), readyTimeout: 0, username: 'anna' })
    const protocol = Reflect.get(client, '_protocol') as {
      authPK: unknown
      constructor: { prototype: object }
    }
    const before = protocol.authPK
    const certified = certifyKey(key, certificateFile('user-ed25519-cert.pub'))
    expect(signInByCertificate(client, certified)).toBe(true)
    expect(protocol.authPK).not.toBe(before)
    expect(Reflect.get(protocol.constructor.prototype, 'authPK')).toBe(before)
    client.destroy()
  })
})

describe('certifyKey', () => {
  it('takes the certificate of the key', () => {
    const line = certificateFile('user-ed25519-cert.pub')
    expect(Buffer.from(certifyKey(key, line).blob).toString('base64')).toBe(line.split(' ')[1]?.trim())
  })

  it.each([
    ['none', 'not a certificate'],
    ['that of a server', certificateFile('host-ed25519-cert.pub')],
    ['that of another key', certificateFile('user-rsa-cert.pub')],
    ['that of another key of its type', certificateFile('forever-cert.pub')],
  ])('refuses %s', (_what, line) => {
    expect(codeOf(() => certifyKey(key, line))).toBe('certificate-unusable')
  })
})
