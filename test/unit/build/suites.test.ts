import { describe, expect, it } from 'vitest'
import { planSuite, playwrightCounts, suites, summary, vitestCounts } from '../../../build/scripts/suites.mjs'
import type { Machine, Needs, Plan, Suite } from '../../../build/scripts/suites.mjs'

const debian: Machine = { isRoot: false, hasApt: true, hasElectron: true, isCi: false, missing: () => [] }
const suite = (needs: Needs): Suite => ({ name: 'demo', isQuick: false, work: { vitest: 'demo' }, needs })

describe('suites', () => {
  it('runs the cheap suites first', () => {
    expect(suites.map(({ name }) => name)).toEqual([
      'check',
      'unit',
      'renderer',
      'contract',
      'conformance',
      'integration',
      'torture',
      'e2e',
      'e2e on real Electron',
    ])
  })

  it('starts no server in the quick ones', () => {
    const quick = suites.filter(({ isQuick }) => isQuick)
    expect(quick.flatMap(({ needs }) => needs.packages ?? [])).not.toContain('openssh-server')
    expect(quick.map(({ name }) => name)).toEqual(['check', 'unit', 'renderer', 'contract'])
  })
})

describe('planSuite', () => {
  it('runs a suite whose needs are met', () => {
    expect(
      planSuite(suite({ packages: ['chromium'], root: true, realElectron: true }), {
        ...debian,
        isRoot: true,
      }),
    ).toEqual(expect.objectContaining({ verdict: 'run' }))
  })

  it('fails a suite whose packages an install could bring', () => {
    const machine = { ...debian, missing: () => ['chromium'] }
    expect(planSuite(suite({ packages: ['chromium', 'xvfb'] }), machine)).toEqual(
      expect.objectContaining({ verdict: 'fail', packages: ['chromium'] }),
    )
  })

  it.each([
    ['root', { root: true }, { isCi: false }, false],
    ['root in CI', { root: true }, { isCi: true }, true],
    ['Debian', { packages: ['chromium'] }, { hasApt: false, missing: () => ['chromium'] }, false],
    [
      'Debian in CI',
      { packages: ['chromium'] },
      { hasApt: false, missing: () => ['chromium'], isCi: true },
      true,
    ],
    ['real Electron, even in CI', { realElectron: true }, { hasElectron: false, isCi: true }, false],
  ] satisfies [string, Needs, Partial<Machine>, boolean][])(
    'leaves out what needs %s',
    (_name, needs, machine, counts) => {
      expect(planSuite(suite(needs), { ...debian, ...machine })).toEqual(
        expect.objectContaining({ verdict: 'not-run', counts }),
      )
    },
  )
})

describe('summary', () => {
  const row = { name: 'unit', passed: 10, failed: 0, skipped: 1, seconds: 2.34 }
  const notRun = (counts: boolean): Plan => ({ suite: suite({}), verdict: 'not-run', reason: 'root', counts })

  it('ends with the sums', () => {
    expect(summary([row, { ...row, name: 'e2e', failed: 2 }], [], [])).toEqual({
      failed: 2,
      lines: [
        'suite    passed    failed   skipped   seconds',
        'unit         10         0         1       2.3',
        'e2e          10         2         1       2.3',
        '20 passed, 2 failed',
      ],
    })
  })

  it('names what was not run before the sums, as a failure only where it counts', () => {
    expect(summary([row], [notRun(false)], []).lines.slice(-2)).toEqual([
      'NOT RUN: demo (needs root)',
      '10 passed, 0 failed',
    ])
    expect(summary([row], [notRun(true)], []).lines.at(-1)).toBe('10 passed, 1 failed')
  })

  it('counts a problem beside the tests as a failure', () => {
    const { lines, failed } = summary([row], [], ['TCP port 4711 is still open'])
    expect(failed).toBe(1)
    expect(lines.slice(-2)).toEqual(['FAILED: TCP port 4711 is still open', '10 passed, 1 failed'])
  })
})

describe('vitestCounts', () => {
  it('counts a file that could not be loaded as a failure', () => {
    const report = {
      numPassedTests: 5,
      numFailedTests: 1,
      numPendingTests: 2,
      testResults: [
        { status: 'failed', assertionResults: [] },
        { status: 'failed', assertionResults: [{ status: 'failed' }] },
      ],
    }
    expect(vitestCounts(report)).toEqual({ passed: 5, failed: 2, skipped: 2 })
  })

  it.each([[null], [{}], ['text'], [{ numPassedTests: 1 }]])('answers null for %j', (report) => {
    expect(vitestCounts(report)).toBeNull()
  })
})

describe('playwrightCounts', () => {
  it('counts a test that passed only when repeated as a failure', () => {
    const stats = { expected: 7, unexpected: 1, flaky: 2, skipped: 3 }
    expect(playwrightCounts({ stats })).toEqual({ passed: 7, failed: 3, skipped: 3 })
  })

  it.each([[null], [{}], [{ stats: {} }]])('answers null for %j', (report) => {
    expect(playwrightCounts(report)).toBeNull()
  })
})
