import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainCredential } from '../../../../main/core/vault/plain-credential.ts'
import { Credential } from '../../../../main/model/credential.ts'
import { isPlainListed } from '../../../../main/model/listed-credential.ts'
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
const changed = (
  whole: Readonly<Record<string, unknown>>,
  values = odd,
): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .dictionary(fc.constantFrom(...Object.keys(whole), 'future'), values, { maxKeys: 2 })
    .map((changes) =>
      Object.fromEntries(Object.entries({ ...whole, ...changes }).filter(([, value]) => value !== undefined)),
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
      fc.property(changed(plain), (payload) => {
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

describe('isPlainListed', () => {
  const listed = {
    id: '11111111-1111-4111-8111-111111111111',
    rev: 3,
    name: 'Büro',
    type: 'sftp',
    fields: { host: 'nas.example', user: 'ana' },
    secrets: ['password'],
    hostKey: 'SHA256:x',
    tags: ['home'],
    expires: '2027-01-28',
    needsSignInHere: false,
    lastUsed: null,
    usedBy: [{ id: '22222222-2222-4222-8222-222222222222', name: 'Photos' }],
    created: '2026-01-02T03:04:05.006Z',
    changed: '2026-02-28T23:59:59.999Z',
    blocked: null,
  }
  const oddHere: fc.Arbitrary<unknown> = fc.oneof(
    odd,
    fc.constantFrom<unknown>(' x', 'x\u0000', 'e\u0301', 'x'.repeat(101), Number.MAX_SAFE_INTEGER + 1, 1.5),
    fc.constantFrom<unknown>([listed.usedBy[0], { id: 'x', name: '' }], [{ ...listed.usedBy[0], more: 1 }]),
    fc.constantFrom<unknown>('2027-02-29', '2027-2-1', Array(51).fill('x'), ['x'.repeat(101)], {
      code: 'auth-failed',
    }),
  )

  it('takes an ordinary one', () => {
    expect(isPlainListed(listed)).toBe(true)
  })

  it('takes nothing that the schema refuses or would change', () => {
    let agreed = 0
    fc.assert(
      fc.property(changed(listed, oddHere), (value) => {
        if (!isPlainListed(value)) return
        agreed += 1
        const parsed = Credential.safeParse(value)
        expect(parsed.success && parsed.data).toStrictEqual(value)
      }),
      { numRuns: 10_000 },
    )
    expect(agreed).toBeGreaterThan(200)
  })
})
