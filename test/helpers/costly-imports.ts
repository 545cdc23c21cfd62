import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ImportFormat } from '../../main/model/import.ts'
import { innerHeader, writeKdbx } from './kdbx-writer.ts'

/** A file that costs little to write and as much as possible to read. */
export type CostlyImport = {
  readonly format: ImportFormat
  readonly name: string
  /** At most `size` bytes; for a database, of what is inside it. */
  readonly make: (size: number) => Uint8Array
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text))

/** `piece` as often as fits between a beginning and an end. */
function filled(size: number, piece: string, start = '', end = ''): string {
  const room = size - start.length - end.length
  return start + piece.repeat(Math.max(0, Math.floor(room / piece.length))) + end
}

type Ends = readonly [start: string, end: string]

/** The same with a piece that is another each time, `most` times at most. */
function counted(
  size: number,
  piece: (at: number) => string,
  ends: Ends = ['', ''],
  most = Infinity,
): string {
  const [start, end] = ends
  const parts = [start]
  let left = size - start.length - end.length
  for (let at = 0; at < most; at += 1) {
    const next = piece(at)
    left -= next.length
    if (left < 0) break
    parts.push(next)
  }
  return parts.join('') + end
}

type Text = (size: number) => string

const repeated =
  (piece: string, start = '', end = ''): Text =>
  (size) =>
    filled(size, piece, start, end)
const each =
  (piece: (at: number) => string, start = '', end = '', most = Infinity): Text =>
  (size) =>
    counted(size, piece, [start, end], most)

const id = (at: number): string => at.toString(36)

/** `key=value` lines, which two programs write. */
const ini: Readonly<Record<string, Text>> = {
  'empty lines': repeated('\n'),
  'lines that end twice': repeated('\r\n'),
  'lines of one letter': repeated('a\n', '[a]\n'),
  comments: repeated('#\n', '[a]\n'),
  'sections without end': each((at) => `[${id(at)}]\n`),
  'one section again and again': repeated('[a]\n'),
  'keys without end': each((at) => `${id(at)}=\n`, '[a]\n'),
  'one long line': repeated(' = ', '[a]\n', 'x'),
  'one line of spaces': repeated(' ', '[a]\n', 'x'),
  'a section that is not closed, far down': repeated('\n', '', '['),
}

const xml: Readonly<Record<string, Text>> = {
  'empty elements': repeated('<a/>', '<r>', '</r>'),
  elements: repeated('<a></a>', '<r>', '</r>'),
  'elements and texts': repeated('<a>b</a>c', '<r>', '</r>'),
  'attributes of one element': each((at) => `\na${id(at)}=''`, '<r><a', '/></r>'),
  'an attribute each': repeated("<a b=''/>", '<r>', '</r>'),
  'attributes of nothing': repeated("<a b='' c='' d='' e=''/>", '<r>', '</r>'),
  references: repeated('&lt;', '<r>', '</r>'),
  'references in an attribute': repeated('&#9;', "<r a='", "'/>"),
  comments: repeated('<!---->', '<r>', '</r>'),
  instructions: repeated('<??>', '<r>', '</r>'),
  sections: repeated('<![CDATA[]]>', '<r>', '</r>'),
  'levels that never end': repeated('<a>', ''),
  'deep trees': repeated(`${'<a>'.repeat(28)}${'</a>'.repeat(28)}`, '<r>', '</r>'),
  'lines before a mistake': repeated('\n', '<r>', '&'),
  'spaces in a tag': repeated(' ', '<r', '/>'),
  'names of the greatest length': repeated(`<${'a'.repeat(100)}/>`, '<r>', '</r>'),
  'a comment that is not closed': repeated('<!--', '<r>'),
  'texts of two bytes a letter': repeated('<a>b</a>', '<r>\u20ac', '</r>'),
}

const json: Readonly<Record<string, Text>> = {
  'empty lists': repeated('[],', '[', '1]'),
  'lists of lists': (size) => {
    const inner = `[${'[],'.repeat(9_999)}[]],`
    return filled(size, inner, '[', '[]]')
  },
  'objects of objects': (size) => {
    const inner = `{${Array.from({ length: 9_999 }, (_, at) => `"${id(at)}":{}`).join()}},`
    return filled(size, inner, '[', '{}]')
  },
  'brackets that never close': repeated('['),
  escapes: repeated('\\n', '["', '"]'),
  'code points': repeated('\\u0041', '["', '"]'),
  'one long number': repeated('9', '[', ']'),
  'numbers that overflow': repeated('1e999,', '[', '1]'),
  spaces: repeated(' ', '[', ']'),
  keys: each((at) => `"${id(at)}":1,`, '{', '"":1}'),
}

const csv: Readonly<Record<string, Text>> = {
  'empty lines': repeated('\n', 'host,user\n'),
  'empty cells': repeated(',', 'host,user\n'),
  'empty columns': repeated(','),
  'quotes in a quoted cell': repeated('""', 'host\n"', '"'),
  'quoted cells': repeated('"",', 'host,user\n'),
  'lines in a quoted cell': repeated('\n', 'host\n"', '"'),
  'a quote that is not closed': repeated('""', 'host\n"'),
  'rows of many columns': repeated(
    `${'a,'.repeat(99)}a\n`,
    `host,${Array.from({ length: 99 }, (_, at) => `c${at}`).join()}\n`,
  ),
  'filled columns that are none of ours': each(
    (at) => `h${at}${`,${'v'.repeat(128)}`.repeat(12)}\n`,
    `host,${Array.from({ length: 12 }, (_, at) => `c${at}`).join()}\n`,
    '',
    10_000,
  ),
  'rows of one letter': repeated('a\n', 'host\n'),
  'one long cell': repeated('a', 'host\n'),
  addresses: each((at) => `https://h${at}/${'%41'.repeat(520)}\n`, 'url\n', '', 10_000),
  'slashes in addresses': each(() => `https://h${'/'.repeat(4000)}x\n`, 'url\n', '', 10_000),
  'names that begin alike': each((at) => `${'n'.repeat(96)}${at % 5000},h\n`, 'name,host\n', '', 10_000),
  'a name again and again': repeated('n,h\n', 'name,host\n'),
}

/** Of JSON that is cheap to write: so much has about as many values as are read. */
const MANY_VALUES = 7_000_000

const items =
  (fields: Text): Text =>
  (size) => {
    const item = fields(Math.min(size / 2, 100_000))
    return counted(Math.min(size, MANY_VALUES), () => item, ['{"encrypted":false,"items":[', '{}]}'])
  }

const bitwarden: Readonly<Record<string, Text>> = {
  'fields of one name': items(
    repeated('{"name":"a","value":"b"},', '{"type":1,"name":"a","fields":[', '{}]},'),
  ),
  'fields whose names begin alike': (size) => {
    const field = (at: number): string => `{"name":"${'a'.repeat(64)}${at}","value":"b"},`
    const item = counted(Math.min(size / 2, 200_000), field, ['{"type":1,"name":"a","fields":[', '{}]},'])
    return counted(size, () => item, ['{"encrypted":false,"items":[', '{}]}'])
  },
  addresses: items(repeated('{"uri":"//"},', '{"type":1,"login":{"uris":[', '{}]}},')),
  collections: (size) => {
    const ids = Array.from({ length: 90 }, (_, at) => id(at))
    const named = ids.map((each) => `{"id":"${each}","name":"${each}${'a\u0300'.repeat(200)}"}`)
    const start = `{"encrypted":false,"collections":[${named.join()}],"items":[`
    const item = `{"type":1,"collectionIds":[${ids.map((each) => `"${each}"`).join()}]},`
    return counted(Math.min(size, MANY_VALUES), () => item, [start, '{}]}'], 9_999)
  },
  folders: each((at) => `{"id":"${at}","name":""},`, '{"encrypted":false,"items":[],"folders":[', '{}]}'),
  'items of nothing': repeated('{},', '{"encrypted":false,"items":[', '{}]}'),
  'what is sealed in no parts': (size) => filled(size, '|', sealedStart('2.'), '"}'),
  'what is sealed in text': (size) => filled(size, 'A', sealedStart('2.AAAAAAAAAAAAAAAAAAAAAA==|'), '"}'),
}

function sealedStart(data: string): string {
  return `{"encrypted":true,"passwordProtected":true,"salt":"s","kdfType":0,"kdfIterations":100000,"encKeyValidation_DO_NOT_EDIT":"2.AAAAAAAAAAAAAAAAAAAAAA==|AAAAAAAAAAAAAAAAAAAAAA==|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","data":"${data}`
}

const openssh: Readonly<Record<string, Text>> = {
  'empty lines': repeated('\n'),
  'hosts that each look at wild ones': (size) =>
    counted(size / 2, (at) => `Host h${at}\n`, ['', ''], 10_000) +
    counted(size / 2, (at) => `Host *x${at}\n`, ['', ''], 10_000),
  'patterns that try every split': (size) =>
    counted(size, () => `Host ${`${'*a'.repeat(500)}b `.repeat(100)}\n`, [`Host ${'a'.repeat(250)}\n`, '']),
  'hosts and settings': (size) =>
    counted(size / 2, (at) => `${'k'.repeat(2)}${letters(at)} v\n`, ['Host *\n', '']) +
    counted(size / 2, (at) => `Host h${at}\n`, ['', ''], 9_000),
  'hosts of one line': each((at) => ` h${at}`, 'Host a'),
  'tokens to expand': each((at) => `Host h${at}\nHostName ${'%h'.repeat(600)}\n`),
  'one long line': repeated(' ', 'Host a', 'x'),
  'words of one line': repeated('a ', 'Host '),
}

function letters(at: number): string {
  return [...String(at)].map((digit) => String.fromCharCode(97 + Number(digit))).join('')
}

const cyberduck: Readonly<Record<string, Text>> = {
  labels: repeated('<string>a</string>', '<plist><dict><key>Labels</key><array>', '</array></dict></plist>'),
  'bookmarks of nothing': repeated('<dict/>', '<plist><array>', '</array></plist>'),
  'keys without end': repeated('<key/><string/>', '<plist><dict>', '</dict></plist>'),
}

const filezilla: Readonly<Record<string, Text>> = {
  'servers of nothing': repeated('<Server/>', '<FileZilla3><Servers>', '</Servers></FileZilla3>'),
  'parts of one server': repeated(
    '<a/>',
    '<FileZilla3><Servers><Server>',
    '</Server></Servers></FileZilla3>',
  ),
  'folders in folders': (size) =>
    filled(
      size,
      '<Folder/>',
      `<FileZilla3><Servers>${'<Folder>'.repeat(28)}`,
      `${'</Folder>'.repeat(28)}</Servers></FileZilla3>`,
    ),
  'one long password': repeated(
    'A',
    '<FileZilla3><Servers><Server><Pass encoding="base64">',
    '</Pass></Server></Servers></FileZilla3>',
  ),
}

const rclone: Readonly<Record<string, Text>> = {
  'what is sealed in lines of a letter': repeated('A\n', 'RCLONE_ENCRYPT_V0:\n'),
  'what is sealed in spaces': repeated(' ', 'RCLONE_ENCRYPT_V0:\n', 'A'),
  'what is sealed': repeated('A', 'RCLONE_ENCRYPT_V0:\n'),
  'one long obscured password': repeated('A', '[a]\ntype=sftp\nhost=h\npass='),
  'one long key': repeated('\\n', '[a]\ntype=sftp\nhost=h\nkey_pem="'),
  addresses: each((at) => `[${at}]\ntype=webdav\nurl=https://h/${'a'.repeat(1500)}\n`, '', '', 10_000),
}

const winscp: Readonly<Record<string, Text>> = {
  sites: each((at) => `[Sessions\\${id(at)}]\nHostName=h\n`),
  escapes: each((at) => `[Sessions\\${at}]\nHostName=${'%C3%A9'.repeat(30_000)}\n`),
  'hidden passwords': each((at) => `[Sessions\\${at}]\nHostName=h\nPassword=${'A3'.repeat(90_000)}\n`),
}

const scheme1: Readonly<Record<string, Text>> = {
  rows: repeated('u,pbkdf2,100000,s,t\n', 'user,algo,iterations,salt,secret\n'),
  'long values': each(
    () => `u,pbkdf2_sha256,100000,${'A'.repeat(40)},gAAAA${'A'.repeat(1500)}\n`,
    'user,algo,iterations,salt,secret\n',
    '',
    10_000,
  ),
  'objects of many fields': (size) => {
    const inner = `{${Array.from({ length: 999 }, (_, at) => `"${id(at)}":1`).join()}},`
    return filled(Math.min(size, MANY_VALUES), inner, '[', '{}]')
  },
}

const json1: Readonly<Record<string, Text>> = {
  'credentials of many fields': (size) => {
    const fields = Array.from({ length: 900 }, (_, at) => `"${id(at)}":""`).join()
    const one = `{"name":"a","type":"generic","fields":{${fields}},"secrets":{${fields}}},`
    return filled(
      Math.min(size, MANY_VALUES),
      one,
      '{"format":"fernsync-export","version":1,"credentials":[',
      '{}]}',
    )
  },
}

/** What lies in a database: twice and more the size of its file. */
const kdbxXml: Readonly<Record<string, Text>> = {
  ...Object.fromEntries(Object.entries(xml)),
  'tags of an entry': repeated(';', `${kdbxOpen()}<Entry><Tags>`, `</Tags></Entry>${kdbxClose()}`),
  'protected values': repeated('<Value Protected="True"/>', `${kdbxOpen()}<Entry>`, `</Entry>${kdbxClose()}`),
  'protected values with content': repeated(
    '<Value Protected="True">AAAA</Value>',
    `${kdbxOpen()}<Entry>`,
    `</Entry>${kdbxClose()}`,
  ),
  'strings of names that begin alike': each(
    (at) => `<String><Key>${'a'.repeat(64)}${at}</Key><Value>b</Value></String>`,
    `${kdbxOpen()}<Entry>`,
    `</Entry>${kdbxClose()}`,
  ),
  'a history without end': repeated(
    '<Entry><String><Key>Password</Key><Value Protected="True">AAAA</Value></String></Entry>',
    `${kdbxOpen()}<Entry><History>`,
    `</History></Entry>${kdbxClose()}`,
  ),
  'what is left out anyway': repeated('<Times/>', `${kdbxOpen()}<Entry>`, `</Entry>${kdbxClose()}`),
  'entries of nothing': repeated('<Entry/>', kdbxOpen(), kdbxClose()),
  'entries with one attached key': repeated(
    '<Entry><Binary><Key>k</Key><Value Ref="0"/></Binary></Entry>',
    kdbxOpen(),
    kdbxClose(),
  ),
  'groups in groups': (size) =>
    filled(
      size,
      '<Entry/>',
      `${kdbxOpen()}${`<Group><Name>${'n'.repeat(9_000)}</Name>`.repeat(26)}`,
      `${'</Group>'.repeat(26)}${kdbxClose()}`,
    ),
}

function kdbxOpen(): string {
  return '<KeePassFile><Root><Group>'
}

function kdbxClose(): string {
  return '</Group></Root></KeePassFile>'
}

const attachedKey = bytesOf(`\u0000${'-----BEGIN PRIVATE KEY-----\n'}${'A'.repeat(60_000)}`)

const kdbxContent: Readonly<Record<string, (size: number) => Uint8Array>> = {
  'fields before the document': (size) => gzipSync(Buffer.alloc(size - (size % 5), Buffer.of(9, 0, 0, 0, 0))),
  'what inflates for ever': (size) => gzipSync(Buffer.alloc(8 * size)),
  'noise that was not compressed': (size) => randomBytes(Math.floor(size / 4) - 2000),
}

const texts: readonly (readonly [ImportFormat, Readonly<Record<string, Text>>])[] = [
  ['rclone', { ...ini, ...rclone }],
  ['winscp', winscp],
  ['filezilla', { ...xml, ...filezilla }],
  ['cyberduck', cyberduck],
  ['json', { ...json, ...json1 }],
  ['bitwarden', bitwarden],
  ['portable', { 'lists of lists': json['lists of lists'] ?? repeated('[') }],
  ['scheme1', scheme1],
  ['csv', csv],
  ['openssh', openssh],
]

/** One for everything that is known to be costly in each format. */
export const costlyImports: readonly CostlyImport[] = [
  ...texts.flatMap(([format, cases]) =>
    Object.entries(cases).map(([name, make]) => ({
      format,
      name,
      make: (size: number) => bytesOf(make(size)),
    })),
  ),
  ...Object.entries(kdbxXml).map(([name, make]) => ({
    format: 'kdbx' as const,
    name,
    make: (size: number) =>
      writeKdbx({
        content: gzipSync(Buffer.concat([innerHeader([attachedKey]), Buffer.from(make(4 * size - 200_000))])),
      }),
  })),
  ...Object.entries(kdbxContent).map(([name, make]) => ({
    format: 'kdbx' as const,
    name,
    make: (size: number) => writeKdbx({ content: make(4 * size) }),
  })),
  {
    format: 'kdbx',
    name: 'blocks of one byte',
    make: (size) => writeKdbx({ content: randomBytes(Math.floor(size / 40) & ~15), blockBytes: 1 }),
  },
]
