import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createImportBudget } from '../../../../main/core/import/import-budget.ts'
import { readImport } from '../../../../main/core/import/read-import.ts'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { importFormats } from '../../../../main/model/import.ts'
import type { ImportFormat } from '../../../../main/model/import.ts'
import { kdbxPassword, writeKdbx } from '../../../helpers/kdbx-writer.ts'
import { context, opener, sample, whyRefused, whyRejected } from './kit.ts'

const samples: Readonly<Record<ImportFormat, readonly string[]>> = {
  scheme1: ['scheme1-text.json', 'scheme1-bytes.csv'],
  portable: ['portable.json'],
  rclone: ['rclone-plain.conf', 'rclone-encrypted.conf'],
  openssh: ['ssh_config'],
  filezilla: ['sitemanager.xml'],
  winscp: ['WinSCP.ini'],
  cyberduck: ['cyberduck.duck'],
  bitwarden: ['bitwarden.json', 'bitwarden-pbkdf2.json', 'bitwarden-argon2id.json'],
  kdbx: ['keepassxc.kdbx', 'argon2d-chacha20.kdbx', 'aes-3.1.kdbx'],
  json: ['own.json'],
  csv: ['table.csv', 'own.csv'],
}
const pieces: Readonly<Record<ImportFormat, readonly string[]>> = {
  scheme1: [
    '[',
    ']',
    '{',
    '}',
    '"user":',
    '"algo":"pbkdf2_sha256"',
    ',',
    '"iterations":1e400',
    'user,salt',
    '\n',
    '"',
  ],
  portable: [
    '{"v":0',
    ',"kdf":{',
    '"name":""',
    ',"salt":""',
    ',"iterations":-1',
    '}',
    ',"token":""',
    '[',
    ']',
  ],
  rclone: [
    '[a]',
    '\n',
    'type=sftp',
    'host=h',
    'pass=',
    'AAAA',
    'RCLONE_ENCRYPT_V0:',
    '=',
    ';',
    'key_pem="\\n',
  ],
  openssh: [
    'Host ',
    '*',
    '!',
    'a',
    '\n',
    'Port ',
    '%',
    '%h',
    'HostName',
    '"',
    ' = ',
    'Match',
    'IdentityFile ',
  ],
  filezilla: [
    '<',
    '>',
    '/',
    '<Server>',
    '</Server>',
    '<FileZilla3><Servers>',
    '&',
    '&#x',
    ';',
    '<![CDATA[',
    ']]>',
    '<!--',
    'a="',
    '"',
  ],
  winscp: [
    '[Sessions\\',
    ']',
    '\n',
    'HostName=',
    '%',
    '%EF%BB%BF',
    'Password=',
    'A35C',
    'FF',
    '00',
    'UserName=',
  ],
  cyberduck: [
    '<plist>',
    '</plist>',
    '<array>',
    '<dict>',
    '</dict>',
    '<key>Protocol</key>',
    '<string>sftp</string>',
    '<key>',
    '<!DOCTYPE plist>',
    '<!DOCTYPE plist [',
    '&a;',
  ],
  bitwarden: [
    '{"encrypted":true',
    ',"passwordProtected":true',
    ',"salt":"s"',
    ',"kdfType":1',
    ',"kdfIterations":1e9',
    ',"data":"2.AA==|AA==|AA=="',
    '}',
    '{"items":[',
    '{"type":1,"login":{"uris":[]}}',
    ']',
  ],
  kdbx: ['\u0003\u00d9', '\0', '\u0004', '\r\n\r\n', '$UUID', '<KeePassFile>', 'B', '\u00ff'],
  json: [
    '{"format":"fernsync-export","version":1',
    ',"credentials":[',
    '{"name":"a","type":"sftp","fields":{},"secrets":{}}',
    '{"type":"generic"',
    ',',
    ']}',
  ],
  csv: ['host', ',', ';', '\t', '"', '""', '\n', '\r', 'user', 'x', '\u{feff}'],
}

/** A real file with damage: bytes replaced, cut out, doubled. */
const damaged = (bytes: Uint8Array) =>
  fc
    .array(
      fc.record({
        at: fc.nat(bytes.length),
        cut: fc.nat(40),
        put: fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constant(bytes.slice(0, 60))),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((changes) =>
      changes.reduce(
        (all, { at, cut, put }) => Uint8Array.of(...all.slice(0, at), ...put, ...all.slice(at + cut)),
        bytes,
      ),
    )

const input = (format: ImportFormat) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(fc.constantFrom(...pieces[format]), { maxLength: 60 }).map((all) => utf8(all.join(''))),
    ...samples[format].map((name) => damaged(sample(name))),
  )

describe('every reader', () => {
  it.for(importFormats)('of %s ends with items or an AppError, whatever it is given', async (format) => {
    // A key that opens nothing: what is looked for are readers that fall over, not secrets.
    const blank = () => Promise.resolve(new Uint8Array(32))
    const parts = opener({ derive: blank, stretch: blank })
    await fc.assert(
      fc.asyncProperty(input(format), async (bytes) => {
        const given = context({ password: 'config pass phrase', localUser: 'me' })
        await whyRejected(async () => {
          for (const item of await readImport(format, bytes, given, parts)) {
            expect(item.name.length).toBeGreaterThan(0)
            expect(item.problem !== null && Object.keys(item.secrets).length > 0).toBe(false)
          }
        })
      }),
      { numRuns: 600 },
    )
    expect(parts.derived.every(({ iterations }) => iterations >= 100_000 && iterations <= 10_000_000)).toBe(
      true,
    )
  })
})

describe('readKdbx', () => {
  it('ends whatever lies behind its encryption', async () => {
    const tags = ['Group', 'Entry', 'String', 'Key', 'Value Protected="True"', 'History', 'Binary'] as const
    const piece = fc.oneof(
      fc.constantFrom(...tags).map((tag) => `<${tag}>`),
      fc.constantFrom(...tags).map((tag) => `</${tag.split(' ')[0]}>`),
      fc.constantFrom(
        'Title',
        'URL',
        'Password',
        'sftp://h',
        'AAAA',
        '&amp;',
        '<Value Ref="0"/>',
        '<Value/>',
      ),
    )
    const pieces = fc.array(piece, { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), async (inner, isBare) => {
        const xml = isBare
          ? inner.join('')
          : `<KeePassFile><Root><Group>${inner.join('')}</Group></Root></KeePassFile>`
        const given = context({ password: kdbxPassword })
        await whyRejected(() => readImport('kdbx', writeKdbx({ xml }), given, opener()))
      }),
      { numRuns: 200 },
    )
  })
})

describe('createImportBudget', () => {
  it('ends a reader after ten seconds', () => {
    let now = 0
    const budget = createImportBudget(() => now)
    const run = () => {
      for (let step = 0; step < 1000; step += 1) budget.step()
    }
    expect(whyRefused(run)).toBe(null)
    now = 10_001
    expect(whyRefused(run)).toBe('it takes too long to read')
  })
})
