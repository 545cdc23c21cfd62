import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import { createImportBudget, MAX_IMPORT_STEPS } from '../../../../main/core/import/import-budget.ts'
import { planImport } from '../../../../main/core/import/import-plan.ts'
import { linesOf } from '../../../../main/core/import/import-text.ts'
import { wipeItems } from '../../../../main/core/import/imported-item.ts'
import { needsSourcePassword, readImport } from '../../../../main/core/import/read-import.ts'
import type { ImportFormat } from '../../../../main/model/import.ts'
import { innerHeader, kdbxPassword, writeKdbx } from '../../../helpers/kdbx-writer.ts'
import { context, opener, whyRefused, whyRejected } from './kit.ts'

/** The clock stands still: what is refused is refused for what it holds, on every machine. */
const standing = () => ({ ...context({ password: kdbxPassword }), budget: createImportBudget(() => 0) })
const why = (format: ImportFormat, file: string | Uint8Array): Promise<string | null> =>
  whyRejected(async () =>
    wipeItems(await readImport(format, typeof file === 'string' ? utf8(file) : file, standing(), opener())),
  )
const numbered = (count: number, text: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => text(at)).join('')

const ssh = (blocks: number, host: (at: number) => string): string =>
  numbered(blocks, (at) => `Host ${host(at)}\n`)
const database = (inner: string): string => `<KeePassFile><Root><Group>${inner}</Group></Root></KeePassFile>`
const bitwarden = (item: string): string => `{"encrypted":false,"items":[${item}]}`
const list = `[${'0,'.repeat(9_999)}0]`

describe('a file that costs more to read than to write', { timeout: 60_000 }, () => {
  it.for<readonly [string, ImportFormat, () => string | Uint8Array, string]>([
    ['lines of nothing', 'rclone', () => '\n'.repeat(500_001), 'it has too many lines'],
    ['line ends of each kind', 'winscp', () => '\r\n\r'.repeat(250_001), 'it has too many lines'],
    ['keys', 'rclone', () => `[a]\n${numbered(500_000, (at) => `${at}=\n`)}`, 'it has too many lines'],
    ['sections', 'winscp', () => numbered(11_001, (at) => `[${at}]\n`), 'it has too many sections'],
    [
      'sealed text of a letter a line',
      'rclone',
      () => `RCLONE_ENCRYPT_V0:\n${'A\n'.repeat(500_001)}`,
      'it has too many lines',
    ],
    ['settings', 'openssh', () => `Host a\n${'x y\n'.repeat(500_000)}`, 'it has too many lines'],
    ['hosts under wild ones', 'openssh', () => ssh(6_000, (at) => `h${at} *w${at}`), 'it has too many parts'],
    [
      'patterns of many stars',
      'openssh',
      () => `Host ${'a'.repeat(250)}\n${ssh(5_000, () => `${'*a'.repeat(500)}*b`)}`,
      'it has too many parts',
    ],
    [
      'settings of every host',
      'openssh',
      () =>
        `${`Host *\n${numbered(50, (at) => `k${'a'.repeat(at)} v\n`)}`.repeat(50)}${ssh(9_000, (at) => `h${at}`)}`,
      'it has too many parts',
    ],
    [
      'attributes',
      'filezilla',
      () => `<a ${numbered(33, (at) => ` a${at}=""`)}/>`,
      'an attribute is not valid',
    ],
    [
      'attributes of millions',
      'filezilla',
      () => `<r>${'<a b=""/>'.repeat(500_001)}</r>`,
      'it has too many tags',
    ],
    ['doubled quotes', 'csv', () => `host\n"${'""'.repeat(4_000_001)}"`, 'it has too many parts'],
    ['empty rows', 'csv', () => `host\n${'\n'.repeat(4_000_001)}`, 'it has too many parts'],
    ['columns', 'csv', () => ','.repeat(200_000), 'more than 100 columns'],
    [
      'values',
      'json',
      () => `[${`${list},`.repeat(100)}0]`,
      'it is not the JSON that is expected (too-large)',
    ],
    [
      'keys of one object',
      'json',
      () => `{${numbered(1001, (at) => `"${at}":0,`)}"":0}`,
      'it is not the JSON that is expected (too-large)',
    ],
    [
      'fields with names to be made',
      'bitwarden',
      () =>
        bitwarden(`{"type":1,"fields":[${'{"name":"a","value":"b"},'.repeat(9_999)}{}]},`.repeat(13) + '{}'),
      'it has too many parts',
    ],
    [
      'separators in what is sealed',
      'bitwarden',
      () =>
        `{"encrypted":true,"passwordProtected":true,"salt":"s","kdfType":0,"kdfIterations":100000,"encKeyValidation_DO_NOT_EDIT":"2.${'|'.repeat(1_000_000)}","data":""}`,
      'what it holds is not whole',
    ],
    [
      'blocks of a byte',
      'kdbx',
      () => writeKdbx({ content: new Uint8Array(10_016), blockBytes: 1 }),
      'it has too many blocks',
    ],
    [
      'fields before the document',
      'kdbx',
      () => writeKdbx({ content: gzipSync(Buffer.alloc(50_100, Buffer.of(9, 0, 0, 0, 0))) }),
      'it has too many attachments',
    ],
    [
      'protected values',
      'kdbx',
      () => writeKdbx({ xml: database('<Value Protected="True"/>'.repeat(200_001)) }),
      'it has too many protected values',
    ],
    ['tags', 'kdbx', () => writeKdbx({ xml: `<r>${'<a/>'.repeat(450_001)}</r>` }), 'it has too many tags'],
    [
      'entries',
      'kdbx',
      () => writeKdbx({ xml: database('<Entry/>'.repeat(10_001)) }),
      'more than 10000 entries',
    ],
  ])('is refused for its %s', async ([, format, file, reason]) => {
    expect(await why(format, file())).toBe(reason)
  })

  it('has no more copies of an attached key than fit into 16 MiB', async () => {
    const key = utf8(`\0-----BEGIN PRIVATE KEY-----\n${'A'.repeat(60_000)}`)
    const entry = '<Entry><Binary><Value Ref="0"/></Binary></Entry>'
    const file = (count: number): Uint8Array => {
      const parts = [innerHeader([key]), utf8(database(entry.repeat(count)))]
      return writeKdbx({ content: gzipSync(Buffer.concat(parts)) })
    }
    expect(await why('kdbx', file(200))).toBe(null)
    expect(await why('kdbx', file(300))).toBe('the keys attached in it are too large together')
  })

  it('does not count again for every field and entry whose name begins alike', async () => {
    const field = (at: number): string => `{"name":"${'n'.repeat(64)}${at}","value":"v"}`
    const fields = Array.from({ length: 9_000 }, (_, at) => field(at)).join()
    const file = bitwarden(Array.from({ length: 4 }, () => `{"type":1,"fields":[${fields}]}`).join())
    const [item] = await readImport('bitwarden', utf8(file), standing(), opener())
    expect(Object.keys(item?.secrets ?? {}).at(-1)).toBe(`${'n'.repeat(56)} 9000`)

    const rows = numbered(10_000, (at) => `${'n'.repeat(92)}${at % 5_000},h${at}\n`)
    const items = await readImport('csv', utf8(`name,host\n${rows}`), standing(), opener())
    const names = planImport(items, []).map(({ as }) => as)
    expect(new Set(names).size).toBe(10_000)
    expect(names.at(-1)).toBe(`${'n'.repeat(92)} (5001)`)
  })

  it('pays for names that others have, not for as many of its own', async () => {
    const file = (name: (at: number) => string): Uint8Array => {
      const fields = Array.from({ length: 9_000 }, (_, at) => `{"name":"${name(at)}","value":"v"}`).join()
      return utf8(bitwarden(Array.from({ length: 6 }, () => `{"type":1,"fields":[${fields}]}`).join()))
    }
    const alike = readImport(
      'bitwarden',
      file(() => 'n'),
      standing(),
      opener(),
    )
    await expect(alike).rejects.toMatchObject({ details: { why: 'it has too many parts' } })
    expect(
      await readImport(
        'bitwarden',
        file((at) => `n${at}`),
        standing(),
        opener(),
      ),
    ).toHaveLength(6)
  })

  it('is not an export of ours with ten thousand entries of a dozen secrets', async () => {
    const secrets = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`secret ${at}`, 'v']))
    const credentials = Array.from({ length: 10_000 }, (_, at) => ({
      name: `n${at}`,
      type: 'generic',
      tags: ['a', 'b'],
      expires: null,
      fields: { user: 'u', url: `https://h${at}/` },
      secrets,
    }))
    const file = JSON.stringify({ format: 'fernsync-export', version: 1, credentials })
    expect(await why('json', file)).toBe(null)
  })

  it('is not an export of Bitwarden with ten thousand entries of seven fields', async () => {
    const fields = Array.from({ length: 7 }, (_, at) => ({
      name: `f${at}`,
      value: 'v',
      type: 0,
      linkedId: null,
    }))
    const login = { uris: [{ match: null, uri: 'https://h/' }], username: 'u', password: 'p', totp: null }
    const item = JSON.stringify({ type: 1, name: 'n', notes: null, fields, login, collectionIds: null })
    expect(await why('bitwarden', bitwarden(numbered(9_999, () => `${item},`) + item))).toBe(null)
  })

  it('is not a database of KeePass with ten thousand entries of five fields', async () => {
    const standard = ['Title', 'UserName', 'Password', 'URL', 'Notes']
    const string = (at: number): string =>
      `<String>\n<Key>${standard[at] ?? at}</Key>\n<Value>v</Value>\n</String>\n`
    const times = `<Times>\n${numbered(7, (at) => `<T${at}>t</T${at}>\n`)}</Times>\n`
    const entry = `<Entry>\n<UUID>u</UUID>\n${times}${numbered(10, string)}<History/>\n</Entry>\n`
    expect(await why('kdbx', writeKdbx({ xml: database(entry.repeat(10_000)) }))).toBe(null)
  })

  it('is looked at for a password by its first lines only', () => {
    const far = `${'\n'.repeat(1_000)}RCLONE_ENCRYPT_V0:\n`
    expect(needsSourcePassword('rclone', utf8(far))).toBe(false)
    expect(needsSourcePassword('rclone', utf8(far.slice(1)))).toBe(true)
  })
})

describe('createImportBudget', () => {
  it('ends with the four millionth part, whatever the clock says', () => {
    const budget = createImportBudget(() => 0)
    budget.step(MAX_IMPORT_STEPS)
    expect(whyRefused(() => budget.step())).toBe('it has too many parts')
  })
})

describe('linesOf', () => {
  it.for([
    ['', ['']],
    ['a', ['a']],
    ['a\nb', ['a', 'b']],
    ['a\r\nb\rc\n', ['a', 'b', 'c', '']],
    ['\r\r\n\n', ['', '', '', '']],
    ['\n\r', ['', '', '']],
  ] as const)('splits %j as others do', ([text, lines]) => {
    expect([...linesOf(text)]).toEqual(lines)
    expect([...linesOf(text)]).toEqual(text.split(/\r\n|\n|\r/))
  })
})
