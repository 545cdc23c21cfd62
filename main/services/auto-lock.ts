import type { Clock } from '../core/ports/clock.ts'
import type { Power } from '../core/ports/power.ts'
import type { VaultSettings } from '../model/vault.ts'

const pollMs = 5_000
/** A gap of the wall clock this long between two polls means the machine slept, whether or not it said so. */
const sleptMs = 10_000

export type AutoLockReason = 'idle' | 'screen-lock' | 'user-switch' | 'suspend' | 'shutdown' | 'clock-jump'

export type AutoLock = {
  /** Begins to watch with these settings; call again when they change. */
  arm(settings: VaultSettings): void
  disarm(): void
}

/** Locks on idle, screen lock, user switch, suspend, shutdown and clock jump, while armed. Settings come from inside the vault. */
export function createAutoLock(ports: {
  readonly clock: Clock
  readonly power: Power
  readonly lock: (reason: AutoLockReason) => void
}): AutoLock {
  const { clock, power, lock } = ports
  let settings: VaultSettings | null = null
  let cancelTimer = (): void => {}
  let lastPoll = clock.now()

  power.onEvent((event) => {
    if (settings === null) return
    if (event === 'suspend' && settings.lockOnSuspend) lock('suspend')
    else if (event === 'lock-screen' && settings.lockOnScreenLock) lock('screen-lock')
    else if (event === 'user-switch' && settings.lockOnScreenLock) lock('user-switch')
    else if (event === 'shutdown') lock('shutdown')
  })

  function poll(): void {
    if (settings === null) return
    const now = clock.now()
    const gap = Math.abs(now - lastPoll)
    lastPoll = now
    const idleLimit = settings.lockAfterIdleMs
    // Asked in any case: on Linux the adapter learns of a locked screen by this call.
    const idleMs = power.idleSeconds() * 1000
    if (gap > pollMs + sleptMs && settings.lockOnSuspend) lock('clock-jump')
    else if (idleLimit !== null && idleMs >= idleLimit) lock('idle')
    cancelTimer = clock.setTimer(pollMs, poll)
  }

  return {
    arm(next) {
      cancelTimer()
      settings = next
      lastPoll = clock.now()
      cancelTimer = clock.setTimer(pollMs, poll)
    },
    disarm() {
      settings = null
      cancelTimer()
    },
  }
}
