import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { readWinScp } from '../../../../main/core/import/winscp.ts'
import { brief, context, sample, whyRefused } from './kit.ts'

const read = (bytes: Uint8Array) => readWinScp(bytes, context()).map(brief)
const site = (password: string): Uint8Array =>
  utf8(`[Sessions\\a]\nHostName=h\nUserName=u\nPassword=${password}\n`)
/** As WinSCP hides a byte. */
const hide = (...bytes: readonly number[]): string =>
  bytes.map((byte) => ((~byte & 0xff) ^ 0xa3).toString(16).padStart(2, '0').toUpperCase()).join('')

describe('readWinScp', () => {
  it('reads sites in folders, names beyond ASCII and short and long passwords', () => {
    const anna = { protocol: 'sftp', port: '22', user: 'anna' }
    expect(read(sample('WinSCP.ini'))).toEqual([
      { ...anna, name: 'Work/My NAS', host: 'nas.example', port: '2222', password: 's3cret pässword' },
      {
        name: 'Büro',
        protocol: 'sftp',
        host: 'buero.example',
        port: '22',
        user: 'jürgen',
        keyFile: 'C:\\keys\\id_rsa.ppk',
      },
      { ...anna, name: 'Long', host: 'long.example', password: 'x'.repeat(300) },
      { ...anna, name: 'Master', host: 'master.example', notes: ['no-secret', 'master-password'] },
      {
        name: 'Ftp site',
        protocol: 'ftp',
        host: 'ftp.example',
        port: '21',
        user: 'anna',
        password: 'ftppass',
        tls: 'none',
      },
      { ...anna, name: 'Moved', host: 'elsewhere.example', problem: 'bad-secret' },
    ])
  })

  it('reads a password of versions before the flag', () => {
    expect(read(site(hide(3, 1, 0, 0x61, 0x62, 0x63)))).toMatchObject([{ password: 'abc' }])
  })

  it.for([
    ['odd digits', 'A35'],
    ['no hex', 'xyz!'],
    ['a length beyond its end', hide(0xff, 0, 200, 0, 0x75, 0x68)],
    ['a long length beyond its end', hide(0xff, 2, 0xff, 0xff, 0, 0x75, 0x68)],
    ['a shift beyond its end', hide(0xff, 0, 2, 250, 0x75, 0x68)],
    ['an unknown version', hide(0xff, 9, 2, 0, 0x75, 0x68)],
    ['another site inside', hide(0xff, 0, 3, 0, 0x78, 0x78, 0x78)],
    ['bytes that are no text', hide(0xff, 0, 4, 0, 0x75, 0x68, 0xff, 0xfe)],
  ] as const)('reports a password with %s', ([, password]) => {
    expect(read(site(password))).toMatchObject([{ problem: 'bad-secret' }])
  })

  it('keeps what looks like an escape and is none', () => {
    expect(read(utf8('[Sessions\\100%]\nHostName=h\nUserName=%FF%zz\n'))).toMatchObject([
      { name: '100%', user: '%FF%zz' },
    ])
  })

  it('finds nothing in a file without sites, and refuses what is no such file', () => {
    expect(read(utf8('[Configuration]\nVersion=5\n'))).toEqual([])
    expect(whyRefused(() => read(utf8('{}')))).toBe('there is no section in it')
  })
})
