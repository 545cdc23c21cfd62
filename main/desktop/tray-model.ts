import { jobStatusLine } from '../messages/en/words.ts'
import type { JobView } from '../model/job.ts'

/** What the tray shows, worked out by `trayModel`. */
export type TrayModel = {
  readonly icon: 'idle' | 'running' | 'attention' | 'locked'
  readonly status: string
  readonly jobs: readonly { readonly id: string; readonly label: string; readonly canRun: boolean }[]
  readonly paused: boolean
  readonly unlocked: boolean
}

const jobsShown = 15

/** Pure: one status line that says the worst thing first, and what can be started. */
export function trayModel(
  jobs: readonly JobView[],
  state: { unlocked: boolean; paused: boolean; now: number },
): TrayModel {
  const here = jobs.filter((job) => job.device.here)
  const trouble = here.find((job) => job.state === 'attention') ?? here.find((job) => job.state === 'waiting')
  const running = here.filter((job) => job.state === 'running')
  const status =
    trouble !== undefined
      ? `${trouble.name}: ${jobStatusLine(trouble, state).text}`
      : running.length > 0
        ? `Running: ${running.map((job) => job.name).join(', ')}`
        : state.paused
          ? 'Jobs are paused'
          : state.unlocked
            ? 'Everything is up to date'
            : 'Locked'
  const calm = running.length > 0 ? 'running' : state.unlocked ? 'idle' : 'locked'
  return {
    icon: trouble === undefined ? calm : 'attention',
    status,
    jobs: here.slice(0, jobsShown).map((job) => ({
      id: job.id,
      label: job.name,
      canRun: job.state !== 'running' && (state.unlocked || job.whenLocked === 'until-quit'),
    })),
    paused: state.paused,
    unlocked: state.unlocked,
  }
}
