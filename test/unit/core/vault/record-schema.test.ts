import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainRecord, StoredRecord } from '../../../../main/core/vault/record-schema.ts'

const part = { salt: 's', token: 't' }
const plain = {
  id: '0b5d3d8e-6a51-4d6e-9a53-7f6e6a7b8c9d',
  rev: 1,
  dev: 'd0123456789abcdef',
  gen: 1,
  meta: part,
  secret: part,
  hist: [],
}
/** What a field may be instead of what it should be. */
const other: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, 0, 1, 1.5, -1, 2 ** 41, NaN, '', 'x', true, [], {}, [part], part),
  fc.constantFrom<unknown>(plain.id.toUpperCase(), 'd0123456789abcdeg', { ...part, salt: 1 }),
  fc.constantFrom<unknown>({ ...part, salt: 'x'.repeat(129) }, { ...part, more: 1 }, { token: 't' }),
  fc.anything(),
)
const changed = fc
  .dictionary(fc.constantFrom(...Object.keys(plain), 'deleted', 'future'), other, { maxKeys: 3 })
  .map((changes): unknown => {
    const entries = Object.entries({ ...plain, ...changes })
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
  })

describe('isPlainRecord', () => {
  it('is true of an ordinary record', () => {
    expect(isPlainRecord(plain)).toBe(true)
  })

  it('is never true of what the schema would refuse or change', () => {
    let agreed = 0
    fc.assert(
      fc.property(fc.oneof({ weight: 20, arbitrary: changed }, fc.anything()), (value) => {
        if (!isPlainRecord(value)) return
        agreed += 1
        const parsed = StoredRecord.safeParse(value)
        expect(parsed.success && parsed.data).toEqual(value)
      }),
      { numRuns: 5000 },
    )
    expect(agreed).toBeGreaterThan(50)
  })
})
