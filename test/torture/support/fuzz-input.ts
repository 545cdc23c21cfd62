import fc from 'fast-check'
import type { Target } from './fuzz-targets.ts'

const hostile = fc.constantFrom<unknown>(
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 53,
    1e308,
    '',
    '\u0000',
    '\ud800',
    '../..',
    '__proto__',
    'x'.repeat(5000),
    [],
    {},
    [[[[]]]],
  ],
)

/** Inputs of a target: noise, its own words, its samples damaged as bytes or as JSON, and all of that over and over. */
export function inputsOf({ samples, pieces }: Target, longest: number): fc.Arbitrary<Uint8Array> {
  const words = fc
    .array(fc.constantFrom(...pieces), { maxLength: 60 })
    .map((all) => Buffer.from(all.join('')))
  const documents = samples.flatMap((sample) => {
    const parsed = parse(sample)
    return parsed === null ? [] : [parsed.value]
  })
  const plain = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    words,
    ...samples.map(damaged),
    ...documents.map((document) => edited(document)),
  )
  const repeated = fc
    .record({ start: plain, piece: fc.oneof(words, plain), end: plain, times: fc.nat(20_000) })
    .map(({ start, piece, end, times }) => {
      const most = Math.max(
        0,
        Math.floor((longest - start.byteLength - end.byteLength) / Math.max(1, piece.byteLength)),
      )
      return Buffer.concat([start, ...Array.from({ length: Math.min(times, most) }, () => piece), end])
    })
  return fc.oneof({ weight: 19, arbitrary: plain }, { weight: 1, arbitrary: repeated })
}

function damaged(sample: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(sample.length),
    cut: fc.nat(40),
    put: fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constant(sample.slice(0, 60))),
  })
  return fc
    .array(change, { minLength: 1, maxLength: 6 })
    .map((changes) =>
      changes.reduce<Uint8Array>(
        (all, { at, cut, put }) => Buffer.concat([all.subarray(0, at), put, all.subarray(at + cut)]),
        sample,
      ),
    )
}

/** A document with values replaced, doubled or taken away somewhere inside, which stays JSON. */
function edited(document: unknown): fc.Arbitrary<Uint8Array> {
  const paths = pathsOf(document)
  const change = fc.record({
    path: fc.constantFrom(...paths),
    value: fc.oneof(
      hostile,
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(...paths).map((path) => at(document, path)),
    ),
    isRemoval: fc.boolean(),
  })
  return fc.array(change, { minLength: 1, maxLength: 5 }).map((changes) => {
    let copy = structuredClone(document)
    for (const { path, value, isRemoval } of changes) {
      const last = path.at(-1)
      const parent = last === undefined ? undefined : at(copy, path.slice(0, -1))
      if (last === undefined) copy = structuredClone(value)
      else if (typeof parent !== 'object' || parent === null) continue
      // A list's length is not a field of the document.
      else if (Array.isArray(parent) && last === 'length') continue
      else if (isRemoval) Reflect.deleteProperty(parent, last)
      else
        Object.defineProperty(parent, last, {
          value: structuredClone(value),
          enumerable: true,
          configurable: true,
          writable: true,
        })
    }
    return Buffer.from(JSON.stringify(copy) ?? 'null')
  })
}

const MOST_PATHS = 400

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))
  return [path, ...inside].slice(0, MOST_PATHS)
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )
}

function parse(bytes: Uint8Array): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(Buffer.from(bytes).toString()) }
  } catch {
    return null
  }
}
