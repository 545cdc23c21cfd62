import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { readFileZilla } from '../../../../main/core/import/filezilla.ts'
import { brief, context, sample, whyRefused } from './kit.ts'

const read = (bytes: Uint8Array) => readFileZilla(bytes, context()).map(brief)
const sites = (inner: string): Uint8Array => utf8(`<FileZilla3><Servers>${inner}</Servers></FileZilla3>`)
const site = (inner: string): Uint8Array =>
  sites(`<Server><Protocol>1</Protocol><Host>h</Host><User>u</User>${inner}</Server>`)

describe('readFileZilla', () => {
  it('reads sites in folders, leaves other protocols out and says what stays behind', () => {
    expect(read(sample('sitemanager.xml'))).toEqual([
      {
        name: 'NAS & co',
        protocol: 'sftp',
        host: 'nas.example',
        port: '2222',
        user: 'anna',
        password: 's3cret pässword',
      },
      {
        name: 'Old FTP',
        protocol: 'ftp',
        host: 'ftp.example',
        port: '21',
        user: 'anna',
        password: 'ftppass',
        tls: 'explicit',
      },
      {
        name: 'Sealed',
        protocol: 'sftp',
        host: 'sealed.example',
        port: '22',
        user: 'anna',
        notes: ['no-secret', 'master-password'],
      },
      {
        name: 'With key',
        protocol: 'sftp',
        host: 'key.example',
        port: '22',
        user: 'anna',
        keyFile: '/nowhere/id_ed25519.ppk',
      },
    ])
  })

  it('reads what FileZilla 3.63 saved itself', () => {
    const common = { port: '22', user: 'anna' }
    const items = read(sample('sitemanager-filezilla.xml'))
    expect(items.map(({ name }) => name)).toEqual(['Made here', 'NAS & co', 'With key', 'Old FTP', 'Sealed'])
    expect(items[0]).toEqual({
      name: 'Made here',
      protocol: 'ftp',
      host: 'ftp2.example',
      port: '2121',
      user: 'clara',
      password: 'p<w>&"1"',
      written: 'typed & saved',
      tls: 'explicit',
    })
    expect(items[1]).toMatchObject({ password: 's3cret pässword', port: '2222' })
    expect(items[2]).toMatchObject({ ...common, keyFile: '/nowhere/id_ed25519.ppk' })
    expect(items[4]).toMatchObject({ ...common, notes: ['no-secret'] })
  })

  it('reads a password in clear, as old versions wrote it, with references and CDATA', () => {
    expect(read(site('<Pass>a&lt;&#x62;&#99;<![CDATA[<d>]]><!-- e --></Pass>'))).toMatchObject([
      { password: 'a<bc<d>' },
    ])
  })

  it.for([
    ['no base64', 'not base64'],
    ['no UTF-8', '/////w=='],
    ['NUL inside', 'YQBi'],
  ])('reports a site whose password is %s', ([, pass]) => {
    expect(read(site(`<Pass encoding="base64">${pass}</Pass>`))).toMatchObject([{ problem: 'bad-secret' }])
  })

  it.for([
    [
      'an entity bomb',
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><FileZilla3>&b;</FileZilla3>',
      'it has a document type declaration',
    ],
    [
      'an entity of a file',
      '<!DOCTYPE x SYSTEM "file:///etc/passwd"><FileZilla3/>',
      'it has a document type declaration',
    ],
    ['an unknown entity', '<FileZilla3>&nbsp;</FileZilla3>', 'it has an entity that is not predefined'],
    ['a lone ampersand', '<FileZilla3>a & b</FileZilla3>', 'an ampersand stands alone'],
    ['a NUL by number', '<FileZilla3>&#0;</FileZilla3>', 'it has a character that XML does not allow'],
    [
      'half a character by number',
      '<FileZilla3>&#xD800;</FileZilla3>',
      'it has a character that XML does not allow',
    ],
    ['deep nesting', `${'<a>'.repeat(100_000)}`, 'more than 32 levels'],
    [
      'millions of references',
      `<FileZilla3>${'&lt;'.repeat(1_000_001)}</FileZilla3>`,
      'it has too many tags',
    ],
    ['millions of tags', `<FileZilla3>${'<a/>'.repeat(1_000_000)}</FileZilla3>`, 'it has too many tags'],
    ['a truncated file', '<FileZilla3><Servers>', 'it is not one whole XML element'],
    ['a truncated tag', '<FileZilla3', 'a tag is not whole'],
    ['crossed tags', '<a><b></a></b>', 'tags do not match'],
    ['a closing tag alone', '</a>', 'tags do not match'],
    ['one attribute twice', '<a b="1" b="2"/>', 'an attribute is not valid'],
    ['an open comment', '<!--', 'it ends too early'],
    ['a comment that closes itself', '<!-->', 'it ends too early'],
    ['two roots', '<a/><b/>', 'it is not one whole XML element'],
    ['another document', '<html/>', 'it is not the site manager of FileZilla 3'],
    ['nothing', '', 'it is not one whole XML element'],
  ] as const)('refuses %s', ([, text, why]) => {
    expect(whyRefused(() => read(utf8(text)))).toBe(why)
  })

  it('refuses more than 10,000 sites', () => {
    expect(whyRefused(() => read(sites('<Server><Host>h</Host></Server>'.repeat(10_001))))).toBe(
      'more than 10000 entries',
    )
  })
})
