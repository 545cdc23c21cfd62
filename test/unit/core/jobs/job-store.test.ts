import { describe, expect, it } from 'vitest'
import { here, jobDefinition, openStore, projection, runSummary, uuid } from './support.ts'

describe('createJobStore', () => {
  it('projects the jobs of the vault and drops those that are gone', async () => {
    const { store } = await openStore()
    store.project(projection([jobDefinition(1), jobDefinition(2)], 100))
    store.project(projection([jobDefinition(2)], 200))
    expect(store.jobs()).toEqual([
      {
        id: uuid(2),
        name: 'job 2',
        schedule: 'every:10m',
        zone: 'UTC',
        enabled: true,
        device: here,
        whenLocked: 'until-quit',
        credential: uuid(900),
        credentialRev: 1,
        rev: 1,
        anchor: 100,
        waitingSince: null,
      },
    ])
  })

  it('keeps the rhythm of a job that was renamed and restarts it when the schedule changed', async () => {
    const { store } = await openStore()
    store.project(projection([jobDefinition(1)], 100))
    store.setWaiting(uuid(1), 150)
    store.project(projection([jobDefinition(1, { name: 'other', rev: 2 })], 200))
    const renamed = store.job(uuid(1))
    store.project(projection([jobDefinition(1, { schedule: 'every:5m', rev: 3 })], 300))
    const rescheduled = store.job(uuid(1))
    expect([renamed?.name, renamed?.anchor, renamed?.waitingSince]).toEqual(['other', 100, 150])
    expect([rescheduled?.anchor, rescheduled?.waitingSince]).toEqual([300, null])
  })

  it('starts to count anew when a job is turned on again', async () => {
    const { store } = await openStore()
    store.project(projection([jobDefinition(1)], 100))
    store.project(projection([jobDefinition(1, { enabled: false })], 200))
    store.project(projection([jobDefinition(1)], 300))
    expect(store.job(uuid(1))?.anchor).toBe(300)
  })

  it('ignores a snapshot that is older than the one it has', async () => {
    const { store } = await openStore()
    expect(store.project(projection([jobDefinition(1), jobDefinition(2)], 100, { epoch: 7 }))).toBe(true)
    expect(store.project(projection([jobDefinition(1)], 200, { epoch: 6 }))).toBe(false)
    expect(store.jobs().length).toBe(2)
  })

  it('forgets runs, skips and facts with the job, and everything on reset', async () => {
    const { store } = await openStore()
    store.project(projection([jobDefinition(1), jobDefinition(2)], 100))
    store.addRun(runSummary(1))
    store.addSkip({ job: uuid(1), at: '2026-01-01T00:00:00.000Z', reason: 'offline' })
    store.setFact(`unfinished:${uuid(1)}`, 'x')
    store.block(uuid(900), 'auth-failed', '2026-01-01T00:00:00.000Z')
    store.project(projection([jobDefinition(2)], 200, { epoch: 2 }))
    expect([store.runs(uuid(1), 9), store.skips(uuid(1), 9), store.getFact(`unfinished:${uuid(1)}`)]).toEqual(
      [[], [], null],
    )
    store.reset()
    expect([store.jobs(), store.blocks()]).toEqual([[], []])
    expect(store.project(projection([jobDefinition(3)], 300, { epoch: 1 }))).toBe(true)
  })

  it('shows history newest first and keeps 500 runs of a job', async () => {
    const { store } = await openStore()
    for (let n = 0; n < 510; n += 1) store.addRun(runSummary(n))
    store.addRun(runSummary(9000, { job: uuid(2) }))
    expect(store.runs(uuid(1), 1000).length).toBe(500)
    expect(store.lastRun(uuid(1))?.run).toBe(uuid(5509))
    expect(store.runs(uuid(2), 10).length).toBe(1)
    expect(store.runs(null, 3).length).toBe(3)
    expect(store.run(uuid(5001))).toBeNull()
  })

  it('records one skip per due time and reason', async () => {
    const { store } = await openStore()
    const skip = { job: uuid(1), at: '2026-01-01T00:00:00.000Z', reason: 'offline' }
    store.addSkip(skip)
    store.addSkip(skip)
    store.addSkip({ ...skip, reason: 'locked' })
    expect(store.skips(uuid(1), 10).map((one) => one.reason)).toEqual(['offline', 'locked'])
  })

  it('remembers the first refusal of a credential until it is lifted', async () => {
    const { store } = await openStore()
    store.block(uuid(900), 'auth-failed', '2026-01-01T00:00:00.000Z')
    store.block(uuid(900), 'auth-failed', '2026-02-01T00:00:00.000Z')
    expect(store.blocks()).toEqual([
      { credential: uuid(900), code: 'auth-failed', since: '2026-01-01T00:00:00.000Z' },
    ])
    store.unblock(uuid(900))
    expect(store.isBlocked(uuid(900))).toBe(false)
  })

  it('keeps facts until they are cleared', async () => {
    const { store } = await openStore()
    store.setFact('paused', '7')
    store.setFact('paused', '8')
    expect(store.getFact('paused')).toBe('8')
    store.setFact('paused', null)
    expect(store.getFact('paused')).toBeNull()
  })
})
