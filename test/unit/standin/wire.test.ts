import { describe, expect, it } from 'vitest'
import { fromWire, headersFromWire, originOf, toWire } from '../../standin/wire.ts'

const schemes = new Set(['app'])

describe('toWire and fromWire', () => {
  it.each(['app://ui/index.html', 'app://ui/', 'app://ui/a/b%20c?x=1&y=%2F#h', 'app://reveal.ui/x'])(
    '%s comes back as it was',
    (url) => {
      const wire = toWire(url, schemes)
      expect(wire).toMatch(/^https:\/\/[a-z.]+\.app\.standin\.invalid\//)
      expect(fromWire(wire)).toBe(url)
    },
  )

  it('leaves other addresses alone', () => {
    for (const url of ['https://example.org/x', 'about:blank', 'not a url', 'other://ui/']) {
      expect(toWire(url, schemes)).toBe(url)
      expect(fromWire(url)).toBe(url)
    }
  })

  it('does not take a look-alike for one of ours', () => {
    const fake = 'https://ui.app.standin.invalid.example.org/'
    expect(fromWire(fake)).toBe(fake)
  })
})

describe('originOf', () => {
  it('is scheme and host', () => {
    expect(originOf('app://ui/index.html?x=1')).toBe('app://ui')
    expect(originOf('about:blank')).toBe('null')
  })
})

describe('headersFromWire', () => {
  it('translates the two headers that carry addresses', () => {
    const headers = {
      Referer: 'https://ui.app.standin.invalid/x',
      Origin: 'https://ui.app.standin.invalid',
      Accept: '*/*',
    }
    expect(headersFromWire(headers)).toEqual({ Referer: 'app://ui/x', Origin: 'app://ui', Accept: '*/*' })
  })
})
