import type { ImportNote } from '../../model/import.ts'
import { utf8, wipe } from '../crypto/bytes.ts'
import { refusedFile } from './import-errors.ts'
import { decodeImport } from './import-text.ts'
import { toItem } from './imported-item.ts'
import type { FoundEntry } from './found-entry.ts'
import type { ImportReader } from './imported-item.ts'
import { readIni } from './ini.ts'
import type { IniSection } from './ini.ts'
import { addressOf } from './server-url.ts'

const SESSIONS = 'Sessions\\'
/** What WinSCP writes before values and names that hold more than ASCII. */
const UTF8_MARK = '\u{feff}'

/** `FSProtocol` of WinSCP (source/core/SessionData.h); SFTP with fallback to SCP when it is absent. */
const protocols: Readonly<Record<string, string>> = {
  '0': 'sftp',
  '1': 'sftp',
  '2': 'sftp',
  '5': 'ftp',
  '6': 'webdav',
  '7': 's3',
}

/** 64 KiB as escapes. */
const LONGEST_ESCAPED = 200_000

const MAGIC = 0xa3
const FLAG = 0xff
const INTERNAL = 0
const EXTERNAL = 1
const INTERNAL_LONG = 2

/** WinSCP.ini: one entry per stored site. Throws AppError('import-unreadable'). */
export const readWinScp: ImportReader = (bytes, { budget }) => {
  const sections = readIni(decodeImport(bytes), budget)
  if (sections.length === 0) throw refusedFile('there is no section in it')
  return sections
    .filter(({ name, values }) => name.startsWith(SESSIONS) && !isNoSite(name, values))
    .map((section) => toItem(entryOf(section), budget))
}

/** The template of new sites, and windows that were saved together. */
function isNoSite(name: string, values: IniSection['values']): boolean {
  return name === `${SESSIONS}Default%20Settings` || values.get('isworkspace') === '1' || values.size === 0
}

function entryOf({ name, values }: IniSection): FoundEntry {
  const text = (key: string): string | undefined => {
    const value = values.get(key)
    return value === undefined ? undefined : unescape(value)
  }
  const host = text('hostname')
  const user = text('username')
  const { password, notes } = passwordOf(values.get('password'), `${user ?? ''}${host ?? ''}`)
  return {
    name: unescape(name.slice(SESSIONS.length)),
    ...kindOf(values),
    path: text('remotedirectory'),
    host,
    port: values.get('portnumber'),
    user,
    keyFile: text('publickeyfile'),
    password,
    notes,
  }
}

/** `Ftps`: 0 none, 1 implicit, 2 and 3 explicit; a WebDAV server without it has no encryption either. */
function kindOf(values: IniSection['values']): Pick<FoundEntry, 'protocol' | 'details' | 'url'> {
  const protocol = protocols[values.get('fsprotocol') ?? '1'] ?? 'unknown'
  const ftps = values.get('ftps') ?? '0'
  if (protocol === 'ftp')
    return { protocol, details: { tls: ftps === '0' ? 'none' : ftps === '1' ? 'implicit' : 'explicit' } }
  if (protocol !== 'webdav' || ftps !== '0') return { protocol }
  const host = unescape(values.get('hostname') ?? '')
  const path = unescape(values.get('remotedirectory') ?? '')
  return { protocol, url: addressOf({ host, port: values.get('portnumber'), path, isHttp: true }) }
}

/** `%XX` of UTF-8 bytes; what does not decode stays as it is written. */
function unescape(text: string): string {
  if (text.length > LONGEST_ESCAPED || !text.includes('%')) return text
  try {
    const plain = decodeURIComponent(text.replace(/%(?![0-9a-fA-F]{2})/g, '%25'))
    return plain.startsWith(UTF8_MARK) ? plain.slice(1) : plain
  } catch {
    return text
  }
}

type Password = { readonly password: Uint8Array | null | undefined; readonly notes: readonly ImportNote[] }

/**
 * What `DecryptPassword` of WinSCP (source/core/Security.cpp) undoes: an obfuscation with a fixed key, which hides user and host before
 * the password, so that it is only read for the site it was stored for. With a master password WinSCP writes another kind.
 */
function passwordOf(hidden: string | undefined, site: string): Password {
  if (hidden === undefined || hidden === '') return { password: undefined, notes: [] }
  const bytes = revealBytes(hidden)
  if (bytes === null) return { password: null, notes: [] }
  try {
    if (bytes[0] === FLAG && bytes[1] === EXTERNAL) return { password: undefined, notes: ['master-password'] }
    return { password: passwordIn(bytes, site), notes: [] }
  } finally {
    wipe(bytes)
  }
}

function passwordIn(bytes: Uint8Array, site: string): Uint8Array | null {
  const place = textPlace(bytes)
  const text = place === null ? null : bytes.slice(place.start, place.start + place.length)
  if (text === null || text.byteLength !== place?.length) return null
  if (bytes[0] !== FLAG) return text
  const prefix = site.isWellFormed() ? utf8(site) : null
  const isOfSite = prefix !== null && prefix.every((byte, at) => text[at] === byte)
  const password = isOfSite ? text.slice(prefix.length) : null
  wipe(text)
  return password
}

/** Where the text lies: after the flag and version of newer versions, its length, and a shift of random bytes. */
function textPlace(bytes: Uint8Array): { start: number; length: number } | null {
  const byte = (at: number): number => bytes[at] ?? 0
  const after = (shiftAt: number): number => shiftAt + 1 + byte(shiftAt)
  if (byte(0) !== FLAG) return { start: after(1), length: byte(0) }
  if (byte(1) === INTERNAL) return { start: after(3), length: byte(2) }
  if (byte(1) === INTERNAL_LONG) return { start: after(4), length: (byte(2) << 8) | byte(3) }
  return null
}

/** Two hex digits a byte, each byte inverted under the fixed key; null for other text. */
function revealBytes(hidden: string): Uint8Array | null {
  if (hidden.length % 2 !== 0 || hidden.length > 200_000 || !/^[0-9A-Fa-f]+$/.test(hidden)) return null
  const bytes = new Uint8Array(hidden.length / 2)
  for (let at = 0; at < bytes.length; at += 1)
    bytes[at] = ~(Number.parseInt(hidden.slice(2 * at, 2 * at + 2), 16) ^ MAGIC) & 0xff
  return bytes
}
