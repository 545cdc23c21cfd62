import { computed, type ComputedRef } from 'vue'
import type { Preview } from '../../../main/model/run.ts'
import { useClient } from '../../api/client.ts'
import { useAction, type Action } from '../../api/use-action.ts'
import { useQuery, type Query } from '../../api/use-query.ts'

export type Plan = {
  readonly preview: Query<Preview>
  /** Starts exactly the plan that is shown; answers the run, null when it could not start. */
  readonly start: Action<[], { run: string }>
  readonly isStopped: ComputedRef<boolean>
  readonly canStart: ComputedRef<boolean>
}

/** What a job would do now, and starting precisely that. */
export function usePlan(jobId: string): Plan {
  const client = useClient()
  const preview = useQuery(() => client.call('jobs.preview', { id: jobId }))
  const start = useAction(() =>
    client.call('jobs.run', { id: jobId, approve: preview.data.value?.plan ?? null }),
  )
  const isStopped = computed(() => (preview.data.value?.guards.length ?? 0) > 0)
  const canStart = computed(() => preview.data.value !== null && !start.isBusy.value)
  return { preview, start, isStopped, canStart }
}
