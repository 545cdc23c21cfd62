import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { isEncryptedBitwarden, readBitwarden } from '../../../../main/core/import/bitwarden.ts'
import { brief, context, opener, sample, whyRejected } from './kit.ts'

const password = 'bitwarden phräse'
const read = async (bytes: Uint8Array, changes: Parameters<typeof context>[0] = {}, parts = opener()) =>
  (await readBitwarden(bytes, context(changes), parts)).map(brief)
const text = (name: string): string => new TextDecoder().decode(sample(name))

const web = {
  name: 'Web',
  protocol: 'sftp',
  host: 'web.example',
  port: '2222',
  user: 'deploy',
  password: 'p&ss <ü>',
  tags: ['Servers/Production'],
  notes: ['history-left-out'],
}

describe('readBitwarden', () => {
  it('reads an export in clear; cards and identities are named, not taken', async () => {
    expect(await read(sample('bitwarden.json'))).toMatchObject([
      web,
      {
        name: 'Mail',
        protocol: 'generic',
        url: 'https://mail.example/login',
        password: 'mail secret',
        totp: 'JBSWY3DP',
        PIN: '4711',
        Customer: 'C-1',
        written: 'line 1\nline 2',
      },
      { name: 'Router note', protocol: 'generic', written: 'admin is behind the cupboard' },
      { name: 'Card', problem: 'not-a-sign-in' },
      { name: 'Me', problem: 'not-a-sign-in' },
      {
        name: 'Deploy key',
        protocol: 'sftp',
        privateKey: expect.stringMatching(/PRIVATE KEY-----\n$/) as string,
        notes: ['no-server', 'no-user'],
      },
    ])
  })

  it('keeps every address of a login, and says that a passkey stays behind', async () => {
    const uris = ['https://one.example', 'https://two.example', 'https://one.example', null].map((uri) => ({
      uri,
    }))
    const login = { uris, username: 'anna', password: 'p', fido2Credentials: [{ credentialId: 'x' }] }
    const file = JSON.stringify({ encrypted: false, items: [{ type: 1, name: 'Shop', login }] })
    expect(await read(utf8(file))).toMatchObject([
      {
        name: 'Shop',
        url: 'https://one.example/',
        address: 'https://two.example',
        notes: ['passkey-left-out'],
      },
    ])
  })

  it.for(['bitwarden-pbkdf2.json', 'bitwarden-argon2id.json'])('opens %s with its password', async (file) => {
    expect(isEncryptedBitwarden(text(file))).toBe(true)
    const parts = opener()
    expect(await read(sample(file), { password }, parts)).toContainEqual(web)
    expect(parts.stretched).toHaveLength(1)
    expect(await whyRejected(() => read(sample(file), { password: 'another' }))).toBe('wrong-password')
    expect(await whyRejected(() => read(sample(file)))).toBe('usage')
  })

  it.for([
    ['iterations of a weak file', '"kdfIterations": 100000', '"kdfIterations": 4999'],
    ['endless iterations', '"kdfIterations": 100000', '"kdfIterations": 10000001'],
    ['no number', '"kdfIterations": 100000', '"kdfIterations": "100000"'],
    ['an unknown derivation', '"kdfType": 0', '"kdfType": 2'],
  ] as const)('refuses %s before it derives anything', async ([, from, to]) => {
    const parts = opener()
    const bytes = utf8(text('bitwarden-pbkdf2.json').replace(from, to))
    expect(await whyRejected(() => read(bytes, { password }, parts))).toBe(
      'its key derivation is not known or asks for more than is done for a file',
    )
    expect(parts.stretched).toEqual([])
  })

  it.for([
    [
      'an account-bound export',
      '{"encrypted":true,"data":"2.x"}',
      'it is bound to a Bitwarden account; export it again protected with a password',
    ],
    ['other JSON', '{"items":3}', 'it is not a JSON export of Bitwarden'],
    ['a list', '[]', 'it is not a JSON export of Bitwarden'],
    ['a twin key', '{"items":[],"items":[]}', 'it is not the JSON that is expected (duplicate-key)'],
  ] as const)('refuses %s', async ([, file, why]) => {
    expect(await whyRejected(() => read(utf8(file), { password }))).toBe(why)
  })

  it('notices damage behind the proof of the password', async () => {
    const damaged = text('bitwarden-pbkdf2.json').replace(
      /("data": "2\.[^|]*\|)(.)/,
      (_, head: string, first: string) => `${head}${first === 'A' ? 'B' : 'A'}`,
    )
    expect(await whyRejected(() => read(utf8(damaged), { password }))).toBe('what it holds is damaged')
  })

  it('reports an item of another shape and reads the others', async () => {
    expect(
      await read(
        utf8('{"items":[7,{"type":1,"name":"a","login":{"uris":[{"uri":"ssh://h"}],"password":"p"}}]}'),
      ),
    ).toMatchObject([{ problem: 'bad-entry' }, { name: 'a', host: 'h', password: 'p' }])
  })
})
