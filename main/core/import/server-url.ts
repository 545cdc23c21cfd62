import type { FoundEntry } from './found-entry.ts'

type Scheme = Pick<FoundEntry, 'protocol' | 'details'>

/** Schemes of addresses, and the kind of sign-in they are for; a web site is one of no kind that can be synced with. */
const schemes: Readonly<Record<string, Scheme>> = {
  sftp: { protocol: 'sftp' },
  ssh: { protocol: 'sftp' },
  scp: { protocol: 'sftp' },
  ftp: { protocol: 'ftp' },
  ftps: { protocol: 'ftp', details: { tls: 'implicit' } },
  ftpes: { protocol: 'ftp', details: { tls: 'explicit' } },
  smb: { protocol: 'smb' },
  cifs: { protocol: 'smb' },
  dav: { protocol: 'webdav' },
  davs: { protocol: 'webdav' },
  webdav: { protocol: 'webdav' },
  webdavs: { protocol: 'webdav' },
  s3: { protocol: 's3' },
}
/** Without encryption, because the address says so. */
const plainHttp = new Set(['dav', 'webdav'])

export type ServerUrl = Pick<FoundEntry, 'protocol' | 'details' | 'host' | 'port' | 'user' | 'url' | 'path'>

/**
 * Where a sign-in of a password manager is for, by its address: `sftp://user@host:2222/folder`. An address without a scheme of a server is
 * `generic`. A password inside an address is left out.
 */
export function readServerUrl(address: string | undefined): ServerUrl {
  const text = address?.trim() ?? ''
  if (text === '') return { protocol: 'generic' }
  const url = text.length > 4096 ? null : URL.parse(text.includes('://') ? text : `https://${text}`)
  if (url === null || url.hostname === '') return { protocol: 'generic', url: text }
  const name = url.protocol.slice(0, -1)
  const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined
  const parts = {
    host: decoded(url.hostname),
    port: url.port === '' ? undefined : url.port,
    user: url.username === '' ? undefined : decoded(url.username),
    path: url.pathname,
  }
  if (scheme === undefined) return { protocol: 'generic', ...parts, url: withoutSignIn(url) }
  const isHttp = plainHttp.has(name)
  const isWeb = scheme.protocol === 'webdav'
  return { ...scheme, ...parts, ...(isWeb ? { url: addressOf({ ...parts, isHttp }) } : {}) }
}

type Address = {
  readonly host: string | undefined
  readonly port: string | undefined
  readonly path?: string | undefined
  readonly isHttp?: boolean
}

/** The web address of a server; undefined without a host. A host that is an address already stays one. */
export function addressOf({ host, port, path = '', isHttp = false }: Address): string | undefined {
  if (host === undefined || host === '') return undefined
  if (/^https?:\/\//i.test(host)) return host
  const name = host.includes(':') ? `[${host}]` : host
  const isUsual = port === undefined || port === '' || port === (isHttp ? '80' : '443')
  const folder = path === '' || path.startsWith('/') ? path : `/${path}`
  return `${isHttp ? 'http' : 'https'}://${name}${isUsual ? '' : `:${port}`}${folder}`
}

/** The host of an address, to show and to compare; undefined without one. */
export function hostOf(address: string | undefined): string | undefined {
  const url = address === undefined ? null : URL.parse(address)
  return url === null || url.hostname === '' ? undefined : url.hostname
}

export function firstFolder(path: string | undefined): string | undefined {
  return path?.split('/').find((part) => part !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function withoutSignIn(url: URL): string {
  // Most have none, and setting even nothing has the whole address read again.
  if (url.username !== '') url.username = ''
  if (url.password !== '') url.password = ''
  return url.href
}
