import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  contentSecurityPolicy,
  createAppProtocol,
  isOurDocument,
  isOurPage,
} from '../../../main/desktop/app-protocol.ts'

let out = ''
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'fernsync-protocol-'))
  mkdirSync(join(out, 'renderer', 'assets'), { recursive: true })
  writeFileSync(join(out, 'renderer', 'index.html'), '<!doctype html>')
  writeFileSync(join(out, 'renderer', 'assets', 'app.js'), 'export {}')
  writeFileSync(join(out, 'renderer', 'unlisted.txt'), 'not in the table')
  writeFileSync(
    join(out, 'renderer-manifest.json'),
    JSON.stringify({
      '/index.html': { file: 'index.html', type: 'text/html; charset=utf-8' },
      '/assets/app.js': { file: 'assets/app.js', type: 'text/javascript' },
    }),
  )
})
afterAll(() => {
  rmSync(out, { recursive: true, force: true })
})

const get = async (url: string, method = 'GET'): Promise<Response> =>
  (await createAppProtocol(out))({ url, method })

describe('isOurPage', () => {
  it('knows our origin by parsing, whatever looks like it', () => {
    for (const url of ['app://bundle/', 'app://bundle/index.html#/jobs', 'app://bundle/x?y']) {
      expect([url, isOurPage(url)]).toEqual([url, true])
    }
    const others = [
      'app://bundle.example.com/',
      'app://bundle:80/',
      'app://bundle@evil/',
      'app:bundle/',
      'https://bundle/',
      'file:///app://bundle/',
      'javascript:app://bundle/',
      'about:blank',
      '',
    ]
    for (const url of others) expect([url, isOurPage(url)]).toEqual([url, false])
  })
})

describe('isOurDocument', () => {
  it('is the page at any of its routes, and nothing else of our origin', () => {
    expect(isOurDocument('app://bundle/index.html#/jobs/1')).toBe(true)
    for (const url of ['app://bundle/', 'app://bundle/other.html', 'https://bundle/index.html']) {
      expect([url, isOurDocument(url)]).toEqual([url, false])
    }
  })
})

describe('createAppProtocol', () => {
  it('serves what the table lists, with its type', async () => {
    const response = await get('app://bundle/assets/app.js')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/javascript')
    expect(await response.text()).toBe('export {}')
  })

  it('takes the bare origin for the page', async () => {
    expect(await (await get('app://bundle/')).text()).toBe('<!doctype html>')
  })

  it('answers 404 for everything else, whether or not a file is there', async () => {
    const urls = [
      'app://bundle/unlisted.txt',
      'app://bundle/../renderer-manifest.json',
      'app://bundle/%2e%2e/renderer-manifest.json',
      'app://bundle/..%2frenderer-manifest.json',
      'app://bundle/assets',
      'app://bundle/assets/app.js/',
      'app://bundle/ASSETS/app.js',
      'app://bundle/index.html%00.js',
      'app://bundle//etc/passwd',
      'app://bundle/__proto__',
      'app://bundle/constructor',
      'app://other/index.html',
      'https://bundle/index.html',
    ]
    for (const url of urls) expect([url, (await get(url)).status]).toEqual([url, 404])
  })

  it('refuses other methods and what is no URL', async () => {
    expect((await get('app://bundle/index.html', 'POST')).status).toBe(405)
    expect((await get('not a url')).status).toBe(400)
  })

  it('sends the policy and the other headers with every answer, also with a refusal', async () => {
    for (const url of ['app://bundle/', 'app://bundle/none', 'not a url']) {
      const { headers } = await get(url)
      expect(headers.get('content-security-policy')).toBe(contentSecurityPolicy)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })
})

describe('contentSecurityPolicy', () => {
  it('allows nothing inline, nothing evaluated and nothing remote', () => {
    expect(contentSecurityPolicy).not.toMatch(/unsafe|https?:|\*|blob:|filesystem:/)
    expect(contentSecurityPolicy).toMatch(/^default-src 'none';/)
    expect(contentSecurityPolicy).toContain("require-trusted-types-for 'script'")
  })
})
