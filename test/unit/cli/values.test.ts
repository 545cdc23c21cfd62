import { describe, expect, it } from 'vitest'
import { fingerprint, keyValue, numberList, repeated, wholeNumber } from '../../../main/cli/values.ts'

describe('wholeNumber', () => {
  it('reads digits', () => {
    expect(wholeNumber('0')).toBe(0)
    expect(wholeNumber('600000')).toBe(600_000)
  })

  it.for(['', '-1', '1.5', '1e3', ' 1', '0x10', '9999999999999999'])('refuses %j', (text) => {
    expect(() => wholeNumber(text)).toThrow('a whole number is expected')
  })
})

describe('numberList', () => {
  it('reads numbers from 1', () => {
    expect([numberList('3'), numberList('1,12,2')]).toEqual([[3], [1, 12, 2]])
  })

  it.for(['', '0', '1,', ',1', '1, 2', '-1', '1-3', '1e3', '01', '9999999'])('refuses %j', (text) => {
    expect(() => numberList(text)).toThrow('numbers separated by commas are expected')
  })
})

describe('keyValue', () => {
  it('collects names and values; the later one wins, and a value may hold =', () => {
    expect(keyValue('b=2=3', keyValue('b=1', keyValue('a=')))).toEqual({ a: '', b: '2=3' })
  })

  it('takes __proto__ for a name like any other', () => {
    const collected = keyValue('__proto__=x')
    expect(Object.keys(collected)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(collected)).toBe(Object.prototype)
  })

  it.for(['', 'name', '=value'])('refuses %j', (text) => {
    expect(() => keyValue(text)).toThrow('name=value is expected')
  })
})

describe('repeated', () => {
  it('collects from nothing, in order', () => {
    expect(repeated('b', repeated('a'))).toEqual(['a', 'b'])
  })
})

describe('fingerprint', () => {
  const digest = 'a'.repeat(43)

  it.for([`SHA256:${digest}`, `ssh-ed25519 SHA256:${digest}`])('takes %s', (text) => {
    expect(fingerprint(text)).toBe(text)
  })

  it.for(['', digest, 'SHA256:short', `SHA256:${digest}=`, `MD5:${digest}`, `SHA256:${digest} x`])(
    'refuses %j',
    (text) => {
      expect(() => fingerprint(text)).toThrow('is expected')
    },
  )
})
