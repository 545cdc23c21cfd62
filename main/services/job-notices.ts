import { jobState } from '../core/jobs/job-view.ts'
import type { ProjectedJob } from '../core/jobs/job-store.ts'
import { errorCure, jobStatusLine } from '../messages/en/words.ts'
import type { ServicePorts } from './service-ports.ts'

export type JobNotices = {
  afterRun(jobId: string): void
  onWaiting(job: ProjectedJob, waiting: boolean): void
}

/** As many runs as the row of a job looks at, so that both say the same `since`. */
const runsRead = 50

/**
 * One notification per job and trouble: when a run fails that did not fail the same way before, and when a job begins to
 * wait for unlock. A good run takes it back. It reads like the job's row and the tray: what, since when, what to do.
 */
export function createJobNotices(
  ports: Pick<ServicePorts, 'store' | 'notifier' | 'emit' | 'clock'>,
): JobNotices {
  const { store, notifier, emit, clock } = ports
  return {
    afterRun(jobId) {
      const job = store.job(jobId)
      const [run, before] = store.runs(jobId, 2)
      if (job === null || run === undefined) return
      if (run.state === 'done' || run.state === 'cancelled') notifier.clear(jobId)
      else if (before?.reason !== run.reason || before.state !== run.state) tell(job)
    },
    onWaiting(job, waiting) {
      if (waiting) tell(store.job(job.id) ?? job)
      else notifier.clear(job.id)
    },
  }

  function tell(job: ProjectedJob): void {
    const runs = store.runs(job.id, runsRead)
    const blocked = store.blocks().find((block) => block.credential === job.credential)
    const state = jobState(job, {
      here: true,
      running: false,
      paused: false,
      blockedSince: blocked?.since ?? null,
      runs,
    })
    const device = { id: job.device, label: '', here: true }
    const { text } = jobStatusLine({ ...state, lastRun: runs[0] ?? null, device }, { now: clock.now() })
    const cure = state.reason === null ? null : errorCure(state.reason)
    notifier.show({
      key: job.id,
      title: job.name,
      body: cure === null ? `${text}.` : `${text}. ${cure}`,
      onClick: () => {
        emit('app.navigate', { path: `/jobs/${job.id}` })
      },
    })
  }
}
