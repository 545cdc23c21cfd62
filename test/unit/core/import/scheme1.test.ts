import { describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { fernetEncrypt } from '../../../../main/core/crypto/fernet.ts'
import { pbkdf2HmacSha256 } from '../../../../main/core/crypto/pbkdf2.ts'
import { wipeItems } from '../../../../main/core/import/imported-item.ts'
import { openRows } from '../../../../main/core/import/open-rows.ts'
import { readPortable } from '../../../../main/core/import/portable.ts'
import { readScheme1 } from '../../../../main/core/import/scheme1.ts'
import { brief, context, opener, sample, whyRejected } from './kit.ts'

const phrase = { password: 'import phrase' }

async function open(bytes: Uint8Array, parts = opener(), given = context(phrase)) {
  return (await openRows(readScheme1(bytes, given.budget), given, parts)).map(brief)
}

const salt = toBase64Url(new Uint8Array(16).fill(7))
/** A row that opens with the phrase, by the published recipe. */
async function row(secret: string, changes: object = {}): Promise<Record<string, unknown>> {
  const key = await pbkdf2HmacSha256({
    password: utf8(phrase.password),
    salt: utf8(salt),
    iterations: 100_000,
    length: 32,
  })
  const token = fernetEncrypt(key, utf8(secret), { iv: new Uint8Array(16), timestamp: 0 })
  return { user: 'anna', algo: 'pbkdf2_sha256', iterations: 100_000, salt, secret: token, ...changes }
}
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value))

describe('a table of scheme 1', () => {
  it("opens what Python's cryptography wrote by the published recipe, one derivation per salt", async () => {
    const parts = opener()
    const notes = ['no-server']
    expect(await open(sample('scheme1-text.json'), parts)).toEqual([
      { name: 'anna', protocol: 'sftp', user: 'anna', password: 's3cret pässword', notes },
      { name: 'bob', protocol: 'sftp', user: 'bob', password: "bob's secret", notes },
      { name: 'carla', protocol: 'sftp', user: 'carla', password: "carla's secret", notes },
      { name: 'damaged', protocol: 'sftp', user: 'damaged', problem: 'not-opened' },
      {
        name: 'dora',
        protocol: 'sftp',
        host: 'nas.example',
        port: '2222',
        user: 'dora',
        password: "dora's",
      },
    ])
    expect(parts.derived.map(({ iterations }) => iterations)).toEqual([120_000, 100_000])
  })

  it('opens a table whose salts were decoded first', async () => {
    const notes = ['no-server']
    expect(await open(sample('scheme1-bytes.csv'))).toEqual([
      { name: 'anna', protocol: 'sftp', user: 'anna', password: 'first, "quoted"', notes },
      { name: 'bob', protocol: 'sftp', user: 'bob', password: 'second', notes },
    ])
  })

  it('takes the server from columns, and iterations written as text', async () => {
    const rows = [await row('p', { host: 'nas.example', port: 2222, name: 'NAS', iterations: ' 100000 ' })]
    expect(await open(json(rows))).toEqual([
      { name: 'NAS', protocol: 'sftp', host: 'nas.example', port: '2222', user: 'anna', password: 'p' },
    ])
  })

  it.for([
    ['too few iterations', { iterations: 99_999 }, 'kdf-bounds'],
    ['too many iterations', { iterations: 10_000_001 }, 'kdf-bounds'],
    ['huge iterations', { iterations: '9'.repeat(400) }, 'kdf-bounds'],
    ['infinite iterations', { iterations: '1e309' }, 'kdf-bounds'],
    ['negative iterations', { iterations: -1 }, 'kdf-bounds'],
    ['half an iteration', { iterations: 100_000.5 }, 'kdf-bounds'],
    ['hexadecimal iterations', { iterations: '0xfffff' }, 'kdf-bounds'],
    ['no iterations', { iterations: null }, 'kdf-bounds'],
    ['a salt of 15 bytes', { salt: toBase64Url(new Uint8Array(15)) }, 'kdf-bounds'],
    ['a salt of 65 bytes', { salt: toBase64Url(new Uint8Array(65)) }, 'kdf-bounds'],
    ['a salt of a megabyte', { salt: 'A'.repeat(1_000_000) }, 'kdf-bounds'],
    ['no salt', { salt: '' }, 'kdf-bounds'],
    ['another algorithm', { algo: 'scrypt' }, 'kdf-unknown'],
    ['no algorithm', { algo: null }, 'bad-entry'],
    ['a secret that is no token', { secret: 'aGVsbG8=' }, 'bad-secret'],
    ['a secret of another version', { secret: toBase64Url(new Uint8Array(73)) }, 'bad-secret'],
    ['a secret of a megabyte', { secret: 'gAAA'.repeat(250_000) }, 'bad-secret'],
  ] as const)('refuses a row with %s before any derivation', async ([, changes, problem]) => {
    const parts = opener()
    expect(await open(json([await row('p', changes)]), parts)).toMatchObject([{ problem }])
    expect(parts.derived).toEqual([])
  })

  it('reports rows of another shape and takes the others', async () => {
    const problems = (await open(json([1, null, [], {}, await row('p')]))).map((item) =>
      'problem' in item ? item.problem : 'none',
    )
    expect(problems).toEqual(['bad-entry', 'bad-entry', 'bad-entry', 'bad-entry', 'none'])
  })

  it('asks before derivations that take long, without deriving', async () => {
    const parts = opener({ estimateMs: (iterations) => Promise.resolve(iterations / 20) })
    const rows = json([await row('a'), await row('b', { salt: toBase64Url(new Uint8Array(16)) })])
    expect(await whyRejected(() => open(rows, parts))).toBe('slow-kdf')
    expect(parts.derived).toEqual([])
    const allowed = opener({ estimateMs: () => Promise.resolve(60_000), allowSlowKdf: true })
    expect(await open(rows, allowed)).toHaveLength(2)
  })

  it('says wrong password when no row opens, and needs one', async () => {
    const rows = json([await row('a')])
    expect(await whyRejected(() => open(rows, opener(), context({ password: 'other' })))).toBe(
      'wrong-password',
    )
    expect(await whyRejected(() => open(rows, opener(), context()))).toBe('usage')
  })

  it('wipes every key it derived', async () => {
    const keys: Uint8Array[] = []
    const parts = opener({
      async derive(input) {
        const key = await pbkdf2HmacSha256(input)
        keys.push(key)
        return key
      },
    })
    await open(sample('scheme1-bytes.csv'), parts)
    expect(keys.length).toBeGreaterThan(0)
    expect(keys.every((key) => key.every((byte) => byte === 0))).toBe(true)
  })

  it.for([
    ['an object', '{"user":"anna"}', 'it is JSON, but not an array of rows'],
    ['a truncated array', '[{"user":"anna"', 'it is not the JSON that is expected (syntax)'],
    ['one key twice', '[{"user":"a","user":"b"}]', 'it is not the JSON that is expected (duplicate-key)'],
    ['a prototype', '[{"__proto__":{}}]', 'it is not the JSON that is expected (forbidden-key)'],
    ['deep nesting', '['.repeat(100_000), 'it is not the JSON that is expected (too-deep)'],
    ['too many rows', `[${'1,'.repeat(10_000)}1]`, 'more than 10000 entries'],
  ] as const)('refuses a file that is %s', async ([, text, why]) => {
    expect(await whyRejected(() => open(utf8(text)))).toBe(why)
  })
})

describe('wipeItems', () => {
  it('overwrites every secret', async () => {
    const given = context(phrase)
    const items = await openRows(readScheme1(sample('scheme1-bytes.csv'), given.budget), given, opener())
    wipeItems(items)
    const bytes = items.flatMap(({ secrets }) => Object.values(secrets)).flatMap((one) => [...one])
    expect(bytes.length).toBeGreaterThan(0)
    expect(new Set(bytes)).toEqual(new Set([0]))
  })
})

describe('readPortable', () => {
  const open = async (bytes: Uint8Array, parts = opener()) => {
    const given = context(phrase)
    return (await openRows(readPortable(bytes, given.budget), given, parts)).map(brief)
  }

  it('opens one portable credential, and several', async () => {
    const item = {
      name: 'portable nas',
      protocol: 'sftp',
      host: 'nas.example',
      port: '22',
      user: 'anna',
      password: 'portable secret',
    }
    expect(await open(sample('portable.json'))).toEqual([item])
    const twice = new TextDecoder().decode(sample('portable.json')).trim()
    expect(await open(utf8(`[${twice},${twice}]`))).toEqual([item, item])
  })

  it('takes what is no sign-in as the password itself', async () => {
    for (const secret of ['{"a":1}', '{', '{"password":[]}']) {
      const { iterations, secret: token } = await row(secret)
      const kdf = { name: 'pbkdf2-hmac-sha256', salt, iterations }
      expect(await open(json({ v: 0, kdf, token }))).toMatchObject([{ password: secret }])
    }
  })

  it('refuses hostile parameters before any derivation, and other versions', async () => {
    const { iterations, secret: token } = await row('p')
    const kdf = { name: 'pbkdf2-hmac-sha256', salt, iterations }
    const parts = opener()
    expect(await open(json({ v: 0, kdf: { ...kdf, iterations: 4e9 }, token }), parts)).toMatchObject([
      { problem: 'kdf-bounds' },
    ])
    expect(parts.derived).toEqual([])
    expect(await whyRejected(() => open(json({ v: 1, kdf, token })))).toBe(
      'it is not a portable credential of version 0',
    )
  })
})
