import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { readCsv } from '../../../../main/core/import/csv.ts'
import { brief, context, sample, whyRefused } from './kit.ts'

const read = (text: string | Uint8Array) =>
  readCsv(typeof text === 'string' ? utf8(text) : text, context()).map(brief)
const refused = (text: string | Uint8Array) => whyRefused(() => read(text))
const nas = { name: 'nas', protocol: 'sftp', host: 'nas.example', port: '22', user: 'anna', password: 'p' }

describe('readCsv', () => {
  it('reads a table with quotes and another separator, and tells what is left out from the rest', () => {
    expect(read(sample('table.csv'))).toEqual([
      {
        name: 'NAS',
        protocol: 'sftp',
        host: 'nas.example',
        port: '2222',
        user: 'anna',
        password: 's3cret; "quoted"',
      },
      {
        name: 'Web',
        protocol: 'webdav',
        url: 'https://dav.example',
        user: 'anna',
        password: 'davpass',
      },
      {
        name: 'Bad port',
        protocol: 'sftp',
        host: 'bad.example',
        port: '70000',
        user: 'anna',
        problem: 'bad-server',
      },
      {
        name: 'bob@plain.example',
        protocol: 'sftp',
        host: 'plain.example',
        port: '22',
        user: 'bob',
        password: 'pa"ss',
      },
    ])
  })

  it.for([
    ['commas and LF', 'name,host,user,password\nnas,nas.example,anna,p\n'],
    [
      'CRLF, a byte order mark and an empty line',
      '\ufeffname,host,user,password\r\nnas,nas.example,anna,p\r\n\r\n',
    ],
    ['CR alone, as old Macs write it', 'name,host,user,password\rnas,nas.example,anna,p'],
    ['tabs and other words for the columns', 'Title\tHost Name\tLogin\tPass\nnas\tnas.example\tanna\tp'],
    ['quotes around everything', '"name","host","user","password"\n"nas","nas.example","anna","p"'],
    ['short records', 'name,host,user,password,passphrase\nnas,nas.example,anna,p'],
  ] as const)('reads %s', ([, text]) => {
    expect(read(text)).toEqual([nas])
  })

  it('takes what it has no column for along, as a table of Bitwarden or KeePass may have', () => {
    const table = [
      'folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp',
      'Home,,login,Mail,,"PIN: 4711",,https://mail.example,anna,secret,JBSWY3DP',
      ',,login,NAS,by the door,,,sftp://nas.example,anna,secret,',
    ].join('\n')
    expect(read(table)).toMatchObject([
      {
        name: 'Mail',
        protocol: 'generic',
        user: 'anna',
        password: 'secret',
        logintotp: 'JBSWY3DP',
        fields: 'PIN: 4711',
      },
      {
        name: 'NAS',
        protocol: 'sftp',
        host: 'nas.example',
        user: 'anna',
        password: 'secret',
        written: 'by the door',
      },
    ])
    expect(read('host,user,otp\nnas.example,anna,JBSWY3DP')).toMatchObject([
      { host: 'nas.example', written: 'otp: JBSWY3DP\n' },
    ])
    expect(read('host,address,user\nnas.example,10.0.0.2,anna')).toMatchObject([
      { host: 'nas.example', written: 'address: 10.0.0.2\n' },
    ])
  })

  it('reads UTF-16 with a byte order mark', () => {
    const text = 'name,host,user,password\nnas,nas.example,anna,p\n'
    const little = Buffer.from(`\ufeff${text}`, 'utf16le')
    expect(read(Uint8Array.from(little))).toEqual([nas])
    expect(read(Uint8Array.from(little.swap16()))).toEqual([nas])
  })

  it('keeps line ends and quotes inside a quoted value', () => {
    const key = '-----BEGIN KEY-----\nx\n-----END KEY-----\n'
    const [item] = read(`host,user,private_key\nh,u,"${key}"\n`)
    expect(item).toEqual({ name: 'u@h', protocol: 'sftp', host: 'h', port: '22', user: 'u', privateKey: key })
  })

  it.for([
    ['an open quote', 'host,user\n"nas,anna\n', 'a quote is not closed'],
    ['text behind a quote', 'host,user\n"nas"x,anna\n', 'text follows a closing quote'],
    [
      'a record longer than the header',
      'host,user\nnas,anna,extra\n',
      'a record has more values than there are columns',
    ],
    ['one name for two columns', 'host,HOST\nnas,box\n', 'two columns have one name'],
    ['no column for the server', 'a,b\n1,2\n', 'there is no column "host"'],
    ['a NUL', 'host,user\nnas\0,anna\n', 'it holds NUL characters'],
    ['nothing', '', 'it is empty'],
    ['a thousand columns', `host${',x'.repeat(1000)}\n`, 'more than 100 columns'],
  ] as const)('refuses %s', ([, text, why]) => {
    expect(refused(text)).toBe(why)
  })

  it('refuses what is neither UTF-8 nor marked UTF-16, and files over 16 MiB', () => {
    expect(refused(Uint8Array.of(0x68, 0xe4, 0x0a))).toBe(
      'it is neither UTF-8 nor UTF-16 with a byte order mark',
    )
    expect(refused(new Uint8Array(16 * 1024 * 1024 + 1))).toBe('it is larger than 16 MiB')
  })

  it('refuses more than 10,000 entries', () => {
    expect(read(`host\n${'nas\n'.repeat(10_000)}`)).toHaveLength(10_000)
    expect(refused(`host\n${'nas\n'.repeat(10_001)}`)).toBe('more than 10000 entries')
  })

  it('gives every entry a name that a sign-in may have', () => {
    const names = read(`name,host\n" tab\there ",h\n${'x'.repeat(300)},h\n"\u0007",h\n,h\n`).map(
      ({ name }) => name,
    )
    expect(names).toEqual(['tab here', 'x'.repeat(100), 'h', 'h'])
  })
})
