import { readFile } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'

/** Our page's origin; nothing else is ever loaded. */
export const appOrigin = 'app://bundle'

/** Whether a URL is our page; by parsing, never by prefix. */
export function isOurPage(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return `${url.protocol}//${url.host}` === appOrigin
}

/** Whether a URL is the one document of our page, whatever its route: the only place a page may go to. */
export const isOurDocument = (text: string): boolean =>
  isOurPage(text) && new URL(text).pathname === '/index.html'

/**
 * Styles come from our files only: no component of ours injects any, so the policy needs no hash. A test
 * holds a copy of it.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types vue 'allow-duplicates'",
].join('; ')

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

const Manifest = z.record(z.string(), z.object({ file: z.string(), type: z.string() }))

/**
 * Serves the built page from a table made at build time: a request names an entry or gets 404, so that no path of the disk,
 * no encoding trick and no traversal can mean anything.
 */
export async function createAppProtocol(
  outFolder: string,
): Promise<(request: { readonly url: string; readonly method: string }) => Promise<Response>> {
  const text = await readFile(path.join(outFolder, 'renderer-manifest.json'), 'utf8')
  const manifest = new Map(Object.entries(Manifest.parse(JSON.parse(text))))
  return async (request) => {
    const refuse = (status: number): Response => new Response(null, { status, headers })
    if (request.method !== 'GET') return refuse(405)
    if (!URL.canParse(request.url)) return refuse(400)
    const url = new URL(request.url)
    if (url.protocol !== 'app:' || url.host !== 'bundle') return refuse(404)
    const entry = manifest.get(url.pathname === '/' ? '/index.html' : url.pathname)
    if (entry === undefined) return refuse(404)
    const body = await readFile(path.join(outFolder, 'renderer', entry.file))
    return new Response(new Uint8Array(body), { headers: { ...headers, 'content-type': entry.type } })
  }
}
