import { describe, expect, it } from 'vitest'
import { absent, preventable, strict } from '../../standin/strict.ts'

describe('strict', () => {
  const thing = strict('thing', { known: 1, missing: undefined })

  it('throws for a member that is not there and names it', () => {
    expect(() => Reflect.get(thing, 'unknown') as unknown).toThrow(
      'electron stand-in: thing.unknown is not implemented',
    )
  })

  it('gives what is there, undefined included, and lets it be replaced', () => {
    expect(thing.known).toBe(1)
    expect(thing.missing).toBeUndefined()
    thing.known = 2
    expect(thing.known).toBe(2)
  })

  it('survives being awaited and printed', async () => {
    expect(await Promise.resolve(thing)).toBe(thing)
    expect(JSON.stringify(thing)).toContain('known')
  })
})

describe('absent', () => {
  const gone = absent('gone') as { method(): void } & (new () => object) & (() => void) // reason: used as what it is not

  it('throws however it is used', () => {
    expect(() => gone.method()).toThrow('electron stand-in: gone.method is not implemented')
    expect(() => new gone()).toThrow('electron stand-in: gone is not implemented')
    expect(() => gone()).toThrow('electron stand-in: gone is not implemented')
  })
})

describe('preventable', () => {
  it('remembers that it was prevented', () => {
    const event = preventable({ url: 'x' })
    expect([event.url, event.defaultPrevented]).toEqual(['x', false])
    event.preventDefault()
    expect(event.defaultPrevented).toBe(true)
  })
})
