import { AppError } from '../../model/app-error.ts'
import type { RunProgress } from '../../model/run.ts'
import { FromWorker } from '../../model/worker-messages.ts'
import type { ToWorker, WorkerTask } from '../../model/worker-messages.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { ChildProcess, WorkerHost } from '../ports/worker-host.ts'
import type { OpenableGrant } from './grant-book.ts'

/** The message that ends a task. */
export type WorkerResult = Exclude<FromWorker, { type: 'ready' | 'progress' | 'log' }>

export type WorkerSession = {
  /** Resolves with the last word of the worker. Rejects with AppError('worker-crashed') when it dies before. */
  readonly result: Promise<WorkerResult>
  /** Asks it to stop at a clean point; it is killed when it has not within `cancelGraceMs`. Idempotent. */
  cancel(): void
  /** Ends it at once. */
  kill(): void
}

export type WorkerSessionPorts = {
  readonly host: WorkerHost
  readonly clock: Clock
  readonly log: Logger
  readonly home: string
}

export type WorkerStart = {
  readonly task: WorkerTask
  readonly grant: OpenableGrant
  readonly recheck: boolean
  /** SSH_AUTH_SOCK, only for a credential that says it uses the agent; null otherwise. */
  readonly agentSocket: string | null
  readonly onProgress?: (progress: RunProgress) => void
}

/** A child that does not even start to talk is broken. */
const readyDeadlineMs = 30_000
/** A worker that neither gets past connecting nor answers (a hung mount, a stopped process) must not hold others up. */
const connectDeadlineMs = 300_000

/** A cancelled worker finishes the files in its hands; a transfer that hangs must not keep it for ever. */
const cancelGraceMs = 15_000

/** Starts one worker for one task with one credential. The grant key is wiped here once it is handed over. */
export function startWorker(ports: WorkerSessionPorts, start: WorkerStart): WorkerSession {
  return new ChildWorkerSession(ports, start)
}

/** One child and what is known of it. */
class ChildWorkerSession implements WorkerSession {
  readonly result: Promise<WorkerResult>
  readonly #ports: WorkerSessionPorts
  readonly #start: WorkerStart
  readonly #child: ChildProcess
  #end: 'worker-crashed' | 'cancelled' | 'timeout' = 'worker-crashed'
  #cancelDeadline: () => void

  constructor(ports: WorkerSessionPorts, start: WorkerStart) {
    this.#ports = ports
    this.#start = start
    const extraEnv: Record<string, string> =
      start.agentSocket === null ? {} : { SSH_AUTH_SOCK: start.agentSocket }
    this.#child = ports.host.start('worker', extraEnv)
    this.#cancelDeadline = this.#killAfter(readyDeadlineMs)
    this.result = new Promise<WorkerResult>((resolve, reject) => {
      this.#child.onMessage((raw) => {
        this.#hear(readMessage(ports.log, raw), resolve)
      })
      this.#child.onExit((code) => {
        start.grant.grantKey.fill(0)
        reject(new AppError(this.#end, `worker ended with ${code ?? 'a signal'}`))
      })
    }).finally(() => {
      this.#cancelDeadline()
      this.#child.kill()
    })
  }

  cancel(): void {
    if (this.#end === 'cancelled') return
    this.#end = 'cancelled'
    this.#child.post({ type: 'cancel' } satisfies ToWorker)
    this.#cancelDeadline()
    this.#cancelDeadline = this.#ports.clock.setTimer(cancelGraceMs, () => {
      this.#child.kill()
    })
  }

  kill(): void {
    this.#end = 'cancelled'
    this.#child.kill()
  }

  #hear(message: FromWorker | null, resolve: (result: WorkerResult) => void): void {
    if (message === null) this.#child.kill()
    else if (message.type === 'ready') this.#handOver()
    else if (message.type === 'progress') this.#onProgress(message.progress)
    else if (message.type === 'log') this.#ports.log[message.level](message.event, message.fields)
    else resolve(message)
  }

  #handOver(): void {
    handOver(this.#child, this.#ports.home, this.#start)
    if (this.#end === 'cancelled') {
      this.#child.post({ type: 'cancel' } satisfies ToWorker)
      return
    }
    this.#cancelDeadline()
    this.#cancelDeadline = this.#killAfter(connectDeadlineMs)
  }

  #onProgress(progress: RunProgress): void {
    // From here on the engine's own deadlines hold; a long transfer is no reason to end a run.
    if (progress.phase !== 'connecting' && this.#end !== 'cancelled') this.#cancelDeadline()
    this.#start.onProgress?.(progress)
  }

  #killAfter(delayMs: number): () => void {
    return this.#ports.clock.setTimer(delayMs, () => {
      this.#end = 'timeout'
      this.#child.kill()
    })
  }
}

function readMessage(log: Logger, raw: unknown): FromWorker | null {
  const parsed = FromWorker.safeParse(raw)
  if (parsed.success) return parsed.data
  log.error('worker.bad-message')
  return null
}

function handOver(child: ChildProcess, home: string, start: WorkerStart): void {
  const message: ToWorker = {
    type: 'start',
    home,
    task: start.task,
    grant: start.grant.sealed,
    grantKey: start.grant.grantKey,
    recheck: start.recheck,
  }
  child.post(message)
  start.grant.grantKey.fill(0)
}
