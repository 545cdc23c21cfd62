import { describe, expect, it } from 'vitest'
import { REFUSAL_MS, standingRefusal } from '../../../build/scripts/download-electron.mjs'

describe('standingRefusal', () => {
  const note = JSON.stringify({ at: 1_000, reason: 'getaddrinfo ENOTFOUND github.com' })

  it('holds for a day', () => {
    expect(standingRefusal(note, 1_000)).toBe('getaddrinfo ENOTFOUND github.com')
    expect(standingRefusal(note, 1_000 + REFUSAL_MS - 1)).toBe('getaddrinfo ENOTFOUND github.com')
    expect(standingRefusal(note, 1_000 + REFUSAL_MS)).toBeNull()
  })

  it.each([
    ['there is no note', null],
    ['the note is damaged', '{"at":'],
    ['the note has another form', '{"at":"yesterday","reason":1}'],
    ['the note is from the future, after the clock was set back', JSON.stringify({ at: 9_000, reason: 'x' })],
  ])('does not hold when %s', (_name, text) => {
    expect(standingRefusal(text, 2_000)).toBeNull()
  })
})
