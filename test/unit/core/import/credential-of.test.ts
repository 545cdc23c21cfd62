import { describe, expect, it } from 'vitest'
import type { FoundEntry } from '../../../../main/core/import/found-entry.ts'
import { toItem } from '../../../../main/core/import/imported-item.ts'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { brief, context } from './kit.ts'

const item = (entry: FoundEntry) => brief(toItem({ name: 'n', ...entry }, context().budget))

describe('toItem', () => {
  it.for(['ftp', 'smb', 'webdav', 's3'] as const)(
    'keeps a key of %s, which has no field for one, in the notes',
    (protocol) => {
      const found = item({
        protocol,
        host: 'h',
        path: '/place',
        user: 'u',
        password: 'p',
        privateKey: utf8('KEY'),
        passphrase: 'PHRASE',
        comment: 'by hand',
      })
      expect(found).toMatchObject({ written: 'by hand\n\nprivate key: KEY\npassphrase: PHRASE\n' })
      expect(JSON.stringify(found)).not.toContain('"privateKey"')
    },
  )

  it.for([
    'androidapp://com.example',
    'sftp://u:canary@h:99999/',
    'not an address',
    'https://user:canary@h/',
  ])('keeps %j, which is no web address that lists may show, as a secret', (url) => {
    const found = item({ protocol: 'generic', url, password: 'p' })
    expect(found).toEqual({ name: 'n', protocol: 'generic', password: 'p', address: url })
  })

  it('leaves a web address where it is', () => {
    const url = 'https://h.example/path'
    expect(item({ protocol: 'generic', url, password: 'p' })).toEqual({
      name: 'n',
      protocol: 'generic',
      url,
      password: 'p',
    })
  })
})
