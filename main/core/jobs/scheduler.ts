import type { ErrorCode } from '../../model/error-codes.ts'
import type { RunTrigger } from '../../model/run.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Network } from '../ports/network.ts'
import type { JobStore, ProjectedJob } from './job-store.ts'
import { lastDue, nextRun, startJitterMs } from './next-run.ts'
import { tryParseSchedule } from './parse-schedule.ts'

/** Timers freeze in suspend and clocks are set: nothing is trusted for longer than this. */
const longestSleepMs = 60_000
/** A start later than this counts as missed and is caught up once. */
const onTimeMs = 90_000
/** A missed start older than this is skipped, and said so; the next regular one comes. */
const maxLatenessMs = 7 * 86_400_000
/** Jobs due at the same minute start within this span. */
const jitterMs = 5_000

/**
 * What came of asking for a start. `waiting` = no grant while locked; `running` = its last run is not over; `later` = too
 * many runs at once. All three leave the job due: it is asked for again.
 */
export type StartAnswer = 'started' | 'waiting' | 'running' | 'later' | { readonly skipped: ErrorCode }

/** Why a due start did not happen: an error code, or `offline`, `too-late`. */
export type SkipReason = ErrorCode | 'offline' | 'too-late'

export type SchedulerPorts = {
  readonly clock: Clock
  readonly log: Logger
  readonly network: Network
  readonly store: JobStore
  /** Id of this device; jobs of others are never started. */
  readonly device: () => string
  /** Never throws; a rejection counts as `internal`. */
  start(job: ProjectedJob, trigger: RunTrigger): Promise<StartAnswer>
  /** A job began or ceased to wait for unlock. */
  onWaiting(job: ProjectedJob, waiting: boolean): void
  /** The wall clock jumped or the machine slept; `byMs` > 0 = forward. */
  onClockJump(byMs: number): void
}

/** Starts jobs when they are due. One per home: whoever holds the `scheduler` lease. */
export type Scheduler = {
  start(): void
  stop(): void
  /** Looks again now: after unlock, resume, going online, or a change of jobs. */
  poke(): void
  /** Stops starting jobs; `until` in milliseconds since 1970, null = until `resume`. */
  pause(until: number | null): void
  resume(): void
  paused(): { readonly paused: boolean; readonly until: number | null }
  /** When the job is due next, milliseconds since 1970; null when never or not on this device. */
  nextRun(job: ProjectedJob): number | null
}

/** The loop has an identity: one armed timer, one idea of when it last looked, and the starts it waits for. */
class ClockScheduler implements Scheduler {
  readonly #ports: SchedulerPorts
  /** Due time of each start that was asked for and not answered, or whose answer could not be written down. */
  readonly #asked = new Map<string, number>()
  #active = false
  #looking = false
  #lookAgain = false
  #lastWall: number
  #lastMonotonic: number
  #cancelTimer = (): void => {}

  constructor(ports: SchedulerPorts) {
    this.#ports = ports
    this.#lastWall = ports.clock.now()
    this.#lastMonotonic = ports.clock.monotonic()
  }

  start(): void {
    this.#active = true
    this.#lastWall = this.#ports.clock.now()
    this.#lastMonotonic = this.#ports.clock.monotonic()
    this.poke()
  }

  stop(): void {
    this.#active = false
    this.#cancelTimer()
  }

  poke(): void {
    // A start tells of itself, and whoever hears it pokes: one look at a time, then one more.
    if (this.#looking) {
      this.#lookAgain = true
      return
    }
    if (!this.#active) return
    this.#looking = true
    try {
      do {
        this.#lookAgain = false
        this.#look()
      } while (this.#lookAgain)
    } catch (error) {
      this.#complain('scheduler.look-failed', error)
    } finally {
      this.#looking = false
      this.#arm()
    }
  }

  pause(until: number | null): void {
    this.#ports.store.setFact('paused', until === null ? 'until-resumed' : String(until))
  }

  resume(): void {
    this.#ports.store.setFact('paused', null)
    this.poke()
  }

  paused(): { paused: boolean; until: number | null } {
    const fact = this.#ports.store.getFact('paused')
    if (fact === null) return { paused: false, until: null }
    if (fact === 'until-resumed') return { paused: true, until: null }
    const until = Number(fact)
    return until > this.#ports.clock.now() ? { paused: true, until } : { paused: false, until: null }
  }

  nextRun(job: ProjectedJob): number | null {
    return this.#isMine(job) ? dueTime(job) : null
  }

  #isMine(job: ProjectedJob): boolean {
    return job.enabled && job.device === this.#ports.device()
  }

  #look(): void {
    const now = this.#ports.clock.now()
    this.#noticeJump(now)
    const jobs = this.#ports.store.jobs()
    for (const job of jobs) this.#repairAnchor(job, now)
    if (this.paused().paused) return
    for (const job of this.#ports.store.jobs()) {
      if (!this.#isMine(job)) continue
      try {
        this.#consider(job, now)
      } catch (error) {
        this.#complain('scheduler.job-failed', error)
      }
    }
  }

  #noticeJump(now: number): void {
    const monotonic = this.#ports.clock.monotonic()
    const drift = now - this.#lastWall - (monotonic - this.#lastMonotonic)
    this.#lastWall = now
    this.#lastMonotonic = monotonic
    if (Math.abs(drift) < 10_000) return
    this.#ports.log.info('scheduler.clock-jump', { byMs: Math.round(drift) })
    this.#ports.onClockJump(drift)
  }

  /** A clock that was wrong leaves times in the future: they would silence the job until the clock gets there again. */
  #repairAnchor(job: ProjectedJob, now: number): void {
    if (job.anchor > now) this.#ports.store.setAnchor(job.id, now)
    if (job.waitingSince !== null && job.waitingSince > now) this.#ports.store.setWaiting(job.id, now)
  }

  #consider(job: ProjectedJob, now: number): void {
    const schedule = tryParseSchedule(job.schedule)
    if (schedule === null) return
    const first = nextRun(schedule, job.anchor, job.zone)
    const at = lastDue(schedule, job.anchor, now, job.zone)
    if (first === null || at === null || this.#asked.get(job.id) === at) return
    const missed = now - first > onTimeMs
    if (!missed && now - at < startJitterMs(job.id, jitterMs)) return
    if (now - at > maxLatenessMs) {
      this.#served(job, at)
      this.#skip(job, at, 'too-late')
      return
    }
    if (!this.#ports.network.isOnline()) {
      this.#skip(job, at, 'offline')
      return
    }
    const trigger = job.waitingSince !== null ? 'unlock' : missed ? 'catch-up' : 'schedule'
    this.#asked.set(job.id, at)
    this.#ports.start(job, trigger).then(
      (answer) => {
        this.#settle(job.id, at, answer)
      },
      () => {
        this.#settle(job.id, at, { skipped: 'internal' })
      },
    )
  }

  #settle(jobId: string, at: number, answer: StartAnswer): void {
    try {
      const job = this.#ports.store.job(jobId)
      if (job !== null) this.#writeDown(job, at, answer)
      this.#asked.delete(jobId)
    } catch (error) {
      // `asked` stays: what could not be written down must not start the job over and over.
      this.#complain('scheduler.not-settled', error)
    }
  }

  #writeDown(job: ProjectedJob, at: number, answer: StartAnswer): void {
    if (answer === 'later') return
    if (answer === 'running') {
      this.#skip(job, at, 'already-running')
      return
    }
    if (answer !== 'waiting') {
      this.#served(job, at)
      if (answer !== 'started') this.#skip(job, at, answer.skipped)
      return
    }
    if (job.waitingSince !== null) return
    this.#ports.store.setWaiting(job.id, this.#ports.clock.now())
    this.#skip(job, at, 'locked')
    this.#ports.onWaiting(job, true)
  }

  /** This due time is done with, one way or the other. */
  #served(job: ProjectedJob, at: number): void {
    this.#ports.store.setAnchor(job.id, at)
    if (job.waitingSince === null) return
    this.#ports.store.setWaiting(job.id, null)
    this.#ports.onWaiting(job, false)
  }

  #skip(job: ProjectedJob, at: number, reason: SkipReason): void {
    this.#ports.log.info('scheduler.skipped', { job: job.id, reason })
    this.#ports.store.addSkip({ job: job.id, at: new Date(at).toISOString(), reason })
  }

  #complain(event: string, error: unknown): void {
    this.#ports.log.error(event, { kind: error instanceof Error ? error.name : typeof error })
  }

  #arm(): void {
    this.#cancelTimer()
    if (!this.#active) return
    this.#cancelTimer = this.#ports.clock.setTimer(this.#delay(), () => {
      this.poke()
    })
  }

  #delay(): number {
    try {
      const now = this.#ports.clock.now()
      let delay = longestSleepMs
      for (const job of this.#ports.store.jobs()) {
        const at = this.nextRun(job)
        if (at === null) continue
        const begin = at + startJitterMs(job.id, jitterMs)
        if (begin > now) delay = Math.min(delay, begin - now)
      }
      return delay
    } catch {
      return longestSleepMs
    }
  }
}

export function createScheduler(ports: SchedulerPorts): Scheduler {
  return new ClockScheduler(ports)
}

function dueTime(job: ProjectedJob): number | null {
  const schedule = tryParseSchedule(job.schedule)
  return schedule === null ? null : nextRun(schedule, job.anchor, job.zone)
}
