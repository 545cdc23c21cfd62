import type { ProjectedJob } from '../core/jobs/job-store.ts'
import { toJobView } from '../core/jobs/job-view.ts'
import { nextRun } from '../core/jobs/next-run.ts'
import { tryParseSchedule } from '../core/jobs/parse-schedule.ts'
import type { RunCoordinator } from '../core/jobs/run-coordinator.ts'
import type { Scheduler } from '../core/jobs/scheduler.ts'
import type { Credential } from '../model/credential.ts'
import type { JobDefinition, JobView } from '../model/job.ts'
import type { ServicePorts } from './service-ports.ts'

type ViewParts = { readonly coordinator: RunCoordinator; readonly scheduler: () => Scheduler | null }

/** What only the unlocked vault knows. */
type Known = {
  readonly definitions: ReadonlyMap<string, JobDefinition>
  readonly credentials: ReadonlyMap<string, Credential>
  readonly labels: Readonly<Record<string, string>>
}

const nothingKnown: Known = { definitions: new Map(), credentials: new Map(), labels: {} }
/** Enough to find the start of a streak of trouble. */
const runsLookedAt = 50

/** All jobs with everything that may be said of them now. */
export async function listJobViews(ports: ServicePorts, parts: ViewParts): Promise<readonly JobView[]> {
  return viewJobs(ports, parts, await loadKnown(ports))
}

/** All jobs from the projection alone: nothing decrypted is touched. */
export function summariseJobs(ports: ServicePorts, parts: ViewParts): readonly JobView[] {
  return viewJobs(ports, parts, nothingKnown)
}

function viewJobs(ports: ServicePorts, parts: ViewParts, known: Known): readonly JobView[] {
  const { store, vault } = ports
  const blocks = new Map(store.blocks().map((block) => [block.credential, block.since]))
  const scheduler = parts.scheduler()
  const paused = scheduler?.paused().paused ?? false
  return store.jobs().map((job) => {
    const facts = {
      here: job.device === vault.device(),
      running: parts.coordinator.isRunning(job.id),
      paused,
      blockedSince: blocks.get(job.credential) ?? null,
      runs: store.runs(job.id, runsLookedAt),
      nextRun: nextRunOf(ports, scheduler, job),
    }
    return toJobView(job, facts, {
      definition: known.definitions.get(job.id) ?? null,
      credential: known.credentials.get(job.credential) ?? null,
      deviceLabel: known.labels[job.device] ?? null,
    })
  })
}

/** Without a scheduler of its own a process says what whoever comes along (the app, `run --due`) will find due. */
function nextRunOf(ports: ServicePorts, scheduler: Scheduler | null, job: ProjectedJob): number | null {
  const next = scheduler === null ? scheduledTime(ports, job) : scheduler.nextRun(job)
  // A start that is due waits for something (unlock, network); its next time is now, not in the past.
  return next === null ? null : Math.max(next, ports.clock.now())
}

function scheduledTime(ports: ServicePorts, job: ProjectedJob): number | null {
  const schedule = tryParseSchedule(job.schedule)
  if (schedule === null || !job.enabled || job.device !== ports.vault.device()) return null
  return nextRun(schedule, job.anchor, job.zone)
}

async function loadKnown({ vault: host }: ServicePorts): Promise<Known> {
  if (!host.isUnlocked()) return nothingKnown
  const vault = host.unlocked()
  const [jobs, credentials, labels] = await Promise.all([
    vault.listJobs(),
    vault.listCredentials(),
    vault.deviceLabels(),
  ])
  return {
    definitions: new Map(jobs.map((job) => [job.id, job])),
    credentials: new Map(credentials.map((one) => [one.id, one])),
    labels,
  }
}
