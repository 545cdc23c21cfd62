import { describe, expect, it } from 'vitest'
import { credentialTypeTable, fieldOf, SecretName } from '../../../main/model/credential-types.ts'
import type { FieldDefinition, CredentialType } from '../../../main/model/credential-types.ts'
import { fieldProblem, secretProblem } from '../../../main/model/field-values.ts'

function field(type: CredentialType, name: string): FieldDefinition {
  const found = fieldOf(type, name)
  if (found === null) throw new Error(`no field ${name}`)
  return found
}

describe('fieldProblem', () => {
  it.for([
    ['sftp', 'host', 'nas.home.arpa'],
    ['sftp', 'host', 'fe80::1%eth0'],
    ['sftp', 'port', '65535'],
    ['smb', 'share', 'Fotos & Videos'],
    ['webdav', 'url', 'https://cloud.example/remote.php/dav/files/mira/'],
    ['webdav', 'url', 'http://[fe80::1]:8080/x'],
    ['ftp', 'tls', 'implicit'],
    ['s3', 'endpoint', 'https://s3.eu-central-1.amazonaws.com'],
    ['s3', 'endpoint', 'http://127.0.0.1:9000'],
    ['s3', 'pathStyle', 'true'],
    ['generic', 'url', ''],
  ] as const)('takes a %s %s', ([type, name, value]) => {
    expect(fieldProblem(field(type, name), value)).toBeNull()
  })

  it.for([
    ['sftp', 'host', 'sftp://nas'],
    ['sftp', 'host', 'mira@nas'],
    ['sftp', 'host', 'nas/share'],
    ['sftp', 'host', 'x'.repeat(256)],
    ['sftp', 'user', 'mi\0ra'],
    ['sftp', 'user', 'mira\nroot'],
    ['sftp', 'user', '\ud800'],
    ['sftp', 'user', 'x'.repeat(1001)],
    ['sftp', 'port', '0'],
    ['sftp', 'port', '022'],
    ['sftp', 'port', '65536'],
    ['sftp', 'agent', 'yes'],
    ['sftp', 'certificate', 'ssh-ed25519-cert-v01@openssh.com AAAA\n'],
    ['webdav', 'url', 'ftp://cloud.example'],
    ['webdav', 'url', 'javascript:alert(1)'],
    ['webdav', 'url', 'https://mira:secret@cloud.example/'],
    ['webdav', 'url', 'https:///x'],
    ['webdav', 'url', 'https://cloud.example/a b'],
    ['webdav', 'url', 'https://good.example\\@evil.example/'],
    ['ftp', 'tls', 'maybe'],
    ['s3', 'endpoint', 's3.amazonaws.com'],
    ['oauth', 'provider', 'unknown-cloud'],
  ] as const)('refuses as %s %s: %s', ([type, name, value]) => {
    const problem = fieldProblem(field(type, name), value)
    expect(problem).toMatch(/ expected$/)
    expect(problem).not.toContain(value)
  })

  it('takes the value that an absent field of any kind stands for', () => {
    for (const { fields } of Object.values(credentialTypeTable))
      for (const one of fields) expect(fieldProblem(one, one.defaultValue ?? '')).toBeNull()
  })
})

describe('secretProblem', () => {
  it('refuses NUL and more than 64 KiB, and takes everything else, spaces and line ends included', () => {
    const password = field('sftp', 'password')
    expect([
      secretProblem(password, Uint8Array.of(97, 0, 98)),
      secretProblem(password, new Uint8Array(65_537).fill(97)),
      secretProblem(password, new TextEncoder().encode(' pa ss\n')),
    ]).toEqual(['text without NUL is expected', 'at most 65536 bytes are expected', null])
  })
})

describe('fieldOf', () => {
  it('takes secrets of any name where the kind allows it, and only as secrets', () => {
    expect(fieldOf('generic', 'Recovery code 1')).toMatchObject({ type: 'secret', isSent: true })
    expect(fieldOf('generic', 'url')).toMatchObject({ type: 'text' })
    expect([fieldOf('sftp', 'Recovery code 1'), fieldOf('sftp', 'constructor')]).toEqual([null, null])
  })
})

describe('SecretName', () => {
  it.for([
    ['password', true],
    ['Grüße 2', true],
    ['PIN (Karte)', true],
    ['x', true],
    ['', false],
    [' pin', false],
    ['pin ', false],
    ['a=b', false],
    ['__proto__', false],
    ['a\u0000', false],
    ['a\nb', false],
    ['u\u0308', false],
    ['x'.repeat(65), false],
  ] as const)('judges %j as %s', ([name, ok]) => {
    expect(SecretName.safeParse(name).success).toBe(ok)
  })
})
