import { describe, expect, it } from 'vitest'
import { createWebRequest, matchesPattern } from '../../standin/web-request.ts'

describe('matchesPattern', () => {
  it.each([
    ['<all_urls>', 'app://ui/x', true],
    ['*://*/*', 'https://example.org/x', true],
    ['*://*/*', 'app://ui/x', false],
    ['app://ui/*', 'app://ui/a/b?c', true],
    ['app://ui/post', 'app://ui/postal', false],
    ['https://*.example.org/*', 'https://a.example.org/', true],
    ['https://*.example.org/*', 'https://example.org/', true],
    ['https://*.example.org/*', 'https://badexample.org/', false],
    ['https://example.org/*.js', 'https://example.org/x.js', true],
    ['https://example.org/*.js', 'https://example.org/xxjs', false],
    ['nonsense', 'https://example.org/', false],
  ])('%s and %s: %s', (pattern, url, expected) => {
    expect(matchesPattern(pattern, url)).toBe(expected)
  })
})

describe('createWebRequest', () => {
  // reason: the decision needs no more than the address
  const details = (url: string) => ({ url }) as Electron.OnBeforeRequestListenerDetails

  it('lets everything pass until somebody listens, and after nobody does', async () => {
    const webRequest = createWebRequest()
    expect(await webRequest._decide(details('app://ui/'))).toEqual({})
    webRequest.onBeforeRequest((_details, callback) => callback({ cancel: true }))
    expect(await webRequest._decide(details('app://ui/'))).toEqual({ cancel: true })
    webRequest.onBeforeRequest(null)
    expect(await webRequest._decide(details('app://ui/'))).toEqual({})
  })

  it('asks only about addresses of the filter', async () => {
    const webRequest = createWebRequest()
    webRequest.onBeforeRequest({ urls: ['https://*/*'] }, (_details, callback) => callback({ cancel: true }))
    expect(await webRequest._decide(details('https://example.org/'))).toEqual({ cancel: true })
    expect(await webRequest._decide(details('app://ui/'))).toEqual({})
  })
})
