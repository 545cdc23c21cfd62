import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainCredential } from '../../../../main/core/vault/plain-credential.ts'
import { CredentialMeta } from '../../../../main/core/vault/record-kinds.ts'

const plain = {
  _v: 1,
  _kind: 'credential',
  title: 'nas',
  type: 'sftp',
  fields: { host: 'nas.example', user: 'ana' },
  secrets: ['password'],
  hostKey: null,
  tags: ['home'],
  expires: null,
  created: '2026-01-02T03:04:05.006Z',
  changed: '2026-02-28T23:59:59.999Z',
  _id: 'x',
  _rev: 1,
}
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, 0, 1, 2, '', 'x', true, [], {}, [''], ['a b'], ['password', 7]),
  fc.constantFrom<unknown>(
    'oauth',
    'generic',
    'ssh',
    { host: 1 },
    { '1host': 'x' },
    { host: 'x'.repeat(4097) },
  ),
  fc.constantFrom<unknown>(
    '2026-02-29T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-01-02T24:00:00.000Z',
  ),
  fc.constantFrom<unknown>('2026-01-02T03:04:05Z', '2026-01-02T03:04:05.006+00:00', '2027-01-01'),
  fc.string(),
)
const changed = fc
  .dictionary(fc.constantFrom(...Object.keys(plain), 'future'), odd, { maxKeys: 2 })
  .map((changes) =>
    Object.fromEntries(Object.entries({ ...plain, ...changes }).filter(([, value]) => value !== undefined)),
  )

describe('plainCredential', () => {
  it('takes an ordinary one, and one from before there were expiry dates', () => {
    const before: Record<string, unknown> = { ...plain }
    delete before['expires']
    expect([plainCredential(plain), plainCredential(before)]).toEqual([plain, plain])
  })

  it('answers what the schema answers, or nothing', () => {
    let agreed = 0
    fc.assert(
      fc.property(changed, (payload) => {
        const answer = plainCredential(payload)
        if (answer === null) return
        agreed += 1
        const parsed = CredentialMeta.safeParse(payload)
        expect(parsed.success && parsed.data).toEqual(answer)
      }),
      { numRuns: 5000 },
    )
    expect(agreed).toBeGreaterThan(200)
  })
})
