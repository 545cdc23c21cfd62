import type { Credential } from '../../model/credential.ts'
import type { JobDefinition, JobState, JobView } from '../../model/job.ts'
import type { RunSummary } from '../../model/run.ts'
import type { ProjectedJob } from './job-store.ts'

/** Everything a job's state follows from. */
export type JobFacts = {
  readonly here: boolean
  readonly running: boolean
  readonly paused: boolean
  /** Since when its credential is refused, null when it is not. */
  readonly blockedSince: string | null
  /** Newest first. */
  readonly runs: readonly RunSummary[]
}

type StateLine = { readonly state: JobState; readonly reason: string | null; readonly since: string | null }

/** The one place that decides what a job is right now; tray, row, notification and `job list` all show this. */
export function jobState(job: ProjectedJob, facts: JobFacts): StateLine {
  const plain = (state: JobState): StateLine => ({ state, reason: null, since: null })
  if (!facts.here) return plain('elsewhere')
  if (facts.running) return plain('running')
  if (facts.blockedSince !== null) {
    return { state: 'attention', reason: 'needs-sign-in', since: facts.blockedSince }
  }
  if (!job.enabled) return plain('disabled')
  if (job.waitingSince !== null) {
    return { state: 'waiting', reason: 'locked', since: new Date(job.waitingSince).toISOString() }
  }
  const trouble = troubleOf(facts.runs)
  if (trouble !== null) return { state: 'attention', ...trouble }
  return plain(facts.paused && job.schedule !== 'manual' ? 'paused' : 'idle')
}

/** Why the newest run was not good, and since when none was; a run that the person cancelled says nothing. */
function troubleOf(runs: readonly RunSummary[]): { reason: string; since: string } | null {
  const told = runs.filter((run) => run.state !== 'cancelled')
  const newest = told[0]
  if (newest === undefined || newest.state === 'done') return null
  const lastGood = told.findIndex((run) => run.state === 'done')
  const firstBad = told[(lastGood < 0 ? told.length : lastGood) - 1] ?? newest
  return { reason: newest.reason ?? newest.errors[0]?.code ?? 'internal', since: firstBad.ended }
}

/** Joins projection, definition (null while locked) and state into what people see. */
export function toJobView(
  job: ProjectedJob,
  facts: JobFacts & { nextRun: number | null },
  known: { definition: JobDefinition | null; credential: Credential | null; deviceLabel: string | null },
): JobView {
  const { credential } = known
  return {
    id: job.id,
    name: job.name,
    credential: credential === null ? null : { id: credential.id, name: credential.name },
    ...definitionPart(known.definition),
    schedule: job.schedule,
    zone: job.zone,
    enabled: job.enabled,
    device: {
      id: job.device,
      label: known.deviceLabel ?? (facts.here ? 'this device' : 'another device'),
      here: facts.here,
    },
    ...jobState(job, facts),
    whenLocked: job.whenLocked,
    lastRun: facts.runs[0] ?? null,
    nextRun: facts.nextRun === null ? null : new Date(facts.nextRun).toISOString(),
    rev: job.rev,
  }
}

type DefinitionPart = Pick<
  JobView,
  'local' | 'remote' | 'mode' | 'direction' | 'filters' | 'maxDelete' | 'safety'
>

function definitionPart(definition: JobDefinition | null): DefinitionPart {
  if (definition === null) {
    return {
      local: null,
      remote: null,
      mode: null,
      direction: null,
      filters: [],
      maxDelete: null,
      safety: null,
    }
  }
  const { remote, mode, direction, filters, maxDelete, safety } = definition
  // A job of another device has no folder on this one.
  return {
    local: definition.local === '' ? null : definition.local,
    remote,
    mode,
    direction,
    filters,
    maxDelete,
    safety,
  }
}
