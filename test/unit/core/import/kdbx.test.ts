import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { readKdbx } from '../../../../main/core/import/kdbx.ts'
import type { OpenParts } from '../../../../main/core/import/open-rows.ts'
import {
  aesDictionary,
  ARGON2D,
  databaseXml,
  kdbxPassword,
  u32,
  u64,
  writeKdbx,
} from '../../../helpers/kdbx-writer.ts'
import type { KdbxParts } from '../../../helpers/kdbx-writer.ts'
import { brief, context, opener, sample, whyRejected } from './kit.ts'

const password = 'kdbx p&ss <w>örd'
const read = async (
  bytes: Uint8Array,
  changes: Parameters<typeof context>[0] = { password },
  parts: OpenParts = opener(),
) => (await readKdbx(bytes, context(changes), parts)).map(brief)

const web = {
  name: 'Web',
  protocol: 'sftp',
  host: 'web.example',
  port: '2222',
  user: 'deploy',
  password: 'p<w>& "ü" 🔑',
  tags: ['Servers', 'Production & more'],
  written: 'Two\nlines <é>',
  notes: ['history-left-out'],
}

describe('readKdbx', () => {
  it('reads what KeePassXC 2.7 wrote: groups and tags, an attached key, history and recycle bin left out', async () => {
    expect(await read(sample('keepassxc.kdbx'))).toEqual([
      {
        name: 'Mail',
        protocol: 'generic',
        url: 'https://mail.example/login',
        user: 'me@mail.example',
        password: 'mail secret',
        'API token': 'tok-<123>',
        otp: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP',
        'Customer number': '4711',
      },
      {
        name: 'Files',
        protocol: 'smb',
        host: 'files.example',
        share: 'share',
        user: 'alice',
        password: 'share secret',
        tags: ['Servers'],
      },
      {
        name: 'Keyed',
        protocol: 'sftp',
        host: 'keys.example',
        port: '22',
        user: 'git',
        password: 'key pass',
        privateKey: expect.stringMatching(/^-----BEGIN OPENSSH PRIVATE KEY-----/) as string,
        tags: ['Servers', 'backup', 'nightly'],
        notes: ['history-left-out'],
      },
      web,
      { name: 'Old', protocol: 'sftp', host: 'old.example', port: '22', problem: 'recycle-bin' },
    ])
  })

  it.for([
    ['ChaCha20 and Argon2d', 'argon2d-chacha20.kdbx', undefined],
    ['Argon2id and a key file', 'argon2id-keyfile.kdbx', 'sample.keyx'],
    ['version 3.1, Salsa20 inside', 'aes-3.1.kdbx', undefined],
  ] as const)('reads %s', async ([, file, keyFile]) => {
    const key = keyFile === undefined ? {} : { keyFile: sample(keyFile) }
    expect(await read(sample(file), { password, ...key })).toContainEqual(web)
  })

  it.for(['keepassxc.kdbx', 'argon2d-chacha20.kdbx', 'argon2id-keyfile.kdbx', 'aes-3.1.kdbx'])(
    'says of %s that another password does not open it',
    async (file) => {
      expect(await whyRejected(() => read(sample(file), { password: 'another' }))).toBe('wrong-password')
    },
  )

  it('wants a password or a key file', async () => {
    expect(await whyRejected(() => read(sample('keepassxc.kdbx'), {}))).toBe('usage')
  })

  it('says that a key file is damaged rather than that it is the wrong one', async () => {
    const text = new TextDecoder().decode(sample('sample.keyx')).replace(/[0-9A-F]{8}\s/, '00000000 ')
    const why = whyRejected(() => read(sample('argon2id-keyfile.kdbx'), { password, keyFile: utf8(text) }))
    expect(await why).toBe('its key file is damaged')
  })

  it('asks before a derivation that is estimated over 5 s', async () => {
    const parts = opener({ estimateStretchMs: () => Promise.resolve(7_000) })
    expect(await whyRejected(() => read(sample('keepassxc.kdbx'), { password }, parts))).toBe('slow-kdf')
    expect(parts.stretched).toEqual([])
    expect(await read(sample('keepassxc.kdbx'), { password }, { ...parts, allowSlowKdf: true })).toHaveLength(
      5,
    )
  })

  it.for([
    ['signature', 4, 'it is not a KDBX file'],
    ['header', 60, 'its header is damaged'],
    ['last block', -40, 'a block of it is damaged'],
  ] as const)('notices a changed byte of the %s', async ([, at, why]) => {
    const bytes = sample('keepassxc.kdbx')
    const place = at < 0 ? bytes.byteLength + at : at
    bytes[place] = (bytes[place] ?? 0) ^ 1
    expect(await whyRejected(() => read(bytes))).toBe(why)
  })

  it('notices every cut', async () => {
    const whole = sample('argon2d-chacha20.kdbx')
    for (let length = 0; length < whole.byteLength; length += 97)
      expect(await whyRejected(() => read(whole.slice(0, length)))).not.toBe(null)
  })

  const argon = (iterations: bigint, memory: bigint, lanes: number): KdbxParts['dictionary'] => [
    [0x42, '$UUID', ARGON2D],
    [0x42, 'S', new Uint8Array(32)],
    [0x05, 'I', u64(iterations)],
    [0x05, 'M', u64(memory)],
    [0x04, 'P', u32(lanes)],
    [0x04, 'V', u32(0x13)],
  ]
  it.for([
    ['2 GiB of memory', argon(1n, 2n ** 31n, 1)],
    ['no memory', argon(1n, 0n, 1)],
    ['memory of 2^63', argon(1n, 2n ** 63n, 1)],
    ['four thousand million iterations', argon(2n ** 32n, 2n ** 20n, 1)],
    ['no iterations', argon(0n, 2n ** 20n, 1)],
    ['65 lanes', argon(1n, 2n ** 30n, 65)],
    ['2^64 rounds', aesDictionary(2n ** 64n - 1n)],
    ['no rounds', aesDictionary(0n)],
  ] as const)('refuses %s before it derives anything', async ([, dictionary]) => {
    const parts = opener()
    const bytes = writeKdbx({ dictionary })
    expect(await whyRejected(() => read(bytes, { password: kdbxPassword }, parts))).toBe(
      'its key derivation asks for more than is done for a file',
    )
    expect(parts.stretched).toEqual([])
  })

  it('refuses a header that says something twice', async () => {
    const extraHeader = Buffer.concat([Buffer.of(4), u32(32), new Uint8Array(32)])
    expect(await whyRejected(() => read(writeKdbx({ extraHeader })))).toBe('its header names something twice')
  })

  it.for([
    [
      'an inflate bomb',
      { content: gzipSync(new Uint8Array(80 * 1024 * 1024)) },
      'what it holds does not inflate, or to more than 64 MiB',
    ],
    [
      'an entity',
      { xml: '<!DOCTYPE x [<!ENTITY a "aaaa">]><KeePassFile>&a;</KeePassFile>' },
      'it has a document type declaration',
    ],
    [
      'an unknown entity',
      { xml: '<KeePassFile>&abc;</KeePassFile>' },
      'it has an entity that is not predefined',
    ],
    ['groups without end', { xml: `<KeePassFile><Root>${'<Group>'.repeat(100_000)}` }, 'more than 32 levels'],
    ['no database', { xml: '<Other/>' }, 'there is no database in it'],
    [
      'more entries than are taken',
      { xml: databaseXml(Array.from({ length: 10_001 }, () => ({ title: 't', url: '', password: '' }))) },
      'more than 10000 entries',
    ],
  ] as const)('refuses %s', async ([, content, why]) => {
    expect(await whyRejected(() => read(writeKdbx(content), { password: kdbxPassword }))).toBe(why)
  })

  it('names no line of a document that nobody can look at', async () => {
    const broken = read(writeKdbx({ xml: '<KeePassFile>\n&' }), { password: kdbxPassword })
    await expect(broken).rejects.toHaveProperty('details', { why: 'an ampersand stands alone' })
  })

  it('reports an entry whose protected value is not whole, and reads the others', async () => {
    const xml = databaseXml([
      { title: 'one', url: 'sftp://one', password: 'first' },
      { title: 'two', url: 'sftp://two', password: 'second' },
    ]).replace(/(<Key>Title<\/Key><Value>two.*?Protected="True">)[^<]*/, '$1***')
    expect(await read(writeKdbx({ xml }), { password: kdbxPassword })).toMatchObject([
      { name: 'one', password: 'first' },
      { name: 'two', problem: 'bad-secret' },
    ])
  })
})
