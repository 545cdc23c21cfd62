import type { ImportNote } from '../../model/import.ts'
import { refusedFile } from './import-errors.ts'
import { decodeBase64, decodeImport } from './import-text.ts'
import { toItem } from './imported-item.ts'
import type { FoundEntry } from './found-entry.ts'
import type { ImportReader } from './imported-item.ts'
import { attributeOf, childOf, readXml } from './xml.ts'
import type { XmlElement } from './xml.ts'

/** `ServerProtocol` of FileZilla's engine (src/include/server.h). */
const protocols: Readonly<Record<string, Pick<FoundEntry, 'protocol' | 'details'>>> = {
  // "Use explicit TLS if available": it is asked for here, because what is not there would only be noticed by a thief.
  '0': { protocol: 'ftp', details: { tls: 'explicit' } },
  '1': { protocol: 'sftp' },
  '2': { protocol: 'http' },
  '3': { protocol: 'ftp', details: { tls: 'implicit' } },
  '4': { protocol: 'ftp', details: { tls: 'explicit' } },
  '5': { protocol: 'https' },
  '6': { protocol: 'ftp', details: { tls: 'none' } },
  '7': { protocol: 's3' },
  '8': { protocol: 'storj' },
  '9': { protocol: 'webdav' },
  '10': { protocol: 'azure file' },
  '11': { protocol: 'azure blob' },
  '12': { protocol: 'swift' },
  '13': { protocol: 'google cloud' },
  '14': { protocol: 'google drive' },
  '15': { protocol: 'dropbox' },
  '16': { protocol: 'onedrive' },
  '17': { protocol: 'b2' },
  '18': { protocol: 'box' },
}

/** sitemanager.xml, or an export of it, of FileZilla 3. Throws AppError('import-unreadable'). */
export const readFileZilla: ImportReader = (bytes, { budget }) => {
  const root = readXml(decodeImport(bytes), budget)
  const servers = root.name === 'FileZilla3' ? childOf(root, 'Servers') : undefined
  if (servers === undefined) throw refusedFile('it is not the site manager of FileZilla 3')
  return Array.from(serversIn(servers), (server) => toItem(entryOf(server), budget))
}

/** At most as deep as the XML reader goes. */
function* serversIn(folder: XmlElement): Generator<XmlElement> {
  for (const child of folder.children) {
    if (child.name === 'Server') yield child
    else if (child.name === 'Folder') yield* serversIn(child)
  }
}

function entryOf(server: XmlElement): FoundEntry {
  const text = (name: string): string | undefined => childOf(server, name)?.text.trim()
  const port = text('Port')
  const { password, notes } = passwordOf(childOf(server, 'Pass'))
  return {
    name: text('Name') ?? server.text,
    ...(protocols[text('Protocol') ?? '0'] ?? { protocol: 'unknown' }),
    host: text('Host'),
    // 0 is "the usual one".
    port: port === '0' ? undefined : port,
    user: text('User'),
    keyFile: text('Keyfile'),
    comment: text('Comments'),
    password,
    notes,
  }
}

type Password = Pick<FoundEntry, 'password'> & { readonly notes: readonly ImportNote[] }

function passwordOf(pass: XmlElement | undefined): Password {
  const text = pass?.text ?? ''
  if (pass === undefined || text === '') return { password: undefined, notes: [] }
  const encoding = attributeOf(pass, 'encoding')
  if (encoding === undefined) return { password: text, notes: [] }
  if (encoding === 'base64') return { password: decodeBase64(text.trim()), notes: [] }
  // `crypt` is sealed with FileZilla's master password for a key of its own.
  return { password: undefined, notes: ['master-password'] }
}
