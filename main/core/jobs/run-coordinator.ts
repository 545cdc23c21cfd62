import { AppError } from '../../model/app-error.ts'
import { isErrorCode } from '../../model/error-codes.ts'
import type { ErrorCode } from '../../model/error-codes.ts'
import type { GuardHit, RunProgress, RunSummary, RunTrigger } from '../../model/run.ts'
import type { Power } from '../ports/power.ts'
import type { Random } from '../ports/random.ts'
import type { OpenableGrant } from './grant-book.ts'
import type { JobStore } from './job-store.ts'
import type { Leases } from './lease.ts'
import type { SignInQueue } from './sign-in-queue.ts'
import { startWorker } from './worker-session.ts'
import type { WorkerResult, WorkerSessionPorts } from './worker-session.ts'

export type RunStart = {
  readonly jobId: string
  readonly credentialId: string
  /** Revision of the credential that the grant was sealed from. */
  readonly credentialRev: number
  readonly trigger: RunTrigger
  /** Id of a stored plan to carry out, null for a fresh one. */
  readonly approve: string | null
  readonly grant: OpenableGrant
  readonly agentSocket: string | null
}

export type FinishedRun = {
  readonly summary: RunSummary
  readonly guards: readonly GuardHit[]
  /** What the server showed when its identity was not trusted; null otherwise. */
  readonly fingerprint: string | null
}
/**
 * `finished` never rejects: whatever happens is in the summary. That of a run which never began, because its credential was
 * refused while it waited (`needs-sign-in`), is for whoever waits only: history has a skip instead.
 */
export type StartedRun = { readonly run: string; readonly finished: Promise<FinishedRun> }

/** Starts runs, at most one per job and home, watches them and writes down what became of them. */
export type RunCoordinator = {
  /** Throws `already-running`, or `needs-sign-in` while the credential is blocked. */
  start(start: RunStart): StartedRun
  /** Asks the run of a job to stop at a clean point. False when none runs here. */
  cancel(jobId: string): boolean
  /** Cancels every run and resolves when all workers are gone. */
  cancelAll(): Promise<void>
  /** Ends every worker at once; for a process that can wait no longer. */
  killAll(): void
  /** Latest progress of each run of this process. */
  running(): readonly RunProgress[]
  isRunning(jobId: string): boolean
}

export type RunCoordinatorPorts = WorkerSessionPorts & {
  readonly random: Random
  readonly power: Power
  readonly store: JobStore
  readonly leases: Leases
  readonly signIns: SignInQueue
  readonly onProgress: (progress: RunProgress) => void
  /** A run began, ended, or ended before it began. */
  readonly onChange: (jobId: string, what: 'began' | 'ended' | 'skipped') => void
}

type Live = { cancel: () => void; kill: () => void; progress: RunProgress; done: Promise<unknown> }
type Outcome =
  | FinishedRun
  | { readonly failed: ErrorCode; readonly fingerprint?: string | null }
  | { readonly skipped: ErrorCode }

/** How often a run looks whether another process asked it to stop. */
const cancelPollMs = 1_000

/** The set of runs of this process has an identity: a job is in it once or not at all. */
class WorkerRunCoordinator implements RunCoordinator {
  readonly #ports: RunCoordinatorPorts
  readonly #live = new Map<string, Live>()

  constructor(ports: RunCoordinatorPorts) {
    this.#ports = ports
  }

  start(request: RunStart): StartedRun {
    try {
      return this.#begin(request)
    } catch (error) {
      request.grant.grantKey.fill(0)
      throw error
    }
  }

  cancel(jobId: string): boolean {
    const entry = this.#live.get(jobId)
    entry?.cancel()
    return entry !== undefined
  }

  async cancelAll(): Promise<void> {
    const entries = [...this.#live.values()]
    for (const entry of entries) entry.cancel()
    await Promise.allSettled(entries.map((entry) => entry.done))
  }

  killAll(): void {
    for (const entry of this.#live.values()) entry.kill()
  }

  running(): readonly RunProgress[] {
    return [...this.#live.values()].map((entry) => entry.progress)
  }

  isRunning(jobId: string): boolean {
    return this.#live.has(jobId) || this.#ports.leases.isHeld(`job:${jobId}`)
  }

  /** Whatever throws here leaves neither a lease nor a blocker behind. */
  #begin(request: RunStart): StartedRun {
    const { store, leases, random, clock, power } = this.#ports
    if (store.isBlocked(request.credentialId)) {
      throw new AppError('needs-sign-in', 'credential is blocked after a refused sign-in')
    }
    const release = leases.acquire(`job:${request.jobId}`)
    let allowSleep = (): void => {}
    try {
      const run = random.uuid()
      store.setFact(`cancel:${request.jobId}`, null)
      allowSleep = power.blockSleep()
      const entry: Live = {
        cancel: () => {},
        kill: () => {},
        progress: firstProgress(run, request.jobId),
        done: Promise.resolve(),
      }
      this.#live.set(request.jobId, entry)
      const finished = this.#finish(request, { run, started: clock.now(), entry }, () => {
        release()
        allowSleep()
      })
      entry.done = finished
      this.#tell(request.jobId, 'began')
      return { run, finished }
    } catch (error) {
      this.#live.delete(request.jobId)
      release()
      allowSleep()
      throw error
    }
  }

  /** Never rejects. */
  async #finish(
    request: RunStart,
    facts: { run: string; started: number; entry: Live },
    giveBack: () => void,
  ): Promise<FinishedRun> {
    const { clock } = this.#ports
    const outcome = await this.#work(request, facts.run, facts.entry).catch((error: unknown): Outcome => ({
      failed: error instanceof AppError ? error.code : 'internal',
    }))
    const result = toFinishedRun(outcome, { ...facts, request, ended: clock.now() })
    if ('skipped' in outcome) this.#recordSkip(result.summary, outcome.skipped)
    else this.#record(request, result)
    this.#live.delete(request.jobId)
    giveBack()
    this.#tell(request.jobId, 'skipped' in outcome ? 'skipped' : 'ended')
    return result
  }

  async #work(request: RunStart, run: string, entry: Live): Promise<Outcome> {
    const { store, signIns } = this.#ports
    const waiting = new AbortController()
    const giveUp = (): void => {
      waiting.abort()
    }
    entry.cancel = giveUp
    entry.kill = giveUp
    // Jobs of one credential sign in one after the other: when the first is refused, the others never try.
    const signedIn = await signIns.enter(request.credentialId, waiting.signal)
    try {
      if (waiting.signal.aborted) return { failed: 'cancelled' }
      if (store.isBlocked(request.credentialId)) return { skipped: 'needs-sign-in' }
      const recheck = store.getFact(unfinished(request)) !== null
      store.setFact(unfinished(request), run)
      const outcome = await this.#watch(request, { run, recheck, entry, signedIn })
      if (reasonOf(outcome) === 'auth-failed') this.#block(request)
      return outcome
    } finally {
      request.grant.grantKey.fill(0)
      signedIn()
    }
  }

  async #watch(
    request: RunStart,
    run: { run: string; recheck: boolean; entry: Live; signedIn: () => void },
  ): Promise<Outcome> {
    const { entry } = run
    const session = startWorker(this.#ports, {
      task: { kind: 'run', run: run.run, trigger: request.trigger, approve: request.approve },
      grant: request.grant,
      recheck: run.recheck,
      agentSocket: request.agentSocket,
      onProgress: (progress) => {
        if (progress.phase !== 'connecting') run.signedIn()
        entry.progress = progress
        this.#ports.onProgress(progress)
      },
    })
    entry.cancel = () => {
      session.cancel()
    }
    entry.kill = () => {
      session.kill()
    }
    const stopWatching = this.#watchForCancel(request.jobId, entry)
    try {
      return readResult(await session.result)
    } finally {
      stopWatching()
    }
  }

  /** Another process of this home asks for a stop through the database; answers the function that stops looking. */
  #watchForCancel(jobId: string, entry: Live): () => void {
    const { clock, store } = this.#ports
    let cancelTimer = (): void => {}
    const look = (): void => {
      if (isRequested(store, jobId)) entry.cancel()
      else cancelTimer = clock.setTimer(cancelPollMs, look)
    }
    look()
    return () => {
      cancelTimer()
    }
  }

  /** A refusal of a password that was replaced meanwhile says nothing of the new one. */
  #block(request: RunStart): void {
    const { store, clock } = this.#ports
    if ((store.job(request.jobId)?.credentialRev ?? request.credentialRev) !== request.credentialRev) return
    store.block(request.credentialId, 'auth-failed', new Date(clock.now()).toISOString())
  }

  /** A disk that is full must not lose the result for whoever waits for it. */
  #record(request: RunStart, result: FinishedRun): void {
    const { store, log } = this.#ports
    const { summary } = result
    log.info('run.ended', {
      run: summary.run,
      job: request.jobId,
      state: summary.state,
      reason: summary.reason,
      copied: summary.copied,
      updated: summary.updated,
      deleted: summary.deleted,
      failed: summary.failed,
      bytes: summary.bytes,
      durationMs: summary.durationMs,
    })
    try {
      store.addRun(summary)
      // A run that died may have left effects that its baseline does not know: the next one looks closer. One that was
      // cancelled before it began has not looked at all, so the mark of an earlier one stays.
      const mark = store.getFact(unfinished(request))
      if (!diedMidway(summary.reason) && mark === summary.run) store.setFact(unfinished(request), null)
    } catch (error) {
      log.error('run.not-recorded', { run: summary.run, kind: error instanceof Error ? error.name : '' })
    }
  }

  /** Nothing was tried, so it is no failed run: it stands beside the starts that the scheduler skipped for this reason. */
  #recordSkip({ run, job, started }: RunSummary, reason: ErrorCode): void {
    const { store, log } = this.#ports
    log.info('run.skipped', { run, job, reason })
    try {
      store.addSkip({ job, at: started, reason })
    } catch (error) {
      log.error('run.not-recorded', { run, kind: error instanceof Error ? error.name : '' })
    }
  }

  #tell(jobId: string, what: 'began' | 'ended' | 'skipped'): void {
    try {
      this.#ports.onChange(jobId, what)
    } catch (error) {
      this.#ports.log.error('run.not-told', { job: jobId, kind: error instanceof Error ? error.name : '' })
    }
  }
}

function unfinished(request: RunStart): string {
  return `unfinished:${request.jobId}`
}

function diedMidway(reason: string | null): boolean {
  return reason === 'worker-crashed' || reason === 'timeout'
}

function isRequested(store: JobStore, jobId: string): boolean {
  try {
    return store.getFact(`cancel:${jobId}`) !== null
  } catch {
    return false
  }
}

export function createRunCoordinator(ports: RunCoordinatorPorts): RunCoordinator {
  return new WorkerRunCoordinator(ports)
}

function reasonOf(outcome: Outcome): string | null {
  return 'summary' in outcome ? outcome.summary.reason : codeOf(outcome)
}

function codeOf(outcome: Exclude<Outcome, FinishedRun>): ErrorCode {
  return 'skipped' in outcome ? outcome.skipped : outcome.failed
}

function toFinishedRun(
  outcome: Outcome,
  facts: { run: string; request: RunStart; started: number; ended: number },
): FinishedRun {
  if ('summary' in outcome) return outcome
  return {
    summary: failedSummary({ ...facts, code: codeOf(outcome) }),
    guards: [],
    fingerprint: 'failed' in outcome ? (outcome.fingerprint ?? null) : null,
  }
}

function readResult(result: WorkerResult): Outcome {
  if (result.type === 'summary') return { summary: result.summary, guards: result.guards, fingerprint: null }
  if (result.type === 'failed') {
    const { code, fingerprint } = result.failure
    return { failed: isErrorCode(code) ? code : 'internal', fingerprint }
  }
  return { failed: 'internal' }
}

function firstProgress(run: string, job: string): RunProgress {
  return {
    run,
    job,
    phase: 'connecting',
    filesDone: 0,
    filesTotal: null,
    bytesDone: 0,
    bytesTotal: null,
    current: null,
    failed: 0,
  }
}

function failedSummary(facts: {
  run: string
  request: RunStart
  started: number
  ended: number
  code: ErrorCode
}): RunSummary {
  const { run, request, started, ended, code } = facts
  return {
    run,
    job: request.jobId,
    state: code === 'cancelled' ? 'cancelled' : 'failed',
    reason: code,
    copied: 0,
    updated: 0,
    deleted: 0,
    moved: 0,
    conflicts: 0,
    skipped: 0,
    failed: 0,
    bytes: 0,
    durationMs: Math.max(0, Math.round(ended - started)),
    started: new Date(started).toISOString(),
    ended: new Date(ended).toISOString(),
    trigger: request.trigger,
    plan: request.approve,
    errors: [],
  }
}
