import type { Clock } from '../core/ports/clock.ts'
import type { Power, PowerEvent } from '../core/ports/power.ts'
import type { SessionSignals } from '../core/ports/session-signals.ts'
import type { VaultSettings } from '../model/vault.ts'

const pollMs = 5_000
/** A gap of the wall clock this long between two polls means the machine slept, whether or not it said so. */
const sleptMs = 10_000

export type AutoLockReason =
  | 'idle'
  | 'screen-lock'
  | 'user-switch'
  | 'suspend'
  | 'shutdown'
  | 'clock-jump'
  | 'session-limit'
  | 'window-closed'

export type AutoLock = {
  /** Begins to watch with these settings. Called again, it changes them and nothing else: no time starts anew. */
  arm(settings: VaultSettings): void
  disarm(): void
  /** Tells whether a window is there for the person; at first there is none. */
  noteWindow(isOpen: boolean): void
}

/**
 * Locks on idle, screen lock, user switch, suspend, shutdown, clock jump, a window that stays closed and the longest session,
 * while armed. Settings come from inside the vault. Asks again every five seconds until it is disarmed.
 */
export function createAutoLock(ports: {
  readonly clock: Clock
  readonly power: Power
  /** Listened to while armed. */
  readonly signals: SessionSignals
  readonly lock: (reason: AutoLockReason) => void
}): AutoLock {
  const { clock, power, signals, lock } = ports
  const meter = createMeter(clock)
  let settings: VaultSettings | null = null
  let cancelTimer = (): void => {}
  let stopListening = (): void => {}

  function onEvent(event: PowerEvent): void {
    if (settings === null) return
    const reason = reasonOf(event, settings)
    if (reason !== null) lock(reason)
    // A limit that passed in suspend must not wait for the next poll.
    else if (event === 'resume') check()
  }
  power.onEvent(onEvent)

  function check(): void {
    if (settings === null) return
    const measured = meter.read()
    // Asked in any case: on Linux the adapter learns of a locked screen by this call.
    const idleMs = power.idleSeconds() * 1000
    const reason = overdue(settings, { ...measured, idleMs })
    if (reason !== null) lock(reason)
  }

  function poll(): void {
    cancelTimer = clock.setTimer(pollMs, poll)
    check()
  }

  return {
    arm(next) {
      const isOpenAlready = settings !== null
      settings = next
      // The timer runs on: a page that saves settings again and again must not keep the vault open with it.
      if (isOpenAlready) return
      meter.restart()
      cancelTimer = clock.setTimer(pollMs, poll)
      stopListening = signals.watch(onEvent)
    },
    disarm() {
      settings = null
      cancelTimer()
      stopListening()
    },
    noteWindow(isOpen) {
      // What has passed until now still counts: a window must not open onto a vault that should be locked.
      check()
      meter.noteWindow(isOpen)
    },
  }
}

function reasonOf(event: PowerEvent, settings: VaultSettings): AutoLockReason | null {
  if (event === 'suspend') return settings.lockOnSuspend ? 'suspend' : null
  if (event === 'lock-screen') return settings.lockOnScreenLock ? 'screen-lock' : null
  if (event === 'user-switch') return settings.lockOnScreenLock ? 'user-switch' : null
  return event === 'shutdown' ? 'shutdown' : null
}

/** What passed since the vault was opened. */
type Measured = {
  readonly openMs: number
  /** How long no window has been open; null while one is. */
  readonly closedMs: number | null
  /** How far the wall clock moved since it was last read, in either direction. */
  readonly jumpedMs: number
}

function overdue(
  settings: VaultSettings,
  facts: Measured & { readonly idleMs: number },
): AutoLockReason | null {
  const isOver = (ms: number | null, limit: number | null): boolean =>
    ms !== null && limit !== null && ms >= limit
  if (isOver(facts.openMs, settings.lockAfterSessionMs)) return 'session-limit'
  if (isOver(facts.closedMs, settings.lockAfterClosedMs)) return 'window-closed'
  if (facts.jumpedMs > pollMs + sleptMs && settings.lockOnSuspend) return 'clock-jump'
  return isOver(facts.idleMs, settings.lockAfterIdleMs) ? 'idle' : null
}

type Meter = {
  restart(): void
  read(): Measured
  noteWindow(isOpen: boolean): void
}

/**
 * Adds up what the wall clock or the monotonic one says has passed, whichever is more: the first counts a suspend, the second
 * goes on when a clock is set back. Counted piece by piece, neither can undo the other.
 */
function createMeter(clock: Clock): Meter {
  let wall = clock.now()
  let monotonic = clock.monotonic()
  let openMs = 0
  let closedMs: number | null = 0

  const read = (): Measured => {
    const [wallMs, monotonicMs] = [clock.now() - wall, clock.monotonic() - monotonic]
    wall += wallMs
    monotonic += monotonicMs
    const passedMs = Math.max(wallMs, monotonicMs)
    openMs += passedMs
    if (closedMs !== null) closedMs += passedMs
    return { openMs, closedMs, jumpedMs: Math.abs(wallMs) }
  }
  return {
    restart() {
      read()
      openMs = 0
      if (closedMs !== null) closedMs = 0
    },
    read,
    noteWindow(isOpen) {
      read()
      if (isOpen) closedMs = null
      else closedMs ??= 0
    },
  }
}
