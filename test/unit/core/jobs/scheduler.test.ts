import { describe, expect, it } from 'vitest'
import { createScheduler } from '../../../../main/core/jobs/scheduler.ts'
import type { Scheduler, StartAnswer } from '../../../../main/core/jobs/scheduler.ts'
import type { JobStore } from '../../../../main/core/jobs/job-store.ts'
import type { JobDefinition } from '../../../../main/model/job.ts'
import { createFakeClock } from '../../../helpers/fake-clock.ts'
import type { FakeClock } from '../../../helpers/fake-clock.ts'
import { captureLog, here, jobDefinition, openStore, projection, uuid } from './support.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Starts are spread over this span after the due time. */
const jitter = 5_000

type Bench = {
  clock: FakeClock
  store: JobStore
  scheduler: Scheduler
  starts: string[]
  waiting: string[]
  jumps: number[]
  answer: { current: StartAnswer }
  online: { current: boolean }
}

async function bench(jobs: readonly JobDefinition[]): Promise<Bench> {
  const clock = createFakeClock(Date.UTC(2026, 5, 1, 12))
  const { store } = await openStore()
  store.project(projection(jobs, clock.now()))
  const starts: string[] = []
  const waiting: string[] = []
  const jumps: number[] = []
  const answer: { current: StartAnswer } = { current: 'started' }
  const online = { current: true }
  const scheduler = createScheduler({
    clock,
    log: captureLog(),
    network: { isOnline: () => online.current },
    store,
    device: () => here,
    start: (job, trigger) => {
      starts.push(`${job.name} ${trigger}`)
      return Promise.resolve(answer.current)
    },
    onWaiting: (job, isWaiting) => waiting.push(`${job.name} ${isWaiting}`),
    onClockJump: (byMs) => jumps.push(byMs),
  })
  return { clock, store, scheduler, starts, waiting, jumps, answer, online }
}

describe('createScheduler', () => {
  it('starts a job at each due time and no other', async () => {
    const { clock, scheduler, starts } = await bench([jobDefinition(1)])
    scheduler.start()
    await clock.advance(10 * minute - 1)
    expect(starts).toEqual([])
    await clock.advance(jitter + 1)
    expect(starts).toEqual(['job 1 schedule'])
    await clock.advance(50 * minute)
    expect(starts.length).toBe(6)
  })

  it('starts neither manual jobs nor those turned off nor those of another device', async () => {
    const { clock, scheduler, starts } = await bench([
      jobDefinition(1, { schedule: 'manual' }),
      jobDefinition(2, { enabled: false }),
      jobDefinition(3, { device: 'dffffffffffffffff' }),
    ])
    scheduler.start()
    await clock.advance(2 * hour)
    expect(starts).toEqual([])
  })

  it('catches up once after a long sleep in which timers stood still', async () => {
    const { clock, scheduler, starts, jumps } = await bench([jobDefinition(1)])
    scheduler.start()
    clock.setWallClock(clock.now() + 8 * hour)
    await clock.advance(minute)
    expect(starts).toEqual(['job 1 catch-up'])
    expect(Math.round((jumps[0] ?? 0) / hour)).toBe(8)
  })

  it('notices a missed start right away when it is poked after resume', async () => {
    const { clock, scheduler, starts } = await bench([jobDefinition(1)])
    scheduler.start()
    clock.setWallClock(clock.now() + hour)
    scheduler.poke()
    expect(starts).toEqual(['job 1 catch-up'])
  })

  it('catches up once after a restart and counts many missed days as one', async () => {
    const { clock, scheduler, starts } = await bench([jobDefinition(1, { schedule: '@daily' })])
    await clock.advance(3 * day)
    scheduler.start()
    await clock.advance(hour)
    expect(starts).toEqual(['job 1 catch-up'])
  })

  it('skips a start that is over a week late, and says so', async () => {
    const { clock, scheduler, starts, store } = await bench([jobDefinition(1, { schedule: '0 0 1 6 *' })])
    store.setAnchor(uuid(1), Date.UTC(2026, 4, 1))
    await clock.advance(20 * day)
    scheduler.start()
    expect(starts).toEqual([])
    expect(store.skips(uuid(1), 5).map((skip) => skip.reason)).toEqual(['too-late'])
  })

  it('keeps going when the clock is set back', async () => {
    const { clock, scheduler, starts } = await bench([jobDefinition(1)])
    scheduler.start()
    await clock.advance(10 * minute + jitter)
    clock.setWallClock(clock.now() - 5 * day)
    await clock.advance(12 * minute)
    expect(starts.length).toBe(2)
  })

  it('waits for the unlock, says it once, and runs once afterwards', async () => {
    const { clock, scheduler, starts, waiting, answer, store } = await bench([jobDefinition(1)])
    answer.current = 'waiting'
    scheduler.start()
    await clock.advance(35 * minute)
    expect(waiting).toEqual(['job 1 true'])
    expect(store.job(uuid(1))?.waitingSince).not.toBeNull()
    answer.current = 'started'
    starts.length = 0
    scheduler.poke()
    await clock.advance(0)
    expect(starts).toEqual(['job 1 unlock'])
    expect(waiting).toEqual(['job 1 true', 'job 1 false'])
    await clock.advance(4 * minute)
    expect(starts.length).toBe(1)
  })

  it('holds a start back while offline, says so once, and catches up online', async () => {
    const { clock, scheduler, starts, online, store } = await bench([jobDefinition(1)])
    online.current = false
    scheduler.start()
    await clock.advance(10 * minute + 4 * minute)
    expect(starts).toEqual([])
    expect(store.skips(uuid(1), 9).map((skip) => skip.reason)).toEqual(['offline'])
    online.current = true
    scheduler.poke()
    expect(starts).toEqual(['job 1 catch-up'])
  })

  it('starts nothing while paused, also after a restart, and catches up once when resumed', async () => {
    const { clock, scheduler, starts } = await bench([jobDefinition(1)])
    scheduler.start()
    scheduler.pause(null)
    await clock.advance(3 * hour)
    expect(starts).toEqual([])
    expect(scheduler.paused()).toEqual({ paused: true, until: null })
    scheduler.resume()
    expect(starts).toEqual(['job 1 catch-up'])
  })

  it('ends a pause by itself when its time is over', async () => {
    const { clock, scheduler, starts } = await bench([jobDefinition(1)])
    scheduler.start()
    scheduler.pause(clock.now() + hour)
    await clock.advance(59 * minute)
    expect(starts).toEqual([])
    await clock.advance(3 * minute)
    expect(starts.length).toBe(1)
  })

  it('asks again for a job that still runs, and does not count its due time as served', async () => {
    const { clock, scheduler, starts, answer, store } = await bench([jobDefinition(1)])
    answer.current = 'running'
    scheduler.start()
    await clock.advance(11 * minute)
    expect(starts.length).toBeGreaterThan(0)
    answer.current = 'started'
    await clock.advance(minute)
    expect(starts.at(-1)).toMatch(/^job 1 (schedule|catch-up)$/)
    expect(store.skips(uuid(1), 5).map((skip) => skip.reason)).toEqual(['already-running'])
  })

  it('starts a job later when too many run, without a word', async () => {
    const { clock, scheduler, starts, answer, store } = await bench([jobDefinition(1)])
    answer.current = 'later'
    scheduler.start()
    await clock.advance(11 * minute)
    answer.current = 'started'
    scheduler.poke()
    await clock.advance(0)
    expect([store.skips(uuid(1), 5), starts.length > 1]).toEqual([[], true])
  })

  it('survives a database that fails once', async () => {
    const { clock, scheduler, starts, store } = await bench([jobDefinition(1)])
    scheduler.start()
    const jobs = store.jobs.bind(store)
    let failures = 0
    store.jobs = () => {
      if ((failures += 1) <= 3) throw new Error('database is locked')
      return jobs()
    }
    await clock.advance(11 * minute)
    expect(starts.length).toBe(1)
  })

  it('does not start a job over and over when its start cannot be written down', async () => {
    const { clock, scheduler, starts, store } = await bench([jobDefinition(1)])
    store.setAnchor = () => {
      throw new Error('disk is full')
    }
    scheduler.start()
    await clock.advance(10 * minute + jitter)
    for (let n = 0; n < 5; n += 1) scheduler.poke()
    await clock.advance(2 * minute)
    expect(starts.length).toBe(1)
  })

  it('repairs times that a wrong clock left in the future, also after a restart', async () => {
    const { clock, scheduler, starts, store } = await bench([jobDefinition(1)])
    store.setAnchor(uuid(1), clock.now() + 1000 * day)
    scheduler.start()
    await clock.advance(11 * minute)
    expect(starts.length).toBe(1)
  })

  it('looks again instead of within itself when a start pokes it', async () => {
    const pokes: string[] = []
    const { clock, store } = await bench([])
    store.project(projection([jobDefinition(1), jobDefinition(2)], clock.now()))
    const scheduler: Scheduler = createScheduler({
      clock,
      log: captureLog(),
      network: { isOnline: () => true },
      store,
      device: () => here,
      start: (job) => {
        pokes.push(job.name)
        scheduler.poke()
        return Promise.resolve('started')
      },
      onWaiting: () => {},
      onClockJump: () => {},
    })
    scheduler.start()
    await clock.advance(10 * minute + jitter)
    expect(pokes.sort()).toEqual(['job 1', 'job 2'])
  })

  it('records why a start was refused and goes on with the next due time', async () => {
    const { clock, scheduler, starts, answer, store } = await bench([jobDefinition(1)])
    answer.current = { skipped: 'needs-sign-in' }
    scheduler.start()
    await clock.advance(20 * minute + jitter)
    expect(starts.length).toBe(2)
    expect(store.skips(uuid(1), 9).map((skip) => skip.reason)).toEqual(['needs-sign-in', 'needs-sign-in'])
  })

  it('starts every job of a full minute, spread over a few seconds', async () => {
    const { clock, scheduler, starts } = await bench(
      Array.from({ length: 10 }, (_, n) => jobDefinition(n + 1)),
    )
    scheduler.start()
    await clock.advance(10 * minute + jitter)
    expect(new Set(starts).size).toBe(10)
  })

  it('stops for good', async () => {
    const { clock, scheduler, starts } = await bench([jobDefinition(1)])
    scheduler.start()
    scheduler.stop()
    await clock.advance(day)
    expect([starts, clock.pending]).toEqual([[], 0])
  })

  it('runs a night job once per night through both edges of daylight saving', async () => {
    const { clock, scheduler, starts, store } = await bench([])
    clock.setWallClock(Date.UTC(2026, 2, 28, 12))
    store.project(
      projection([jobDefinition(1, { schedule: '30 2 * * *', zone: 'Europe/Berlin' })], clock.now()),
    )
    scheduler.start()
    await clock.advance(2 * day)
    expect(starts.length).toBe(2)
  })
})
