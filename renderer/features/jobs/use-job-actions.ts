import { shallowRef, type ShallowRef } from 'vue'
import { useRouter } from 'vue-router'
import type { JobView } from '../../../main/model/job.ts'
import type { JobAction } from '../../../main/messages/en/words.ts'
import { toApiError, type ApiError } from '../../api/api-error.ts'
import { useClient } from '../../api/client.ts'

/** What a row, a menu or a detail page may ask for. */
export type JobCommand = JobAction | 'preview' | 'remove' | 'disable'

export type JobFailure = { readonly job: string; readonly error: ApiError }

export type JobActions = {
  /** Why the last command on a job failed; null after the next command. */
  readonly failure: Readonly<ShallowRef<JobFailure | null>>
  /** The job whose plan is open. */
  readonly planOf: Readonly<ShallowRef<JobView | null>>
  /** The job that is about to be deleted. */
  readonly removing: Readonly<ShallowRef<JobView | null>>
  perform(command: JobCommand, job: JobView): Promise<void>
  /** Closes whatever dialog is open. */
  close(): void
}

/** Carries out commands on jobs: calls, dialogs and ways to other screens, the same from every place that offers them. */
export function useJobActions(): JobActions {
  const client = useClient()
  const router = useRouter()
  const failure = shallowRef<JobFailure | null>(null)
  const planOf = shallowRef<JobView | null>(null)
  const removing = shallowRef<JobView | null>(null)

  const serverPath = (job: JobView) =>
    job.credential === null ? '/servers' : `/servers/${job.credential.id}`
  const setEnabled = (job: JobView, enabled: boolean) =>
    client.call('jobs.edit', { id: job.id, patch: { enabled }, localToken: null })

  const performers: Readonly<Record<JobCommand, (job: JobView) => unknown>> = {
    run: (job) => client.call('jobs.run', { id: job.id, approve: null }),
    // The page exists only while the vault is open, so what waits for it can simply start.
    unlock: (job) => client.call('jobs.run', { id: job.id, approve: null }),
    cancel: (job) => client.call('jobs.cancel', { id: job.id }),
    resume: () => client.call('jobs.resume'),
    enable: (job) => setEnabled(job, true),
    disable: (job) => setEnabled(job, false),
    'edit-server': (job) => router.push(`${serverPath(job)}/edit`),
    'check-identity': (job) => router.push(serverPath(job)),
    'edit-job': (job) => router.push(`/jobs/${job.id}/edit`),
    'show-history': (job) => router.push(`/history/${job.id}`),
    'review-plan': (job) => (planOf.value = job),
    preview: (job) => (planOf.value = job),
    remove: (job) => (removing.value = job),
  }

  async function perform(command: JobCommand, job: JobView): Promise<void> {
    failure.value = null
    try {
      await performers[command](job)
    } catch (thrown) {
      failure.value = { job: job.id, error: toApiError(thrown) }
    }
  }

  function close(): void {
    planOf.value = null
    removing.value = null
  }
  return { failure, planOf, removing, perform, close }
}
