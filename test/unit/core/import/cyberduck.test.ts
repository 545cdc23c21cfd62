import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { readCyberduck } from '../../../../main/core/import/cyberduck.ts'
import { brief, context, sample, whyRefused } from './kit.ts'

const read = (bytes: Uint8Array) => readCyberduck(bytes, context()).map(brief)
const dict = (inner: string): Uint8Array => utf8(`<plist><dict>${inner}</dict></plist>`)

describe('readCyberduck', () => {
  it('reads a bookmark and says where its password is', () => {
    expect(read(sample('cyberduck.duck'))).toEqual([
      {
        name: 'Web & files',
        protocol: 'sftp',
        host: 'web.example',
        port: '2222',
        user: 'deploy',
        keyFile: '~/.ssh/id_web',
        tags: ['production'],
        notes: ['password-in-keychain'],
      },
    ])
  })

  it('makes an address of a WebDAV server, and leaves unknown protocols out by their name', () => {
    const bookmark = (protocol: string): Uint8Array =>
      dict(`<key>Protocol</key><string>${protocol}</string><key>Hostname</key><string>h</string>`)
    expect(read(bookmark('davs'))).toMatchObject([
      {
        name: 'h',
        protocol: 'webdav',
        url: 'https://h',
        notes: ['no-user', 'no-secret', 'password-in-keychain'],
      },
    ])
    expect(read(bookmark('dav'))).toMatchObject([{ url: 'http://h' }])
    expect(read(bookmark('irods'))).toEqual([
      { name: 'h', protocol: 'irods', host: 'h', problem: 'unsupported' },
    ])
  })

  it.for([
    [
      'an entity',
      utf8('<!DOCTYPE plist [<!ENTITY a "b">]><plist><dict/></plist>'),
      'it has a document type declaration',
    ],
    [
      'a second declaration inside',
      utf8('<plist><!DOCTYPE plist><dict/></plist>'),
      'it has a document type declaration',
    ],
    ['other XML', utf8('<other/>'), 'it is not a bookmark of Cyberduck'],
    ['a value without a key', dict('<string>sftp</string><key>Protocol</key>'), 'it is not a property list'],
  ] as const)('refuses %s', ([, bytes, why]) => {
    expect(whyRefused(() => read(bytes))).toBe(why)
  })
})
