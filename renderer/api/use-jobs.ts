import { shallowRef, type ShallowRef } from 'vue'
import type { JobView } from '../../main/model/job.ts'
import type { RunProgress } from '../../main/model/run.ts'
import { useClient } from './client.ts'
import { useEvent } from './use-event.ts'
import { useQuery, type Query } from './use-query.ts'

export type Jobs = Query<JobView[]> & {
  /** Live progress by job id; only of jobs that run now. */
  readonly progress: Readonly<ShallowRef<ReadonlyMap<string, RunProgress>>>
}

/** All jobs, kept current by the events of the main side, with the progress of those that run. */
export function useJobs(): Jobs {
  const client = useClient()
  const progress = shallowRef<ReadonlyMap<string, RunProgress>>(new Map())

  const query = useQuery(async () => {
    const [jobs, info] = await Promise.all([client.call('jobs.list'), client.call('app.info')])
    const running = new Set(jobs.filter((job) => job.state === 'running').map((job) => job.id))
    const known = [...progress.value.values(), ...info.running]
    progress.value = new Map(known.filter(({ job }) => running.has(job)).map((each) => [each.job, each]))
    return jobs
  })

  useEvent('jobs.changed', () => void query.reload())
  useEvent('run.progress', (value) => {
    progress.value = new Map(progress.value).set(value.job, value)
  })
  return { ...query, progress }
}
