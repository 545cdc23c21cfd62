import type { GrantBook, OpenableGrant } from '../core/jobs/grant-book.ts'
import { requireGrant } from '../core/jobs/grant-book.ts'
import type { ProjectedJob } from '../core/jobs/job-store.ts'
import type { FinishedRun, RunCoordinator, StartedRun } from '../core/jobs/run-coordinator.ts'
import type { Scheduler, StartAnswer } from '../core/jobs/scheduler.ts'
import type { Changed } from '../core/vault/vault-api.ts'
import { AppError } from '../model/app-error.ts'
import type { JobDefinition, JobDraft, JobPatch, JobView } from '../model/job.ts'
import type { Preview, RunSummary, RunTrigger } from '../model/run.ts'
import { findByName } from './credential-service.ts'
import { checkedLocal, checkedSafety } from './job-checks.ts'
import { listJobViews, summariseJobs } from './job-views.ts'
import { requireConnector } from './credential-types.ts'
import { checkDirection, checkSchedule, lastDueTime } from './schedule-checks.ts'
import type { ServicePorts } from './service-ports.ts'
import { usesAgent } from './worker-tasks.ts'
import type { WorkerTasks } from './worker-tasks.ts'

export type { FinishedRun }

export type JobService = {
  list(): Promise<readonly JobView[]>
  /** The same without anything from the vault: name, state and times only. */
  summaries(): readonly JobView[]
  /** By id or by name. Throws AppError('unknown-name'). */
  find(idOrName: string): Promise<JobView>
  /** `draft.local` is a path as the person gave it; it must exist and be safe. */
  add(draft: JobDraft): Promise<Changed>
  edit(id: string, patch: JobPatch): Promise<Changed>
  remove(id: string): Promise<Changed>
  preview(id: string): Promise<Preview>
  /** Starts a run for a person: with the vault when it is unlocked, else with the job's until-quit grant. */
  run(id: string, options: { approve: string | null; trigger: RunTrigger }): Promise<StartedRun>
  cancel(id: string): void
  /** Asks a run to stop wherever it lives: here at once, in another process of this home within seconds. */
  requestCancel(id: string): void
  /** Jobs of this device that are due now, in name order. */
  due(): Promise<readonly ProjectedJob[]>
  /** Runs one due job to its end and marks its due time as served; null when it is not due any more. */
  runDue(job: ProjectedJob): Promise<FinishedRun | null>
  history(id: string, limit: number): readonly RunSummary[]
  /** What the scheduler calls: never asks, never throws. */
  startScheduled(job: ProjectedJob, trigger: RunTrigger): Promise<StartAnswer>
  /** Brings projection and grants in line with the vault. */
  refresh(): Promise<void>
}

/** After a long sleep all missed jobs are due at once; they start a few at a time. */
const scheduledAtOnce = 4

export type JobParts = {
  readonly tasks: WorkerTasks
  readonly grants: GrantBook
  readonly coordinator: RunCoordinator
  /** Whether this process stays and may run jobs while the vault is locked. */
  readonly keepsGrants: boolean
  /** Set once the scheduler exists; the CLI has none of its own. */
  readonly scheduler: () => Scheduler | null
}

/** Remembers which credentials use the SSH agent, for runs while locked; that memory is its identity. */
class VaultJobService implements JobService {
  readonly #ports: ServicePorts
  readonly #parts: JobParts
  #agentUsers = new Set<string>()
  #refreshing: Promise<void> = Promise.resolve()

  constructor(ports: ServicePorts, parts: JobParts) {
    this.#ports = ports
    this.#parts = parts
  }

  list(): Promise<readonly JobView[]> {
    return listJobViews(this.#ports, this.#parts)
  }

  summaries(): readonly JobView[] {
    return summariseJobs(this.#ports, this.#parts)
  }

  async find(idOrName: string): Promise<JobView> {
    return findByName(await this.list(), idOrName, 'job')
  }

  async add(draft: JobDraft): Promise<Changed> {
    checkSchedule(draft)
    checkDirection(draft)
    await this.#requireUsable(draft.credential)
    const local = await checkedLocal(this.#ports, draft.local)
    const safety = await checkedSafety(this.#ports, null, { ...draft, local })
    return this.#after(await this.#ports.vault.unlocked().addJob({ ...draft, local, ...safety }))
  }

  async edit(id: string, patch: JobPatch): Promise<Changed> {
    const current = await this.#definition(id)
    checkSchedule({ ...current, ...patch })
    checkDirection({ ...current, ...patch })
    if (patch.credential !== undefined) await this.#requireUsable(patch.credential)
    const local = patch.local === undefined ? {} : { local: await checkedLocal(this.#ports, patch.local) }
    const safety = await checkedSafety(this.#ports, current, { ...patch, ...local })
    return this.#after(await this.#ports.vault.unlocked().editJob(id, { ...patch, ...local, ...safety }))
  }

  /** Throws AppError('unsupported') for a credential that no job can sign in with. An unknown one is the vault's to refuse. */
  async #requireUsable(credentialId: string): Promise<void> {
    const all = await this.#ports.vault.unlocked().listCredentials()
    const type = all.find(({ id }) => id === credentialId)?.type
    if (type !== undefined) requireConnector(type)
  }

  async remove(id: string): Promise<Changed> {
    if (this.#parts.coordinator.isRunning(id)) throw new AppError('already-running', 'the job is running')
    const change = await this.#ports.vault.unlocked().removeJob(id)
    await this.#ports.removeJobData(id).catch(() => {
      this.#ports.log.warn('job.data-not-removed', { job: id })
    })
    return this.#after(change)
  }

  async preview(id: string): Promise<Preview> {
    const definition = await this.#definition(id)
    const credentials = await this.#ports.vault.unlocked().listCredentials()
    return this.#parts.tasks.preview(id, findByName(credentials, definition.credential, 'credential'))
  }

  async run(id: string, options: { approve: string | null; trigger: RunTrigger }): Promise<StartedRun> {
    const job = this.#projected(id)
    return this.#start(job, await this.#grantFor(job), options)
  }

  cancel(id: string): void {
    this.#parts.coordinator.cancel(id)
  }

  requestCancel(id: string): void {
    if (!this.#parts.coordinator.cancel(id)) this.#ports.store.setFact(`cancel:${id}`, 'requested')
  }

  due(): Promise<readonly ProjectedJob[]> {
    const now = this.#ports.clock.now()
    const mine = this.#ports.store
      .jobs()
      .filter((job) => job.enabled && job.device === this.#ports.vault.device())
    return Promise.resolve(mine.filter((job) => lastDueTime(job, now) !== null))
  }

  async runDue(listed: ProjectedJob): Promise<FinishedRun | null> {
    const { store, clock } = this.#ports
    // The app may have run it since the list was made.
    const job = store.job(listed.id)
    const at = job?.enabled === true ? lastDueTime(job, clock.now()) : null
    if (job === null || at === null) return null
    const started = await this.run(job.id, { approve: null, trigger: 'schedule' })
    store.setAnchor(job.id, at)
    store.setWaiting(job.id, null)
    return started.finished
  }

  history(id: string, limit: number): readonly RunSummary[] {
    return this.#ports.store.runs(id, limit)
  }

  async startScheduled(job: ProjectedJob, trigger: RunTrigger): Promise<StartAnswer> {
    try {
      if (this.#parts.coordinator.isRunning(job.id)) return 'running'
      if (this.#parts.coordinator.running().length >= scheduledAtOnce) return 'later'
      this.#start(job, await this.#grantFor(job), { trigger, approve: null })
      return 'started'
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'internal'
      if (code === 'no-grant' || code === 'locked') return 'waiting'
      return code === 'already-running' ? 'running' : { skipped: code }
    }
  }

  refresh(): Promise<void> {
    // One after the other, so that the last one to finish has seen the newest vault.
    const next = this.#refreshing.then(() => this.#refresh())
    this.#refreshing = next.catch(() => {})
    return next
  }

  async #refresh(): Promise<void> {
    const { vault: host, store, clock, emit } = this.#ports
    const vault = host.unlocked()
    const epoch = await vault.epoch()
    const [jobs, credentials] = await Promise.all([vault.listJobs(), vault.listCredentials()])
    const credentialRevs = Object.fromEntries(credentials.map((one) => [one.id, one.rev]))
    this.#agentUsers = new Set(credentials.filter((one) => usesAgent(one.fields)).map((one) => one.id))
    store.project({ jobs, credentialRevs, epoch, now: clock.now() })
    if (this.#parts.keepsGrants) await this.#parts.grants.refresh(vault, store.jobs(), host.device())
    emit('jobs.changed', {})
    this.#parts.scheduler()?.poke()
  }

  async #after(change: Changed): Promise<Changed> {
    await this.refresh()
    return change
  }

  async #definition(id: string): Promise<JobDefinition> {
    const definition = (await this.#ports.vault.unlocked().listJobs()).find((job) => job.id === id)
    if (definition === undefined) throw unknownJob()
    return definition
  }

  #projected(id: string): ProjectedJob {
    const job = this.#ports.store.job(id)
    if (job === null) throw unknownJob()
    if (job.device !== this.#ports.vault.device()) {
      throw new AppError('other-device', 'the job runs on another device')
    }
    return job
  }

  /** While unlocked always from the vault as it is now; else what was kept, if nothing changed since. */
  async #grantFor(job: ProjectedJob): Promise<OpenableGrant> {
    const { vault } = this.#ports
    if (vault.isUnlocked()) return this.#parts.grants.issue(vault.unlocked(), job.id)
    return requireGrant(this.#parts.grants.take(job))
  }

  #start(
    job: ProjectedJob,
    grant: OpenableGrant,
    how: { trigger: RunTrigger; approve: string | null },
  ): StartedRun {
    return this.#parts.coordinator.start({
      jobId: job.id,
      credentialId: job.credential,
      credentialRev: job.credentialRev,
      grant,
      agentSocket: this.#agentUsers.has(job.credential) ? this.#ports.userFiles.agentSocket() : null,
      ...how,
    })
  }
}

function unknownJob(): AppError {
  return new AppError('unknown-name', 'no job of this id', { details: { what: 'job' } })
}

export function createJobService(ports: ServicePorts, parts: JobParts): JobService {
  return new VaultJobService(ports, parts)
}
