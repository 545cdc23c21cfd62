import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../../main/core/crypto/bytes.ts'
import { pbkdf2HmacSha256 } from '../../../../main/core/crypto/pbkdf2.ts'
import type { ExportedCredential } from '../../../../main/core/export/exported-credential.ts'
import { plainCsv } from '../../../../main/core/export/plain-csv.ts'
import { plainJson } from '../../../../main/core/export/plain-json.ts'
import { portableCredential } from '../../../../main/core/export/portable.ts'
import type { ImportedItem } from '../../../../main/core/import/imported-item.ts'
import { hideFormula, revealFormula } from '../../../../main/core/import/own-table.ts'
import { readImport } from '../../../../main/core/import/read-import.ts'
import { nodeRandom } from '../../../../main/adapters/node-random.ts'
import type { ImportFormat } from '../../../../main/model/import.ts'
import { context, opener } from '../import/kit.ts'

type Plain = Omit<ExportedCredential, 'secrets'> & { secrets: Record<string, string> }

const sealed = (plain: Plain): ExportedCredential => ({
  ...plain,
  secrets: Object.fromEntries(Object.entries(plain.secrets).map(([name, text]) => [name, utf8(text)])),
})
const opened = ({ name, type, tags, expires, fields, keyFile, secrets }: ImportedItem) => ({
  name,
  type,
  tags,
  expires,
  fields: { ...fields, ...(keyFile === null ? {} : { keyFile }) },
  secrets: Object.fromEntries(Object.entries(secrets).map(([field, bytes]) => [field, fromUtf8(bytes)])),
})
const read = async (format: ImportFormat, bytes: Uint8Array, password?: string) =>
  (await readImport(format, bytes, context(password === undefined ? {} : { password }), opener())).map(opened)

const all: readonly Plain[] = [
  {
    name: 'NAS "ö", 1',
    type: 'sftp',
    tags: ['a;b', 'c'],
    expires: '2027-01-31',
    fields: { host: 'nas.example', port: '2222', user: '@anna', keyFile: '/home/a/.ssh/id', agent: 'true' },
    secrets: {
      password: '=1+1',
      privateKey: '-----BEGIN X PRIVATE KEY-----\r\nx\n',
      notes: "'+quoted\n\u0001",
    },
  },
  {
    name: 'share',
    type: 'smb',
    tags: [],
    expires: null,
    fields: { host: 'h', share: 's', user: 'u', domain: 'D' },
    secrets: { password: "''=x" },
  },
  {
    name: 'bucket',
    type: 's3',
    tags: [],
    expires: null,
    fields: { bucket: 'b', accessKeyId: 'AK', pathStyle: 'true' },
    secrets: { secretAccessKey: '\t-"' },
  },
  {
    name: 'dav',
    type: 'webdav',
    tags: [],
    expires: null,
    fields: { url: 'https://d.example/x' },
    secrets: { bearerToken: 't,;' },
  },
  {
    name: 'old',
    type: 'ftp',
    tags: [],
    expires: null,
    fields: { host: 'f', tls: 'none', user: 'u' },
    secrets: {},
  },
  {
    name: 'cloud',
    type: 'oauth',
    tags: [],
    expires: null,
    fields: { provider: 'box' },
    secrets: { token: '{"a":1}' },
  },
  {
    name: '-card',
    type: 'generic',
    tags: ['=t'],
    expires: null,
    fields: { user: '+u' },
    secrets: { 'API token': '@x', PIN: "'" },
  },
]

describe('what is exported', () => {
  it.for(['json', 'csv'] as const)('is read back from %s word for word, kind by kind', async (format) => {
    const bytes = format === 'json' ? plainJson(all.map(sealed)) : plainCsv(all.map(sealed))
    expect(await read(format, bytes)).toEqual(all)
  })

  it('is read back from a portable file with its password', async () => {
    const parts = { random: nodeRandom, derive: pbkdf2HmacSha256 }
    for (const one of [all[0], all[6]].filter((each) => each !== undefined)) {
      const bytes = await portableCredential(sealed(one), utf8('portable password'), parts)
      expect(new TextDecoder().decode(bytes)).not.toContain('PRIVATE')
      expect(await read('portable', bytes, 'portable password')).toEqual([one])
    }
  })

  it('is read back whatever a secret holds', async () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((given) => given.isWellFormed() && !given.includes('\0'))
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (values) => {
        const some: Plain[] = values.map((password, at) => ({
          name: `n${at}`,
          type: 'generic',
          tags: [],
          expires: null,
          fields: { url: `https://h${at}` },
          secrets: { password, free: password },
        }))
        expect(await read('json', plainJson(some.map(sealed)))).toEqual(some)
        expect(await read('csv', plainCsv(some.map(sealed)))).toEqual(some)
      }),
      { numRuns: 200 },
    )
  })

  it('has no formula in its table', () => {
    const lines = new TextDecoder().decode(plainCsv(all.map(sealed)))
    expect(lines).not.toMatch(/(^|,)"[=+\-@\t\r]/)
  })
})

describe('hideFormula', () => {
  it.for([
    ['=1', "'=1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@x', "'@x"],
    ['\tx', "'\tx"],
    ['\rx', "'\rx"],
    ["'=1", "''=1"],
    ["'plain", "'plain"],
    ['a=1', 'a=1'],
    ['', ''],
  ] as const)('writes %j as %j, and it is undone', ([value, written]) => {
    expect([hideFormula(value), revealFormula(written)]).toEqual([written, value])
  })
})
