import type { JobView } from '../../../main/model/job.ts'
import type { RunProgress } from '../../../main/model/run.ts'
import type { FakeWorld } from '../fake-api.ts'
import { fakeId, fakeRun, FAKE_NOW } from './fake-data.ts'

const TOTAL_FILES = 248
const TOTAL_BYTES = 1_940_000_000
const STEPS = 60

function phaseOf(part: number): RunProgress['phase'] {
  if (part < 0.05) return 'connecting'
  if (part < 0.15) return 'scanning'
  return part < 0.97 ? 'transferring' : 'finishing'
}

function progressOf(job: string, part: number): RunProgress {
  const isCounted = part >= 0.15
  return {
    run: fakeId('b', 900),
    job,
    phase: phaseOf(part),
    filesDone: isCounted ? Math.floor(TOTAL_FILES * part) : 0,
    filesTotal: isCounted ? TOTAL_FILES : null,
    bytesDone: isCounted ? Math.floor(TOTAL_BYTES * part) : 0,
    bytesTotal: isCounted ? TOTAL_BYTES : null,
    current: isCounted ? `2026/11 Lissabon/IMG_${2000 + Math.floor(part * TOTAL_FILES)}.RAF` : null,
    failed: 0,
  }
}

export type FakeRunner = {
  begin(id: string, fromPart: number): void
  end(id: string, state: 'done' | 'cancelled'): void
}

/** Runs of the fake: progress on a timer until the end; in the `running` scenario one run stands still. */
export function createFakeRunner(world: FakeWorld): FakeRunner {
  const timers = new Map<string, ReturnType<typeof setInterval>>()

  function put(id: string, change: Partial<JobView>): void {
    world.jobs = world.jobs.map((job) => (job.id === id ? { ...job, ...change } : job))
    world.emit('jobs.changed', {})
  }

  function end(id: string, state: 'done' | 'cancelled'): void {
    clearInterval(timers.get(id))
    timers.delete(id)
    const number = world.runs.length + 50
    const summary = fakeRun(number, 0, { job: id, state, copied: TOTAL_FILES, bytes: TOTAL_BYTES })
    world.runs = [summary, ...world.runs]
    world.info = { ...world.info, running: [] }
    put(id, { state: 'idle', reason: null, since: null, lastRun: summary })
  }

  function begin(id: string, fromPart: number): void {
    let part = fromPart
    world.info = { ...world.info, running: [progressOf(id, part)] }
    put(id, { state: 'running', reason: null, since: new Date(FAKE_NOW).toISOString() })
    if (world.options.scenario === 'running') return
    const step = () => {
      part += 1 / STEPS
      if (part >= 1) end(id, 'done')
      else world.emit('run.progress', progressOf(id, part))
    }
    timers.set(id, setInterval(step, Math.max(20, world.options.latencyMs)))
  }
  return { begin, end }
}
