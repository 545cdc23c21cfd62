import { describe, expect, it } from 'vitest'
import { jobState } from '../../../../main/core/jobs/job-view.ts'
import type { JobFacts } from '../../../../main/core/jobs/job-view.ts'
import type { ProjectedJob } from '../../../../main/core/jobs/job-store.ts'
import type { RunSummary } from '../../../../main/model/run.ts'
import { here, runSummary, uuid } from './support.ts'

const calm: JobFacts = { here: true, running: false, paused: false, blockedSince: null, runs: [] }

function job(change: Partial<ProjectedJob> = {}): ProjectedJob {
  return {
    id: uuid(1),
    name: 'docs',
    schedule: '@daily',
    zone: 'UTC',
    enabled: true,
    device: here,
    whenLocked: 'until-quit',
    credential: uuid(900),
    credentialRev: 1,
    rev: 1,
    anchor: 0,
    waitingSince: null,
    ...change,
  }
}

const failed = (n: number, change: Partial<RunSummary> = {}): RunSummary =>
  runSummary(n, { state: 'failed', reason: 'unreachable', ...change })

describe('jobState', () => {
  it.each<[string, Partial<ProjectedJob>, Partial<JobFacts>, string, string | null]>([
    [
      'a job of another device runs elsewhere, whatever else is',
      {},
      { here: false, running: true },
      'elsewhere',
      null,
    ],
    [
      'a running job is running, whatever it was before',
      {},
      { running: true, runs: [failed(1)] },
      'running',
      null,
    ],
    ['a refused credential needs a sign-in', {}, { blockedSince: 'then' }, 'attention', 'needs-sign-in'],
    ['a job turned off is turned off', { enabled: false }, { runs: [failed(1)] }, 'disabled', null],
    ['a job without a grant waits', { waitingSince: 0 }, {}, 'waiting', 'locked'],
    ['a failed run wants attention', {}, { runs: [failed(1)] }, 'attention', 'unreachable'],
    [
      'a stopped run wants attention',
      {},
      { runs: [failed(1, { state: 'stopped', reason: 'guard-stopped' })] },
      'attention',
      'guard-stopped',
    ],
    [
      'a run with file errors says the first of them',
      {},
      {
        runs: [
          failed(1, {
            state: 'partial',
            reason: null,
            errors: [{ path: 'a', code: 'too-large', message: '' }],
          }),
        ],
      },
      'attention',
      'too-large',
    ],
    [
      'a cancelled run says nothing',
      {},
      { runs: [failed(2, { state: 'cancelled', reason: 'cancelled' }), runSummary(1)] },
      'idle',
      null,
    ],
    ['a paused job is paused', {}, { paused: true }, 'paused', null],
    ['a manual job is never paused', { schedule: 'manual' }, { paused: true }, 'idle', null],
    ['a good run is quiet', {}, { runs: [runSummary(2), failed(1)] }, 'idle', null],
  ])('%s', (...[, change, facts, state, reason]) => {
    const line = jobState(job(change), { ...calm, ...facts })
    expect([line.state, line.reason]).toEqual([state, reason])
  })

  it('counts trouble since the first bad run in a row', () => {
    const runs = [
      failed(5),
      failed(4),
      failed(3, { state: 'cancelled' }),
      failed(2),
      runSummary(1),
      failed(0),
    ]
    expect(jobState(job(), { ...calm, runs }).since).toBe(failed(2).ended)
  })
})
