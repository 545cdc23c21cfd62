import type { FoundEntry } from './imported-item.ts'

/** Schemes of addresses, and the kind of sign-in they are for; a web site is one of no kind that can be synced with. */
const schemes: Readonly<Record<string, string>> = {
  sftp: 'sftp',
  ssh: 'sftp',
  scp: 'sftp',
  ftp: 'ftp',
  ftps: 'ftps',
  ftpes: 'ftpes',
  smb: 'smb',
  cifs: 'smb',
  dav: 'webdav',
  davs: 'webdav',
  webdav: 'webdav',
  webdavs: 'webdav',
  s3: 's3',
}

export type ServerUrl = Pick<FoundEntry, 'protocol' | 'host' | 'port' | 'user' | 'url'>

/**
 * Where a sign-in of a password manager is for, by its address: `sftp://user@host:2222/folder`. An address without a scheme that has a
 * connector is `generic`. A password inside an address is left where it is.
 */
export function readServerUrl(address: string | undefined): ServerUrl {
  const text = address?.trim() ?? ''
  if (text === '' || text.length > 4096) return { protocol: 'generic' }
  const url = URL.parse(text.includes('://') ? text : `generic://${text}`)
  if (url === null) return { protocol: 'generic', url: text }
  const protocol = schemes[url.protocol.slice(0, -1).toLowerCase()] ?? 'generic'
  return {
    protocol,
    host: url.hostname === '' ? undefined : decoded(url.hostname),
    port: url.port === '' ? undefined : url.port,
    user: url.username === '' ? undefined : decoded(url.username),
    url: withoutSignIn(url, text),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function withoutSignIn(url: URL, text: string): string {
  if (url.username === '' && url.password === '') return text
  url.username = ''
  url.password = ''
  return url.href
}
