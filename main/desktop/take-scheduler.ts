import type { AppServices } from '../services/app-services.ts'
import { toWireError } from '../services/error-text.ts'
import type { ServicePorts } from '../services/service-ports.ts'

/** How often an app that is not the scheduler of its home looks whether it may become it. */
const retryMs = 60_000

export type SchedulerSeat = Pick<ServicePorts, 'clock' | 'leases' | 'log'> & {
  readonly scheduler: Pick<NonNullable<AppServices['scheduler']>, 'start'> | null
  /** True once the app is on its way out: then nothing is taken any more. */
  readonly isEnding: () => boolean
}

/**
 * One scheduler per home: while another process holds the lease, this app shows its jobs and starts none by schedule; it
 * takes over within a minute of that process's end.
 */
export function takeScheduler(seat: SchedulerSeat): void {
  const { clock, leases, log, scheduler, isEnding } = seat
  if (isEnding()) return
  try {
    leases.acquire('scheduler')
    scheduler?.start()
  } catch (error) {
    const { code } = toWireError(error)
    if (code !== 'already-running') log.warn('scheduler.not-taken', { code })
    clock.setTimer(retryMs, () => {
      takeScheduler(seat)
    })
  }
}
