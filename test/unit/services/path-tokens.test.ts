import { describe, expect, it } from 'vitest'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { createPathTokens } from '../../../main/services/path-tokens.ts'

const refused = expect.objectContaining({ code: 'bad-request' }) as Error

describe('createPathTokens', () => {
  it('gives the path back as often as a form is corrected, until it is used up', () => {
    const tokens = createPathTokens(nodeRandom)
    const token = tokens.give('/home/anna/docs', 'folder')
    expect(token).toMatch(/^[0-9a-f]{32}$/)
    expect(tokens.redeem(token, 'folder')).toBe('/home/anna/docs')
    expect(tokens.redeem(token, 'folder')).toBe('/home/anna/docs')
    tokens.useUp([token])
    expect(() => tokens.redeem(token, 'folder')).toThrow(refused)
  })

  it('takes no token of one kind where the other is asked for', () => {
    const tokens = createPathTokens(nodeRandom)
    const folder = tokens.give('/home/anna', 'folder')
    const key = tokens.give('/home/anna/.ssh/id', 'key-file')
    expect(() => tokens.redeem(folder, 'key-file')).toThrow(refused)
    expect(() => tokens.redeem(key, 'folder')).toThrow(refused)
  })

  it('takes no path for a token', () => {
    const tokens = createPathTokens(nodeRandom)
    tokens.give('/home/anna', 'folder')
    for (const guess of ['/home/anna', '', '__proto__']) {
      expect(() => tokens.redeem(guess, 'folder')).toThrow(refused)
    }
  })

  it('forgets the oldest of more than a hundred', () => {
    const tokens = createPathTokens(nodeRandom)
    const given = Array.from({ length: 101 }, (_, at) => tokens.give(`/p${at}`, 'folder'))
    expect(() => tokens.redeem(given[0] ?? '', 'folder')).toThrow(refused)
    expect(tokens.redeem(given[1] ?? '', 'folder')).toBe('/p1')
    expect(tokens.redeem(given[100] ?? '', 'folder')).toBe('/p100')
  })
})
