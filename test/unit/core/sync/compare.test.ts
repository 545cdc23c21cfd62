import { describe, expect, it } from 'vitest'
import { afterCheck, compareFiles, isRacy } from '../../../../main/core/sync/compare.ts'
import type { BaselineRow, CompareRules, Verdict } from '../../../../main/core/sync/compare.ts'
import type { FileState } from '../../../../main/core/sync/file-state.ts'

/** `3 @1 v7`: 3 bytes, second 1, version 7; `@-` without a time. */
function state(text: string): FileState {
  const [, size, time, version] = /^(\d+) @(-|[\d.]+)(?: (v\S+))?$/.exec(text) ?? []
  return { size: Number(size), modTime: time === '-' ? null : Number(time) * 1000, version: version ?? null }
}

const sha = new Uint8Array(32).fill(1)

const row = (source: string, target: string, changes: Partial<BaselineRow> = {}): BaselineRow => ({
  source: state(source),
  target: state(target),
  sha,
  isRacy: false,
  syncedAt: 500,
  ...changes,
})

const usual: CompareRules = {
  precisionMs: 1000,
  isSourceCheap: true,
  isTargetCheap: false,
  canSetTime: true,
  recheckFrom: null,
}

function shown(verdict: Verdict): string {
  if (verdict.kind === 'check') return `check ${verdict.check.what}`
  return verdict.kind === 'update' ? `update ${verdict.reason}` : verdict.kind
}

const cases: readonly {
  name: string
  source: string
  target: string
  row: BaselineRow | null
  rules?: Partial<CompareRules>
  verdict: string
}[] = [
  {
    name: 'is unchanged when each side says what it said',
    source: '3 @1 v1',
    target: '3 @9',
    row: row('3 @1 v1', '3 @9'),
    verdict: 'unchanged',
  },
  {
    name: 'hashes a local source with a new version',
    source: '3 @1 v2',
    target: '3 @9',
    row: row('3 @1 v1', '3 @9'),
    verdict: 'check source',
  },
  {
    name: 'replaces when a far source has a new version',
    source: '3 @1 v2',
    target: '3 @9',
    row: row('3 @1 v1', '3 @9'),
    rules: { isSourceCheap: false },
    verdict: 'update version',
  },
  {
    name: 'does not take a version that is left out for a change',
    source: '3 @1',
    target: '3 @9',
    row: row('3 @1 v1', '3 @9'),
    verdict: 'unchanged',
  },
  {
    name: 'never lets times within the precision hide a change of the source since the last run',
    source: '3 @1.4',
    target: '3 @1',
    row: row('3 @1', '3 @1'),
    rules: { isSourceCheap: false },
    verdict: 'update time',
  },
  {
    name: 'hashes a local target with another time',
    source: '3 @1',
    target: '3 @7',
    row: row('3 @1', '3 @1'),
    rules: { isTargetCheap: true },
    verdict: 'check target',
  },
  {
    name: 'replaces a far target with another time',
    source: '3 @1',
    target: '3 @7',
    row: row('3 @1', '3 @1'),
    verdict: 'update target-changed',
  },
  {
    name: 'replaces a far target with another version',
    source: '3 @1',
    target: '3 @1 v2',
    row: row('3 @1', '3 @1 v1'),
    verdict: 'update target-changed',
  },
  {
    name: 'accepts a far target that got the time of the source',
    source: '3 @1',
    target: '3 @1',
    row: row('3 @1', '3 @4'),
    verdict: 'refresh',
  },
  {
    name: 'looks again at a file that was racy',
    source: '3 @1',
    target: '3 @1',
    row: row('3 @1', '3 @1', { isRacy: true }),
    verdict: 'check source',
  },
  {
    name: 'reads both of a racy pair whose content was never read',
    source: '3 @1',
    target: '3 @1',
    row: row('3 @1', '3 @1', { isRacy: true, sha: null }),
    verdict: 'check sides',
  },
  {
    name: 'hashes the near side after a crash',
    source: '3 @1',
    target: '3 @1',
    row: row('3 @1', '3 @1'),
    rules: { recheckFrom: 500 },
    verdict: 'check source',
  },
  {
    name: 'hashes both near sides after a crash',
    source: '3 @1',
    target: '3 @1',
    row: row('3 @1', '3 @1'),
    rules: { recheckFrom: 500, isTargetCheap: true },
    verdict: 'check source-and-target',
  },
  {
    name: 'reads nothing over the network after a crash',
    source: '3 @1',
    target: '3 @1',
    row: row('3 @1', '3 @1'),
    rules: { recheckFrom: 500, isSourceCheap: false },
    verdict: 'unchanged',
  },
  {
    name: 'trusts what an earlier run recorded',
    source: '3 @1',
    target: '3 @1',
    row: row('3 @1', '3 @1'),
    rules: { recheckFrom: 501 },
    verdict: 'unchanged',
  },
  {
    name: 'replaces from a source that tells nothing but a size',
    source: '3 @-',
    target: '3 @1',
    row: row('3 @-', '3 @1'),
    rules: { isSourceCheap: false },
    verdict: 'update time',
  },
  {
    name: 'trusts a target that tells nothing but a size',
    source: '3 @1',
    target: '3 @-',
    row: row('3 @1', '3 @-'),
    verdict: 'unchanged',
  },
  {
    name: 'does not believe equal times when only the version shows that the source changed',
    source: '3 @1 v2',
    target: '3 @1 v9',
    row: row('3 @1 v1', '3 @1 v8'),
    rules: { isSourceCheap: false },
    verdict: 'update version',
  },
  {
    name: 'replaces what differs in size at the first meeting',
    source: '3 @1',
    target: '4 @1',
    row: null,
    verdict: 'update size',
  },
  {
    name: 'takes equal size and time for equal at the first meeting',
    source: '3 @1',
    target: '3 @2',
    row: null,
    verdict: 'refresh',
  },
]

describe('compareFiles', () => {
  it.each(cases)('$name', ({ source, target, row: known, rules, verdict }) => {
    expect(shown(compareFiles(state(source), state(target), known, { ...usual, ...rules }))).toBe(verdict)
  })
})

describe('afterCheck', () => {
  const pair = { source: state('3 @1'), target: state('3 @9') }

  it('replaces what is not equal', () => {
    expect(afterCheck(pair, { isEqual: false, sha: null, reason: 'content' }, usual)).toEqual({
      kind: 'update',
      reason: 'content',
    })
  })

  it('sets the time of what is equal, where the target can', () => {
    expect(afterCheck(pair, { isEqual: true, sha, reason: 'content' }, usual).kind).toBe('set-time')
    expect(
      afterCheck(pair, { isEqual: true, sha, reason: 'content' }, { ...usual, canSetTime: false }).kind,
    ).toBe('refresh')
  })
})

describe('isRacy', () => {
  const scan = { startedAt: 100_000, endedAt: 101_000 }

  it.each([
    ['long before the scan', 95_999, false],
    ['within precision and three seconds before it', 96_000, true],
    ['during it', 100_500, true],
    ['within precision and three seconds after it', 105_000, true],
    ['far in the future, where no later write gets the same time', 105_001, false],
  ])('a file written %s: %i is %s', (_, modTime, expected) => {
    expect(isRacy({ size: 1, modTime, version: null }, scan, 1000)).toBe(expected)
  })
})
