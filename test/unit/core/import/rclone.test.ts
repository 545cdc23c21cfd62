import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { isEncryptedRclone, readRclone } from '../../../../main/core/import/rclone.ts'
import { brief, context, sample, whyRefused } from './kit.ts'

const read = (bytes: Uint8Array, changes: Parameters<typeof context>[0] = {}) =>
  readRclone(bytes, context(changes)).map(brief)
const encrypted = new TextDecoder().decode(sample('rclone-encrypted.conf'))
const pass = { password: 'config pass phrase' }

const remotes = [
  {
    name: 'nas',
    protocol: 'sftp',
    host: 'nas.example',
    port: '2222',
    user: 'anna',
    password: 's3cret pässword',
  },
  {
    name: 'keyed',
    protocol: 'sftp',
    host: 'key.example',
    port: '22',
    user: 'bob',
    keyFile: '~/.ssh/id_ed25519',
    passphrase: 'key phrase',
  },
  { name: 'agentbox', protocol: 'sftp', host: 'agent.example', port: '22', user: 'root', agent: 'true' },
  { name: 'web', protocol: 'webdav', url: 'https://dav.example', user: 'anna', password: 'davpass' },
  { name: 'ftpbox', protocol: 'ftp', host: 'ftp.example', user: 'anna', password: 'ftppass', tls: 'none' },
]

describe('readRclone', () => {
  it('reads what rclone 1.60 wrote, with obscured passwords, and fills in the local user as rclone does', () => {
    expect(read(sample('rclone-plain.conf'), { localUser: 'root' })).toEqual(remotes)
  })

  it('reads every kind of remote that rclone 1.60 wrote and names one it has none for', () => {
    const items = read(sample('rclone-kinds.conf'))
    expect(items.slice(0, 5)).toEqual([
      {
        name: 'bucket',
        protocol: 's3',
        endpoint: 'https://s3.example:9000',
        region: 'eu-central-1',
        accessKeyId: 'AKIAEXAMPLE',
        secretAccessKey: 's3cret/secret+key',
        sessionToken: 'tok',
        notes: ['no-place'],
      },
      {
        name: 'share',
        protocol: 'smb',
        host: 'smb.example',
        domain: 'WORK',
        user: 'anna',
        password: 'smb päss',
        notes: ['no-place'],
      },
      {
        name: 'implicit',
        protocol: 'ftp',
        host: 'ftps.example',
        port: '990',
        user: 'bob',
        tls: 'implicit',
        password: 'a=b;c',
      },
      {
        name: 'explicit',
        protocol: 'ftp',
        host: 'ftpes.example',
        user: 'bob',
        tls: 'explicit',
        password: '#1',
      },
      {
        name: 'bearer',
        protocol: 'webdav',
        url: 'https://dav.example/remote',
        bearerToken: 'tok.en',
        notes: ['no-user'],
      },
    ])
    const key = new TextDecoder().decode(sample('keys/ed25519'))
    expect(items[5]).toMatchObject({ name: 'pem', host: 'pem.example', privateKey: key })
    expect(items[6]).toEqual({ name: 'photos', protocol: 'drive', problem: 'unsupported' })
  })

  it('reads the same after rclone encrypted it', () => {
    expect(read(sample('rclone-encrypted.conf'), { ...pass, localUser: 'root' })).toEqual(remotes)
  })

  it('leaves the user out where nobody knows one', () => {
    expect(read(utf8('[a]\ntype = sftp\nhost = h\n'))).toEqual([
      { name: 'a', protocol: 'sftp', host: 'h', port: '22', notes: ['no-user', 'no-secret'] },
    ])
  })

  it('reads a key that stands in the file itself', () => {
    const pem = '"-----BEGIN OPENSSH PRIVATE KEY-----\\nx\\n-----END OPENSSH PRIVATE KEY-----\\n"'
    expect(read(utf8(`[a]\r\ntype=sftp\r\nhost=h\r\nuser=u\r\nkey_pem=${pem}\r\n`))).toMatchObject([
      { privateKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n' },
    ])
  })

  it.for([
    ['no base64', 'not base64!'],
    ['too short for its IV', 'AAAA'],
    ['of another key', 'A'.repeat(64)],
  ])('reports an entry whose password is %s, and takes the others', ([, hidden]) => {
    const text = `[bad]\ntype=sftp\nhost=h\nuser=u\npass=${hidden}\n[good]\ntype=sftp\nhost=g\nuser=u\n`
    expect(read(utf8(text))).toMatchObject([{ name: 'bad', problem: 'bad-secret' }, { name: 'good' }])
  })

  it('takes the first of a key that is there twice', () => {
    expect(read(utf8('[a]\ntype=sftp\nhost=first\nhost=second\nuser=u\n'))).toMatchObject([{ host: 'first' }])
  })

  it('says wrong password, and asks for one, only for an encrypted file', () => {
    const bytes = sample('rclone-encrypted.conf')
    expect(whyRefused(() => read(bytes, { password: 'another' }))).toBe('wrong-password')
    expect(whyRefused(() => read(bytes))).toBe('usage')
    expect([isEncryptedRclone(encrypted), isEncryptedRclone('[a]\nRCLONE_ENCRYPT_V0:\n')]).toEqual([
      true,
      false,
    ])
  })

  it('refuses an encrypted file that is cut off or changed', () => {
    const mark = encrypted.indexOf('V0:') + 4
    expect(whyRefused(() => read(utf8(encrypted.slice(0, mark + 20)), pass))).toBe(
      'the encrypted part is not whole',
    )
    expect(whyRefused(() => read(utf8(`${encrypted.slice(0, mark)}!`), pass))).toBe(
      'the encrypted part is not whole',
    )
    const changed = `${encrypted.slice(0, mark + 80)}AAAA${encrypted.slice(mark + 84)}`
    expect(whyRefused(() => read(utf8(changed), pass))).toBe('wrong-password')
  })

  it('refuses a file without remotes and one with an open section', () => {
    expect(whyRefused(() => read(utf8('type = sftp\n')))).toBe('there is no remote in it')
    expect(whyRefused(() => read(utf8('[a\ntype=sftp\n')))).toBe('a section is not closed')
  })
})
