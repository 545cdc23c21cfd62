import type { ImportNote } from '../../model/import.ts'
import { refusedFile } from './import-errors.ts'
import { decodeBase64, decodeImport } from './import-text.ts'
import { toItem } from './imported-item.ts'
import type { FoundEntry, ImportReader } from './imported-item.ts'
import { childOf, readXml } from './xml.ts'
import type { XmlElement } from './xml.ts'

/** `ServerProtocol` of FileZilla's engine (src/include/server.h). */
const protocols: Readonly<Record<string, string>> = {
  '0': 'ftp',
  '1': 'sftp',
  '2': 'http',
  '3': 'ftps',
  '4': 'ftpes',
  '5': 'https',
  '6': 'ftp',
  '7': 's3',
  '8': 'storj',
  '9': 'webdav',
  '10': 'azure file',
  '11': 'azure blob',
  '12': 'swift',
  '13': 'google cloud',
  '14': 'google drive',
  '15': 'dropbox',
  '16': 'onedrive',
  '17': 'b2',
  '18': 'box',
}

/** sitemanager.xml, or an export of it, of FileZilla 3. Throws AppError('import-unreadable'). */
export const readFileZilla: ImportReader = (bytes, { budget }) => {
  const root = readXml(decodeImport(bytes), budget)
  const servers = root.name === 'FileZilla3' ? childOf(root, 'Servers') : undefined
  if (servers === undefined) throw refusedFile('it is not the site manager of FileZilla 3')
  return serversIn(servers).map((server) => toItem(entryOf(server), budget))
}

/** At most as deep as the XML reader goes. */
function serversIn(folder: XmlElement): readonly XmlElement[] {
  return folder.children.flatMap((child) => {
    if (child.name === 'Server') return [child]
    return child.name === 'Folder' ? serversIn(child) : []
  })
}

function entryOf(server: XmlElement): FoundEntry {
  const text = (name: string): string | undefined => childOf(server, name)?.text.trim()
  const port = text('Port')
  const { password, notes } = passwordOf(childOf(server, 'Pass'))
  return {
    name: text('Name') ?? server.text,
    protocol: protocols[text('Protocol') ?? '0'] ?? 'unknown',
    host: text('Host'),
    // 0 is "the usual one".
    port: port === '0' ? undefined : port,
    user: text('User'),
    keyFile: text('Keyfile'),
    password,
    notes,
  }
}

type Password = Pick<FoundEntry, 'password'> & { readonly notes: readonly ImportNote[] }

function passwordOf(pass: XmlElement | undefined): Password {
  const text = pass?.text ?? ''
  if (pass === undefined || text === '') return { password: undefined, notes: [] }
  const encoding = pass.attributes.get('encoding')
  if (encoding === undefined) return { password: text, notes: [] }
  if (encoding === 'base64') return { password: decodeBase64(text.trim()), notes: [] }
  // `crypt` is sealed with FileZilla's master password for a key of its own.
  return { password: undefined, notes: ['master-password'] }
}
