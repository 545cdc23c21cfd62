import type { ImportNote } from '../../model/import.ts'
import { refusedFile } from './import-errors.ts'
import { decodeImport } from './import-text.ts'
import { toItem } from './imported-item.ts'
import type { FoundEntry } from './found-entry.ts'
import type { ImportReader } from './imported-item.ts'
import { addressOf } from './server-url.ts'
import { readXml } from './xml.ts'
import type { XmlElement } from './xml.ts'

/** `Protocol` of a bookmark (ch.cyberduck.core.Protocol identifiers); others keep their name. */
const protocols: Readonly<Record<string, Pick<FoundEntry, 'protocol' | 'details'>>> = {
  scp: { protocol: 'sftp' },
  ftp: { protocol: 'ftp', details: { tls: 'none' } },
  ftps: { protocol: 'ftp', details: { tls: 'explicit' } },
  dav: { protocol: 'webdav' },
  davs: { protocol: 'webdav' },
}

type PlistValue = string | readonly string[]
type Dict = ReadonlyMap<string, PlistValue>

/**
 * A bookmark of Cyberduck or Mountain Duck (`.duck`), or several in one property list. Its passwords are in the keychain of the system and
 * stay there. Throws AppError('import-unreadable').
 */
export const readCyberduck: ImportReader = (bytes, { budget }) => {
  const root = readXml(decodeImport(bytes), budget, { allowsDoctype: true })
  const value = root.name === 'plist' ? root.children[0] : undefined
  const found = value?.name === 'array' ? value.children : value === undefined ? [] : [value]
  if (found.length === 0 || found.some(({ name }) => name !== 'dict'))
    throw refusedFile('it is not a bookmark of Cyberduck')
  return found.map((dict) => toItem(entryOf(readDict(dict)), budget))
}

function entryOf(bookmark: Dict): FoundEntry {
  const text = (key: string): string | undefined => {
    const value = bookmark.get(key)
    return typeof value === 'string' ? value : undefined
  }
  const labels = bookmark.get('Labels')
  const protocol = text('Protocol')?.toLowerCase() ?? 'unknown'
  const user = text('Username')
  const notes: ImportNote[] = user === 'anonymous' ? [] : ['password-in-keychain']
  const [host, port, path] = [text('Hostname'), text('Port'), text('Path')]
  return {
    name: text('Nickname'),
    protocol,
    ...(Object.hasOwn(protocols, protocol) ? protocols[protocol] : {}),
    host,
    port,
    path,
    url: protocol === 'dav' ? addressOf({ host, port, path, isHttp: true }) : undefined,
    user,
    keyFile: text('Private Key File'),
    comment: text('Comment'),
    tags: typeof labels === 'object' ? labels : [],
    notes,
  }
}

/** Keys and values of a `dict` by turns (Apple's PropertyList-1.0.dtd); only texts and lists of texts matter here. */
function readDict(dict: XmlElement): Dict {
  const values = new Map<string, PlistValue>()
  for (let at = 0; at + 1 < dict.children.length; at += 2) {
    const [key, value] = dict.children.slice(at, at + 2)
    if (key?.name !== 'key' || value === undefined) throw refusedFile('it is not a property list')
    if (value.name === 'array') values.set(key.text, textsOf(value))
    else if (value.name === 'string' || value.name === 'integer') values.set(key.text, value.text)
  }
  return values
}

function textsOf(array: XmlElement): readonly string[] {
  return array.children.filter(({ name }) => name === 'string').map(({ text }) => text)
}
