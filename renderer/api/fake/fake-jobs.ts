import type { JobDraft, JobView } from '../../../main/model/job.ts'
import type { Input } from '../../../main/contract/calls.ts'
import type { FakeHandlers, FakeWorld } from '../fake-api.ts'
import { refuse } from '../fake-api.ts'
import { fakeId, fakePlan, FAKE_NOW } from './fake-data.ts'
import { createFakeRunner } from './fake-runner.ts'

type JobCalls =
  | 'jobs.list'
  | 'jobs.add'
  | 'jobs.edit'
  | 'jobs.remove'
  | 'jobs.preview'
  | 'jobs.run'
  | 'jobs.cancel'
  | 'jobs.pause'
  | 'jobs.resume'

const here = { id: 'd9f3c27b61e05a48d', label: 'This computer', here: true }

const defaults: Pick<JobDraft, 'schedule' | 'whenLocked' | 'filters' | 'maxDelete' | 'safety' | 'enabled'> = {
  schedule: 'manual',
  whenLocked: 'until-quit',
  filters: [],
  maxDelete: null,
  safety: null,
  enabled: true,
}

function newJob(world: FakeWorld, draft: Input<'jobs.add'>['draft']): JobView {
  const server = world.credentials.find(({ id }) => id === draft.credential)
  return {
    ...defaults,
    ...draft,
    id: fakeId('a', world.jobs.length + 20),
    credential: server === undefined ? null : { id: server.id, name: server.name },
    local: '/home/mira/Documents',
    device: here,
    state: 'idle',
    reason: null,
    since: null,
    lastRun: null,
    nextRun: null,
    rev: 1,
  }
}

/** Jobs of the fake. */
export function jobCalls(world: FakeWorld): FakeHandlers<JobCalls> {
  const runner = createFakeRunner(world)
  const find = (id: string): JobView => {
    const found = world.jobs.find((job) => job.id === id)
    if (found === undefined) throw refuse('unknown-name')
    return found
  }
  const setJobs = (jobs: JobView[]) => {
    world.jobs = jobs
    world.emit('jobs.changed', {})
  }
  const setPaused = (paused: boolean) => {
    world.info = { ...world.info, paused }
    world.emit('jobs.changed', {})
    return {}
  }

  const second = world.jobs[1]
  if (world.options.scenario === 'running' && second !== undefined) runner.begin(second.id, 0.62)

  return {
    'jobs.list': () => world.jobs,
    'jobs.add': ({ draft }) => {
      if (world.jobs.some(({ name }) => name === draft.name)) throw refuse('name-taken')
      const job = newJob(world, draft)
      setJobs([...world.jobs, job])
      return { id: job.id, name: job.name, rev: job.rev }
    },
    'jobs.edit': ({ id, patch }) => {
      const old = find(id)
      const enabled = patch.enabled ?? old.enabled
      const state = enabled ? (old.state === 'disabled' ? 'idle' : old.state) : 'disabled'
      const next: JobView = { ...old, ...patch, credential: old.credential, enabled, state, rev: old.rev + 1 }
      setJobs(world.jobs.map((job) => (job.id === id ? next : job)))
      return { id, name: next.name, rev: next.rev }
    },
    'jobs.remove': ({ id }) => {
      const old = find(id)
      setJobs(world.jobs.filter((job) => job.id !== id))
      return { id, name: old.name, rev: old.rev + 1 }
    },
    'jobs.preview': ({ id }) => fakePlan(id, 400, find(id).reason === 'guard-stopped'),
    'jobs.run': ({ id }) => {
      if (find(id).state === 'running') throw refuse('already-running')
      runner.begin(id, 0)
      return { run: fakeId('b', 900) }
    },
    'jobs.cancel': ({ id }) => {
      runner.end(id, 'cancelled')
      return {}
    },
    'jobs.pause': () => setPaused(true),
    'jobs.resume': () => setPaused(false),
  }
}

type TimeCalls = 'jobs.describeSchedule' | 'history.list'

/** Schedules and history of the fake. */
export function timeCalls(world: FakeWorld): FakeHandlers<TimeCalls> {
  return {
    'jobs.describeSchedule': ({ schedule }) => {
      if (schedule === 'manual') return { ok: true, next: [] }
      const isKnown = /^every:[1-9]\d*[mhd]$|^@(hourly|daily|weekly)$|^(\S+ ){4}\S+$/.test(schedule)
      const stepMs = schedule.startsWith('every:') ? 3_600_000 : 86_400_000
      const times = [1, 2, 3].map((n) => new Date(FAKE_NOW + n * stepMs).toISOString())
      return isKnown ? { ok: true, next: times } : { ok: false, next: [] }
    },
    'history.list': ({ jobId, limit }) => ({
      runs: world.runs.filter(({ job }) => jobId === null || job === jobId).slice(0, limit),
      skips: world.skips.filter(({ job }) => jobId === null || job === jobId),
    }),
  }
}
