import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeCodec } from '../../standin/page/codec.ts'

const codec = makeCodec()
const roundTrip = (value: unknown): unknown => codec.decode(codec.encode(value))

describe('makeCodec', () => {
  it('brings back every plain value, whatever its keys are', () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withObjectString: true,
    })
    fc.assert(
      fc.property(value, (given) => {
        expect(roundTrip(given)).toStrictEqual(structuredClone(given))
      }),
    )
  })

  it('keeps a date that is none, and one before 1970', () => {
    const dates = { none: new Map([['', new Date(NaN)]]), early: new Date(-1) }
    expect(roundTrip(dates)).toStrictEqual(dates)
  })

  it('keeps objects apart from its own marks', () => {
    const tricky = { $: 'date', v: 5, inner: { $: 'undefined' } }
    expect(roundTrip(tricky)).toStrictEqual(tricky)
  })

  it('keeps the kind, message and name of an error', () => {
    const error = roundTrip(new RangeError('far'))
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ name: 'RangeError', message: 'far' })
  })

  it('keeps a view of part of a buffer to that part', () => {
    const part = new Uint8Array([1, 2, 3, 4]).subarray(1, 3)
    expect(roundTrip(part)).toStrictEqual(new Uint8Array([2, 3]))
  })

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a promise', Promise.resolve(1)],
    ['a WeakMap', new WeakMap()],
  ])('refuses %s, also deep inside', (_name, value) => {
    expect(() => codec.encode(value)).toThrow('An object could not be cloned.')
    expect(() => codec.encode([{ deep: value }])).toThrow('An object could not be cloned.')
  })

  it('says that circular values are missing', () => {
    const circle: { self?: object } = {}
    circle.self = circle
    expect(() => codec.encode(circle)).toThrow('not implemented')
  })

  it('carries one object twice', () => {
    const shared = { a: 1 }
    expect(roundTrip([shared, shared])).toStrictEqual([shared, shared])
  })
})
