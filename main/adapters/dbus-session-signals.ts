import type { Clock } from '../core/ports/clock.ts'
import type { Logger } from '../core/ports/logger.ts'
import type { PowerEvent } from '../core/ports/power.ts'
import type { SessionSignals } from '../core/ports/session-signals.ts'
import type { Bus, Gdbus, MonitorListener } from './gdbus.ts'
import { readDbusSignal, readObjectPath, readSessionState, screenSavers } from './read-dbus-signal.ts'

const LOGIND = 'org.freedesktop.login1'
const POLL_MS = 15_000
const FIRST_RESTART_MS = 1_000
const LAST_RESTART_MS = 60_000

export type DbusSessionSignalsOptions = {
  readonly gdbus: Gdbus
  readonly clock: Clock
  readonly log: Logger
}

/** One thing that a service answers when asked; `event` is what it means when it becomes true. */
type Fact = { readonly name: string; readonly isTrue: boolean; readonly event: PowerEvent }

type Service = {
  readonly bus: Bus
  readonly name: string
  /** Asked only while the service is there: a question to one that is not may start it. */
  readonly ask: () => Promise<readonly Fact[]>
}

/**
 * Signals of logind and of screen savers on Linux, where Electron passes on neither a locked screen nor another user: one
 * `gdbus monitor` per service while something watches, started anew when it ends, and the same asked every 15 seconds for
 * desktops that send nothing. A missing program or bus is logged once and leaves the polling of `Power`.
 */
export function createDbusSessionSignals(options: DbusSessionSignalsOptions): SessionSignals {
  const { gdbus, clock, log } = options
  const told = new Set<string>()
  const tellOnce = (what: string): void => {
    if (!told.has(what)) log.warn('session-signals.unavailable', { what })
    told.add(what)
  }
  return {
    watch(listener) {
      const stopped = new AbortController()
      const { signal } = stopped
      const tell = (event: PowerEvent): void => {
        if (!signal.aborted) listener(event)
      }
      const ownSession = createOwnSession(gdbus, signal)
      const services = [logind(gdbus, ownSession, signal), ...savers(gdbus, signal)]
      for (const service of services) {
        const poller = createPoller(service, { clock, tell, signal })
        keepListening(service.name, {
          start: (listeners) => gdbus.monitor(service.bus, service.name, listeners, signal),
          onLine(line) {
            const event = readDbusSignal(line, ownSession.path())
            if (event !== null) tell(event)
          },
          onOwner: poller.setOwned,
          onTrouble: (why) => tellOnce(why === 'missing' ? 'gdbus' : `${service.bus} bus`),
          clock,
          signal,
        })
      }
      return () => {
        stopped.abort()
      }
    },
  }
}

type OwnSession = { path(): string | null; find(): Promise<string | null> }

/** The person's session at logind; it is the same as long as this process lives, so it is asked for until it is known. */
function createOwnSession(gdbus: Gdbus, signal: AbortSignal): OwnSession {
  let path: string | null = null
  return {
    path: () => path,
    async find() {
      if (path !== null) return path
      const method = {
        destination: LOGIND,
        path: '/org/freedesktop/login1',
        method: `${LOGIND}.Manager.GetSession`,
      }
      // `auto` is the caller's session, or the one on screen when the caller belongs to none.
      path = readObjectPath((await gdbus.call('system', method, ['auto'], signal)) ?? '')
      return path
    },
  }
}

function logind(gdbus: Gdbus, ownSession: OwnSession, signal: AbortSignal): Service {
  return {
    bus: 'system',
    name: LOGIND,
    async ask() {
      const path = await ownSession.find()
      if (path === null) return []
      const method = { destination: LOGIND, path, method: 'org.freedesktop.DBus.Properties.GetAll' }
      const answer = await gdbus.call('system', method, [`${LOGIND}.Session`], signal)
      const { isLocked, isActive } = readSessionState(answer ?? '')
      return [
        ...(isLocked === null ? [] : [{ name: 'locked', isTrue: isLocked, event: 'lock-screen' as const }]),
        ...(isActive === null ? [] : [{ name: 'away', isTrue: !isActive, event: 'user-switch' as const }]),
      ]
    },
  }
}

function savers(gdbus: Gdbus, signal: AbortSignal): Service[] {
  return screenSavers.map(({ name, path }) => ({
    bus: 'session',
    name,
    async ask() {
      const method = { destination: name, path, method: `${name}.GetActive` }
      const answer = (await gdbus.call('session', method, [], signal))?.trim()
      const isKnown = answer === '(true,)' || answer === '(false,)'
      return isKnown ? [{ name: 'active', isTrue: answer === '(true,)', event: 'lock-screen' }] : []
    },
  }))
}

type Running = { readonly clock: Clock; readonly signal: AbortSignal }

/**
 * Asks a service as soon as it is there and then again and again. Only what becomes true is told: some desktops leave the
 * hint of a lock behind, and a person who just gave the password is not away.
 */
function createPoller(
  service: Service,
  { clock, tell, signal }: Running & { readonly tell: (event: PowerEvent) => void },
): { readonly setOwned: (isOwned: boolean) => void } {
  const before = new Map<string, boolean>()
  let isOwned = false
  let cancelTimer = (): void => {}
  signal.addEventListener('abort', () => cancelTimer(), { once: true })

  async function poll(): Promise<void> {
    const facts = await service.ask()
    if (signal.aborted || !isOwned) return
    for (const { name, isTrue, event } of facts) {
      if (isTrue && before.get(name) === false) tell(event)
      before.set(name, isTrue)
    }
    cancelTimer()
    cancelTimer = clock.setTimer(POLL_MS, () => void poll())
  }
  return {
    setOwned(next) {
      if (next === isOwned) return
      isOwned = next
      if (next) void poll()
      else cancelTimer()
    },
  }
}

type Listening = Running & {
  readonly start: (listener: MonitorListener) => void
  readonly onLine: (line: string) => void
  readonly onOwner: (isOwned: boolean) => void
  readonly onTrouble: (why: 'missing' | 'ended') => void
}

/** Runs the monitor of one service, again when it ended: sooner at first, then once a minute. */
function keepListening(name: string, listening: Listening): void {
  const { start, onLine, onOwner, onTrouble, clock, signal } = listening
  let waitMs = FIRST_RESTART_MS
  let cancelTimer = (): void => {}
  signal.addEventListener('abort', () => cancelTimer(), { once: true })

  function listen(): void {
    start({
      onLine(line) {
        waitMs = FIRST_RESTART_MS
        if (line.startsWith(`The name ${name} `)) onOwner(line.includes(' is owned by '))
        else onLine(line)
      },
      onEnd(why) {
        onOwner(false)
        onTrouble(why)
        if (why === 'missing') return
        cancelTimer = clock.setTimer(waitMs, listen)
        waitMs = Math.min(waitMs * 2, LAST_RESTART_MS)
      },
    })
  }
  listen()
}
