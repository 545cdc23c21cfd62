import { describe, expect, it } from 'vitest'
import { trayModel } from '../../../main/desktop/tray-model.ts'
import { jobStatusLine } from '../../../main/messages/en/words.ts'
import type { JobView } from '../../../main/model/job.ts'
import { uuid } from '../core/jobs/support.ts'

const calm = { unlocked: true, paused: false, now: Date.parse('2026-03-01T12:00:00Z') }

function job(n: number, change: Partial<JobView> = {}): JobView {
  return {
    id: uuid(n),
    name: `job ${n}`,
    credential: null,
    local: null,
    remote: null,
    mode: null,
    direction: null,
    schedule: '@daily',
    zone: 'UTC',
    enabled: true,
    device: { id: 'd0123456789abcdef', label: 'here', here: true },
    state: 'idle',
    reason: null,
    since: null,
    whenLocked: 'until-quit',
    lastRun: null,
    nextRun: null,
    filters: [],
    maxDelete: null,
    safety: null,
    rev: 1,
    ...change,
  }
}

const failing = (n: number): JobView =>
  job(n, { state: 'attention', reason: 'unreachable', since: '2026-03-01T11:00:00.000Z' })
const waiting = (n: number): JobView =>
  job(n, { state: 'waiting', reason: 'locked', since: '2026-03-01T11:30:00.000Z' })

describe('trayModel', () => {
  it('says the worst thing first: trouble, waiting, running, paused, then how things are', () => {
    const running = job(3, { state: 'running' })
    const all = [running, waiting(2), failing(1)]
    const line = (view: JobView) => `${view.name}: ${jobStatusLine(view, calm).text}`
    expect(trayModel(all, calm)).toMatchObject({ icon: 'attention', status: line(failing(1)) })
    expect(trayModel([running, waiting(2)], calm)).toMatchObject({
      icon: 'attention',
      status: line(waiting(2)),
    })
    expect(trayModel([running], calm)).toMatchObject({ icon: 'running', status: 'Running: job 3' })
    expect(trayModel([job(4)], { ...calm, paused: true })).toMatchObject({ status: 'Jobs are paused' })
    expect(trayModel([], calm)).toMatchObject({ icon: 'idle', status: 'Everything is up to date' })
    expect(trayModel([], { ...calm, unlocked: false })).toMatchObject({ icon: 'locked', status: 'Locked' })
  })

  it('keeps quiet about jobs of other devices, and does not offer them', () => {
    const elsewhere = { ...failing(1), device: { id: 'dfedcba9876543210', label: 'there', here: false } }
    expect(trayModel([elsewhere], calm)).toMatchObject({ icon: 'idle', jobs: [] })
  })

  it('offers to run what can run now: not a running job, and while locked only one that may', () => {
    const jobs = [job(1, { state: 'running' }), job(2), job(3, { whenLocked: 'wait' })]
    const offered = (unlocked: boolean) =>
      trayModel(jobs, { ...calm, unlocked }).jobs.map(({ canRun }) => canRun)
    expect(offered(true)).toEqual([false, true, true])
    expect(offered(false)).toEqual([false, true, false])
  })

  it('lists no more jobs than a menu can show', () => {
    expect(
      trayModel(
        Array.from({ length: 40 }, (_, n) => job(n)),
        calm,
      ).jobs,
    ).toHaveLength(15)
  })
})
