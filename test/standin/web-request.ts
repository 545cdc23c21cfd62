import { strict } from './strict.ts'

type BeforeRequest = (
  details: Electron.OnBeforeRequestListenerDetails,
  callback: (response: Electron.CallbackResponse) => void,
) => void

export interface StandinWebRequest {
  onBeforeRequest(...args: [Electron.WebRequestFilter, BeforeRequest | null] | [BeforeRequest | null]): void
  /** What the app's listener decides about a request; {} when it has none or the filter does not match. */
  _decide(details: Electron.OnBeforeRequestListenerDetails): Promise<Electron.CallbackResponse>
}

const escape = (text: string): string => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&')

/** Chromium's match patterns: `<all_urls>`, `*://*\/*`, `https://*.example.org/path*`. */
export function matchesPattern(pattern: string, url: string): boolean {
  if (pattern === '<all_urls>') return true
  const parts = /^(\*|[a-z][a-z0-9+.-]*):\/\/([^/]*)(\/.*)?$/i.exec(pattern)
  if (!parts) return false
  const [, scheme = '', host = '', path = '/*'] = parts
  const schemeSource = scheme === '*' ? '(https?|wss?)' : escape(scheme)
  const hostSource =
    host === '*' ? '[^/]*' : host.startsWith('*.') ? `([^/]*\\.)?${escape(host.slice(2))}` : escape(host)
  const pathSource = path.split('*').map(escape).join('.*')
  return new RegExp(`^${schemeSource}://${hostSource}${pathSource}$`, 'is').test(url)
}

/** session.webRequest; onBeforeRequest has its real effect on every request of the session's pages. */
export function createWebRequest(): StandinWebRequest {
  let filter: Electron.WebRequestFilter = { urls: ['<all_urls>'] }
  let listener: BeforeRequest | null = null
  return strict('webRequest', {
    onBeforeRequest(...args: [Electron.WebRequestFilter, BeforeRequest | null] | [BeforeRequest | null]) {
      ;[filter, listener] = args.length === 2 ? args : [{ urls: ['<all_urls>'] }, args[0]]
    },
    _decide(details: Electron.OnBeforeRequestListenerDetails) {
      const decide = listener
      const urls = filter.urls.length > 0 ? filter.urls : ['<all_urls>']
      if (!decide || !urls.some((pattern) => matchesPattern(pattern, details.url))) return Promise.resolve({})
      return new Promise<Electron.CallbackResponse>((resolve) => decide(details, resolve))
    },
  })
}
