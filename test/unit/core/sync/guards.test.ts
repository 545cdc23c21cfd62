import { describe, expect, it } from 'vitest'
import { checkGuards } from '../../../../main/core/sync/guards.ts'
import type { GuardInput } from '../../../../main/core/sync/guards.ts'
import type { PlanStep } from '../../../../main/core/sync/plan.ts'
import { parseRemotePath } from '../../../../main/core/remote/remote-path.ts'

const steps = (action: PlanStep['action'], count: number, isForeign = false): PlanStep[] =>
  Array.from({ length: count }, (_, index) => ({
    action,
    path: parseRemotePath(`f${index}`),
    from: null,
    source: null,
    target: null,
    isEarly: false,
    reason: null,
    sha: null,
    isForeign,
  }))

const input = (changes: Partial<GuardInput>): GuardInput => ({
  steps: [],
  targetFiles: 100,
  maxDelete: null,
  baselineFiles: 100,
  isSourceEmpty: false,
  isFirstRun: false,
  isRootReplaced: false,
  clockOffMs: 0,
  ...changes,
})

const day = 24 * 60 * 60 * 1000

const cases: readonly { name: string; input: Partial<GuardInput>; hits: readonly string[] }[] = [
  { name: 'lets an empty plan pass', input: {}, hits: [] },
  { name: 'lets half of the files be deleted', input: { steps: steps('delete', 50) }, hits: [] },
  { name: 'stops above half', input: { steps: steps('delete', 51) }, hits: ['delete-share 51 > 50'] },
  {
    name: 'lets ten of ten files be deleted',
    input: { steps: steps('delete', 10), targetFiles: 10 },
    hits: [],
  },
  {
    name: 'stops eleven of twelve',
    input: { steps: steps('delete', 11), targetFiles: 12 },
    hits: ['delete-share 11 > 10'],
  },
  {
    name: 'lets 1,000 of many be deleted',
    input: { steps: steps('delete', 1000), targetFiles: 9000 },
    hits: [],
  },
  {
    name: 'stops 1,001 of many',
    input: { steps: steps('delete', 1001), targetFiles: 9000 },
    hits: ['delete-count 1001 > 1000'],
  },
  { name: 'lets 100 overwrites pass', input: { steps: steps('update', 100), targetFiles: 100 }, hits: [] },
  {
    name: 'stops 101 overwrites of 150',
    input: { steps: steps('update', 101), targetFiles: 150 },
    hits: ['overwrite-share 101 > 100'],
  },
  {
    name: 'lets 101 overwrites of 202 pass',
    input: { steps: steps('update', 101), targetFiles: 202 },
    hits: [],
  },
  {
    name: "applies the job's own number",
    input: { steps: steps('delete', 4), maxDelete: '3' },
    hits: ['max-delete 4 > 3'],
  },
  {
    name: "applies the job's own share",
    input: { steps: steps('delete', 11), maxDelete: '10%' },
    hits: ['max-delete 11 > 10'],
  },
  {
    name: 'does not let a large limit of the job replace the other guards',
    input: { steps: steps('delete', 100), maxDelete: '100%' },
    hits: ['delete-share 100 > 50'],
  },
  {
    name: 'does not let 0 % pass one file',
    input: { steps: steps('delete', 1), maxDelete: '0%' },
    hits: ['max-delete 1 > 0'],
  },
  {
    name: 'stops an empty source that had files',
    input: { isSourceEmpty: true },
    hits: ['root-empty 100 > 0'],
  },
  {
    name: 'lets an empty source pass that never had any',
    input: { isSourceEmpty: true, baselineFiles: 0 },
    hits: [],
  },
  { name: 'stops a replaced root', input: { isRootReplaced: true }, hits: ['root-replaced 1 > 0'] },
  {
    name: 'stops a first run that replaces or deletes what it has not written',
    input: { isFirstRun: true, steps: [...steps('delete', 1, true), ...steps('update', 2, true)] },
    hits: ['first-run 3 > 0'],
  },
  {
    name: 'lets a first run go on over what it has written itself',
    input: { isFirstRun: true, steps: steps('update', 2) },
    hits: [],
  },
  { name: 'lets a first run copy', input: { isFirstRun: true, steps: steps('copy', 2000) }, hits: [] },
  { name: 'lets the clock be a day off', input: { clockOffMs: day }, hits: [] },
  {
    name: 'stops at a clock that is more than a day off',
    input: { clockOffMs: 2 * day },
    hits: ['clock-off 48 > 24'],
  },
]

describe('checkGuards', () => {
  it.each(cases)('$name', (row) => {
    const hits = checkGuards(input(row.input))
    expect(hits.map(({ code, count, limit }) => `${code} ${count} > ${limit}`)).toEqual(row.hits)
    for (const { message } of hits) expect(message).toMatch(/^[A-Z].*\.$/)
  })
})
