import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { createImportBudget } from '../../../../main/core/import/import-budget.ts'
import { readOpenSsh } from '../../../../main/core/import/openssh.ts'
import { lookUpSshHost } from '../../../../main/core/import/ssh-config.ts'
import { brief, context, sample, whyRefused } from './kit.ts'

const read = (bytes: Uint8Array, localUser?: string) =>
  readOpenSsh(bytes, context(localUser === undefined ? {} : { localUser })).map(brief)

describe('readOpenSsh', () => {
  it('makes an entry of each host that is named in full, with what all blocks say of it', () => {
    const keyFile = '~/.ssh/id_nas.example'
    const nas = { protocol: 'sftp', host: 'nas.example', port: '2222', user: 'anna', keyFile }
    expect(read(sample('ssh_config'))).toEqual([
      { name: 'nas', ...nas },
      { name: 'nas.example', ...nas },
      {
        name: 'short',
        protocol: 'sftp',
        host: 'short.example',
        port: '22',
        user: 'late',
        notes: ['no-secret', 'proxy-left-out'],
      },
      {
        name: 'quoted',
        protocol: 'sftp',
        host: '192.0.2.7',
        port: '22',
        user: 'late',
        notes: ['no-secret'],
      },
    ])
  })

  it('takes the local user where none is named, as ssh does', () => {
    expect(read(utf8('Host nas\n'), 'me')).toMatchObject([{ host: 'nas', user: 'me' }])
  })

  it('names the certificate of a host, as it names the key', () => {
    const text =
      'Host nas\nHostName nas.example\nCertificateFile ~/.ssh/%h-cert.pub\nHost box\nCertificateFile none\n'
    const items = readOpenSsh(utf8(text), context({ localUser: 'me' }))
    expect(items.map(({ certificateFile }) => certificateFile)).toEqual(['~/.ssh/nas.example-cert.pub', null])
  })

  it('reports a host whose port is no port, and takes the others', () => {
    expect(read(utf8('Host bad\nPort 99999999999\nHost good\n'), 'me')).toMatchObject([
      { name: 'bad', problem: 'bad-server' },
      { name: 'good' },
    ])
  })

  it('refuses a file that names no host', () => {
    expect(whyRefused(() => read(utf8('Host *\nUser a\n')))).toBe('it names no host')
  })

  it('looks for each of thousands of hosts at its own blocks only', () => {
    const text = Array.from({ length: 10_000 }, (_, n) => `Host h${n}\n  User u${n}\n`).join('')
    expect(read(utf8(text)).at(-1)).toMatchObject({ name: 'h9999', user: 'u9999' })
  })

  it('gives up on thousands of hosts under thousands of wildcards when the time is over', () => {
    let now = 0
    const given = { ...context(), budget: createImportBudget(() => (now += 1)) }
    const text = Array.from({ length: 3_000 }, (_, n) => `Host h${n} *.w${n}\n`).join('')
    expect(whyRefused(() => readOpenSsh(utf8(text), given))).toBe('it takes too long to read')
  })
})

describe('lookUpSshHost', () => {
  it('matches a pattern made to be slow without trying every split', () => {
    const pattern = `${'*a'.repeat(2000)}*b`
    expect(lookUpSshHost(`Host ${pattern}\nUser x\n`, 'a'.repeat(255)).size).toBe(0)
  })
})
