import { describe, expect, it } from 'vitest'
import { chooseEntries, draftOf, planImport } from '../../../../main/core/import/import-plan.ts'
import type { ExistingCredential } from '../../../../main/core/import/import-plan.ts'
import { toItem } from '../../../../main/core/import/imported-item.ts'
import type { FoundEntry } from '../../../../main/core/import/found-entry.ts'
import { context, whyRefused } from './kit.ts'

const { budget } = context()
const items = (...entries: readonly Partial<FoundEntry>[]) =>
  entries.map((entry) => toItem({ protocol: 'sftp', user: 'anna', password: 'p', ...entry }, budget))
const short = (entries: ReturnType<typeof planImport>) =>
  entries.map(({ as, state, duplicateOf }) => [as, state, duplicateOf])

const existing: readonly ExistingCredential[] = [
  { name: 'nas', type: 'sftp', fields: { host: 'NAS.example', user: 'anna' } },
  { name: 'alone', type: 'sftp', fields: { user: 'solo' } },
]

describe('planImport', () => {
  it('recognises the same server and user, whatever it is called and however the host is written', () => {
    const found = items(
      { name: 'a', host: 'nas.example.', port: '22' },
      { name: 'b', host: 'nas.example', port: '2222' },
      { name: 'c', host: 'nas.example', user: 'bob' },
      { name: 'd', host: 'nas.example', port: '2222' },
    )
    expect(short(planImport(found, existing))).toEqual([
      ['a', 'duplicate', 'nas'],
      ['b', 'new', null],
      ['c', 'new', null],
      ['d', 'duplicate', 'b'],
    ])
  })

  it('numbers a name that is taken, in the vault or earlier in the file, within 100 characters', () => {
    const long = 'x'.repeat(100)
    const found = items(
      { name: 'NAS', host: 'a' },
      { name: 'nas', host: 'b' },
      { name: 'nas (2)', host: 'c' },
      { name: long, host: 'd' },
      { name: long, host: 'e' },
      { name: '😀'.repeat(50), host: 'f' },
      { name: '😀'.repeat(50), host: 'g' },
    )
    expect(planImport(found, existing).map(({ as }) => as)).toEqual([
      'NAS (2)',
      'nas (3)',
      'nas (2) (2)',
      long,
      `${'x'.repeat(92)} (2)`,
      '😀'.repeat(50),
      `${'😀'.repeat(46)} (2)`,
    ])
  })

  it('keeps rows apart that name no server, unless they came before', () => {
    const found = items({ name: 'x' }, { name: 'x' }, { name: 'x', user: 'solo' })
    expect(short(planImport(found, existing))).toEqual([
      ['x', 'new', null],
      ['x (2)', 'new', null],
      ['x (3)', 'duplicate', 'alone'],
    ])
  })

  it('names ten thousand entries of one name without counting from the start for each', () => {
    const many = Array.from({ length: 9_000 }, (_, n) => ({ name: 'x', host: `h${n}` }))
    const plan = planImport(items(...many), [])
    expect(new Set(plan.map(({ as }) => as)).size).toBe(9_000)
  })

  it('shows no secret', () => {
    expect(JSON.stringify(planImport(items({ host: 'h', password: 'canary' }), []))).not.toContain('canary')
  })
})

describe('chooseEntries', () => {
  const plan = planImport(
    items({ host: 'nas.example' }, { host: 'b' }, { protocol: 'gopher', host: 'c' }, { host: 'no host' }),
    existing,
  )
  const numbers = (only: readonly number[] | null) => chooseEntries(plan, only).map(({ number }) => number)

  it('takes what is new, or exactly what is chosen, a duplicate too', () => {
    expect([numbers(null), numbers([1]), numbers([2, 1, 2])]).toEqual([[2], [1], [1, 2]])
  })

  it.for([[3], [4], [5], [0]])('refuses to choose number %d', ([number]) => {
    expect(whyRefused(() => numbers([number ?? 0]))).toBe('usage')
  })
})

describe('draftOf', () => {
  it('makes a sign-in and nothing else: no trust, no job', () => {
    const [item] = items({ host: 'h' })
    expect(item === undefined ? null : draftOf(item, 'n')).toEqual({
      name: 'n',
      type: 'sftp',
      fields: { host: 'h', port: '22', user: 'anna' },
      hostKey: null,
      tags: [],
      expires: null,
    })
  })
})
