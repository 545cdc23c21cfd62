import { describe, expect, it } from 'vitest'
import { createNodeProcessTable } from '../../../main/adapters/node-process-table.ts'
import { createLeases } from '../../../main/core/jobs/lease.ts'
import type { Leases } from '../../../main/core/jobs/lease.ts'
import type { ProcessTable } from '../../../main/core/ports/process-table.ts'
import { takeScheduler } from '../../../main/desktop/take-scheduler.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import type { FakeClock } from '../../helpers/fake-clock.ts'
import { captureLog, openStore } from '../core/jobs/support.ts'
import type { CapturedLog } from '../core/jobs/support.ts'

type Bench = {
  readonly clock: FakeClock
  readonly log: CapturedLog
  readonly leases: Leases
  /** How often the scheduler of this app was started. */
  readonly starts: () => number
  /** Another process of the same home. */
  readonly other: { readonly leases: Leases; isAlive: boolean }
  readonly app: { isEnding: boolean }
  readonly take: (leases?: Leases) => void
}

async function bench(): Promise<Bench> {
  const { database } = await openStore()
  const clock = createFakeClock()
  const log = captureLog()
  const here = createNodeProcessTable().self()
  const app = { isEnding: false }
  let starts = 0
  const otherProcess = { ...here, pid: here.pid + 1 }
  const tableOf = (self: ProcessTable['self']): ProcessTable => ({
    self,
    isAlive: ({ pid }) => pid === here.pid || other.isAlive,
  })
  const leases = createLeases(
    database,
    tableOf(() => here),
  )
  const other = {
    leases: createLeases(
      database,
      tableOf(() => otherProcess),
    ),
    isAlive: true,
  }
  const scheduler = { start: () => void (starts += 1) }
  return {
    clock,
    log,
    leases,
    starts: () => starts,
    other,
    app,
    take: (given = leases) => {
      takeScheduler({ clock, leases: given, log, scheduler, isEnding: () => app.isEnding })
    },
  }
}

describe('takeScheduler', () => {
  it('starts the scheduler at once when no other process holds the lease, and keeps it', async () => {
    const { take, starts, leases, clock } = await bench()
    take()
    await clock.advance(600_000)
    expect([starts(), leases.isHeld('scheduler'), clock.pending]).toEqual([1, true, 0])
  })

  it('starts none while another process is the scheduler, and takes over within a minute of its end', async () => {
    const { take, starts, other, clock, log } = await bench()
    other.leases.acquire('scheduler')
    take()
    await clock.advance(300_000)
    expect([starts(), log.events]).toEqual([0, []])
    other.isAlive = false
    await clock.advance(60_000)
    expect(starts()).toBe(1)
    await clock.advance(600_000)
    expect([starts(), clock.pending]).toEqual([1, 0])
    other.isAlive = true
    expect(() => other.leases.acquire('scheduler')).toThrow(
      expect.objectContaining({ code: 'already-running' }) as Error,
    )
  })

  it('takes over from a process that gave its lease back', async () => {
    const { take, starts, other, clock } = await bench()
    const giveBack = other.leases.acquire('scheduler')
    take()
    giveBack()
    await clock.advance(60_000)
    expect(starts()).toBe(1)
  })

  it('tries again when the database could not be asked, and says so', async () => {
    const { take, starts, leases, clock, log } = await bench()
    let isFull = true
    take({
      ...leases,
      acquire: (name) => {
        if (isFull) throw new AppError('no-space', 'disk is full')
        return leases.acquire(name)
      },
    })
    expect([starts(), log.events]).toEqual([0, ['scheduler.not-taken']])
    isFull = false
    await clock.advance(60_000)
    expect(starts()).toBe(1)
  })

  it('takes nothing any more once the app is on its way out', async () => {
    const { take, starts, other, clock, app, leases } = await bench()
    const giveBack = other.leases.acquire('scheduler')
    take()
    giveBack()
    app.isEnding = true
    await clock.advance(60_000)
    expect([starts(), leases.isHeld('scheduler'), clock.pending]).toEqual([0, false, 0])
  })
})
