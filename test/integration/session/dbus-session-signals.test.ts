import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDbusSessionSignals } from '../../../main/adapters/dbus-session-signals.ts'
import { createGdbus } from '../../../main/adapters/gdbus.ts'
import type { PowerEvent } from '../../../main/core/ports/power.ts'
import { joinBus } from '../../helpers/dbus-peer.ts'
import type { DbusPeer, DbusValue } from '../../helpers/dbus-peer.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import { startSessionBus } from '../../helpers/secret-service.ts'
import { stop } from '../../helpers/stop-process.ts'
import { isAlive, processTree, programOf } from '../../servers/processes.ts'
import { captureLog } from '../../unit/core/jobs/support.ts'

const LOGIND = 'org.freedesktop.login1'
const OWN = '/org/freedesktop/login1/session/_32'
const OTHER = '/org/freedesktop/login1/session/_37'
const PROPERTIES = 'org.freedesktop.DBus.Properties'

const yes: DbusValue = { type: 'b', value: true }
const no: DbusValue = { type: 'b', value: false }
const changed = (value: Readonly<Record<string, boolean>>): DbusValue[] => [
  { type: 's', value: `${LOGIND}.Session` },
  { type: 'a{sv}', value },
  { type: 'as', value: [] },
]

/** Answers of a session that is on screen and not locked; a test changes them. */
const state = () => ({ session: { LockedHint: false, Active: true }, isSaving: false })

const soon = (assertion: () => void): Promise<void> =>
  vi.waitFor(assertion, { timeout: 10_000, interval: 20 })

type Machine = {
  readonly events: PowerEvent[]
  readonly logind: DbusPeer
  readonly gnome: DbusPeer
  readonly facts: ReturnType<typeof state>
  readonly clock: ReturnType<typeof createFakeClock>
  readonly stop: () => void
  readonly env: Readonly<Record<string, string>>
}

function watch(env: Readonly<Record<string, string | undefined>>) {
  const clock = createFakeClock()
  const log = captureLog()
  const events: PowerEvent[] = []
  const signals = createDbusSessionSignals({ gdbus: createGdbus(env), clock, log })
  const begin = () => signals.watch((event) => events.push(event))
  const stop = begin()
  onTestFinished(stop)
  return { clock, log, events, stop, begin }
}

/** A real bus for both kinds, with a logind and a GNOME screen saver of the test's own, watched and already asked once. */
async function startMachine(): Promise<Machine> {
  const bus = await startSessionBus()
  const facts = state()
  const logind = await joinBus(bus.address, [LOGIND], {
    GetSession: () => [{ type: 'o', value: OWN }],
    GetAll: () => [{ type: 'a{sv}', value: facts.session }],
  })
  const gnome = await joinBus(bus.address, ['org.gnome.ScreenSaver'], {
    GetActive: () => [{ type: 'b', value: facts.isSaving }],
  })
  const env = {
    PATH: process.env['PATH'] ?? '',
    DBUS_SESSION_BUS_ADDRESS: bus.address,
    DBUS_SYSTEM_BUS_ADDRESS: bus.address,
  }
  const { clock, events, stop } = watch(env)
  await soon(() => {
    expect([logind.asked, gnome.asked]).toEqual([['GetSession', 'GetAll'], ['GetActive']])
    expect(clock.pending).toBe(2)
  })
  return { events, logind, gnome, facts, clock, stop, env }
}

/** Processes of gdbus that this one has started and that still run. */
const monitors = (): number[] => processTree(process.pid).filter((pid) => programOf(pid) === 'gdbus')

describe('the signals of a session on a real bus', () => {
  it.for<[string, PowerEvent, (machine: Machine) => void]>([
    [
      'Lock of the own session',
      'lock-screen',
      ({ logind }) => {
        logind.emit(OTHER, `${LOGIND}.Session`, 'Lock')
        logind.emit(OWN, `${LOGIND}.Session`, 'Unlock')
        logind.emit(OWN, `${LOGIND}.Session`, 'Lock')
      },
    ],
    [
      'LockedHint of the own session',
      'lock-screen',
      ({ logind }) => {
        logind.emit(OTHER, PROPERTIES, 'PropertiesChanged', ...changed({ LockedHint: true }))
        logind.emit(OWN, PROPERTIES, 'PropertiesChanged', ...changed({ LockedHint: false, IdleHint: true }))
        logind.emit(OWN, PROPERTIES, 'PropertiesChanged', ...changed({ LockedHint: true }))
      },
    ],
    [
      'the own session leaving the screen',
      'user-switch',
      ({ logind }) => {
        logind.emit(OTHER, PROPERTIES, 'PropertiesChanged', ...changed({ Active: false }))
        logind.emit(OWN, PROPERTIES, 'PropertiesChanged', ...changed({ Active: true }))
        logind.emit(OWN, PROPERTIES, 'PropertiesChanged', ...changed({ Active: false }))
      },
    ],
    [
      'PrepareForSleep',
      'suspend',
      ({ logind }) => logind.emit('/org/freedesktop/login1', `${LOGIND}.Manager`, 'PrepareForSleep', yes),
    ],
    [
      'the end of the sleep',
      'resume',
      ({ logind }) => logind.emit('/org/freedesktop/login1', `${LOGIND}.Manager`, 'PrepareForSleep', no),
    ],
    [
      'PrepareForShutdown',
      'shutdown',
      ({ logind }) => {
        logind.emit('/org/freedesktop/login1', `${LOGIND}.Manager`, 'PrepareForShutdown', no)
        logind.emit('/org/freedesktop/login1', `${LOGIND}.Manager`, 'PrepareForShutdown', yes)
      },
    ],
    [
      'ActiveChanged of the screen saver of GNOME',
      'lock-screen',
      ({ gnome }) => {
        gnome.emit('/org/gnome/ScreenSaver', 'org.gnome.ScreenSaver', 'ActiveChanged', no)
        gnome.emit('/org/gnome/ScreenSaver', 'org.gnome.ScreenSaver', 'WakeUpScreen')
        gnome.emit('/org/gnome/ScreenSaver', 'org.gnome.ScreenSaver', 'ActiveChanged', yes)
      },
    ],
  ])('tell %s and nothing else', async ([, event, send]) => {
    const machine = await startMachine()
    send(machine)
    await soon(() => expect(machine.events).toEqual([event]))
  })

  it('tell of a screen saver that comes later, as KDE has it', async () => {
    const { events, env } = await startMachine()
    const kde = await joinBus(env['DBUS_SESSION_BUS_ADDRESS'] ?? '', ['org.freedesktop.ScreenSaver'])
    await soon(() => expect(kde.asked).toEqual(['GetActive']))
    kde.emit('/ScreenSaver', 'org.freedesktop.ScreenSaver', 'ActiveChanged', yes)
    await soon(() => expect(events).toEqual(['lock-screen']))
  })

  it('tell nothing that a process says which is not the service', async () => {
    const { events, env, gnome } = await startMachine()
    const stranger = await joinBus(env['DBUS_SESSION_BUS_ADDRESS'] ?? '', ['com.example.Stranger'])
    stranger.emit(OWN, `${LOGIND}.Session`, 'Lock')
    stranger.emit('/org/freedesktop/login1', `${LOGIND}.Manager`, 'PrepareForShutdown', yes)
    // Known to have been passed on: the bus keeps the order of one connection.
    await stranger.leave()
    gnome.emit('/org/gnome/ScreenSaver', 'org.gnome.ScreenSaver', 'ActiveChanged', yes)
    await soon(() => expect(events).toEqual(['lock-screen']))
  })

  it.for<[string, PowerEvent, (facts: Machine['facts']) => void]>([
    ['a hint of a lock', 'lock-screen', (facts) => (facts.session.LockedHint = true)],
    ['a session that left the screen', 'user-switch', (facts) => (facts.session.Active = false)],
    ['a screen saver that runs', 'lock-screen', (facts) => (facts.isSaving = true)],
  ])('tell %s once when nobody sends a signal of it', async ([, event, change]) => {
    const { events, facts, clock, gnome, logind } = await startMachine()
    change(facts)
    for (const round of [2, 3, 4]) {
      await clock.advance(15_000)
      await soon(() => {
        expect(gnome.asked).toHaveLength(round)
        expect(logind.asked).toHaveLength(round + 1)
        expect(clock.pending).toBe(2)
      })
    }
    expect(events).toEqual([event])
  })

  it('are not held back by what was so from the start, such as a hint left behind', async () => {
    const bus = await startSessionBus()
    const facts = { LockedHint: true, Active: false }
    const logind = await joinBus(bus.address, [LOGIND], {
      GetSession: () => [{ type: 'o', value: OWN }],
      GetAll: () => [{ type: 'a{sv}', value: facts }],
    })
    const { clock, events } = watch({ PATH: process.env['PATH'], DBUS_SYSTEM_BUS_ADDRESS: bus.address })
    await soon(() => expect(logind.asked).toHaveLength(2))
    // The other two monitors wait to be started again: there is no session bus.
    await soon(() => expect(clock.pending).toBe(3))
    await clock.advance(15_000)
    await soon(() => expect(logind.asked).toHaveLength(3))
    expect(events).toEqual([])
    logind.emit(OWN, `${LOGIND}.Session`, 'Lock')
    await soon(() => expect(events).toEqual(['lock-screen']))
  })
})

describe('listening', () => {
  it('goes on when a monitor was killed', async () => {
    const { events, clock, gnome } = await startMachine()
    const before = monitors()
    expect(before).toHaveLength(3)
    for (const pid of before) process.kill(pid, 'SIGKILL')
    await soon(() => expect(monitors()).toEqual([]))
    await soon(() => expect(clock.pending).toBe(3))
    await clock.advance(1_000)
    await soon(() => expect(gnome.asked).toHaveLength(2))
    gnome.emit('/org/gnome/ScreenSaver', 'org.gnome.ScreenSaver', 'ActiveChanged', yes)
    await soon(() => expect(events).toEqual(['lock-screen']))
  })

  it('ends with its processes and timers, and tells nothing afterwards', async () => {
    const { events, clock, stop, gnome } = await startMachine()
    const pids = monitors()
    stop()
    stop()
    gnome.emit('/org/gnome/ScreenSaver', 'org.gnome.ScreenSaver', 'ActiveChanged', yes)
    await soon(() => expect(pids.filter(isAlive)).toEqual([]))
    expect([events, clock.pending]).toEqual([[], 0])
  })

  it('ends with a process that is killed', async () => {
    const bus = await startSessionBus()
    const env = { PATH: process.env['PATH'] ?? '', DBUS_SYSTEM_BUS_ADDRESS: bus.address }
    const parent = spawn(process.execPath, [join(import.meta.dirname, 'listener.ts')], {
      env,
      stdio: 'ignore',
    })
    onTestFinished(() => stop(parent))
    await soon(() => expect(monitors()).toHaveLength(1))
    const pids = processTree(parent.pid ?? 0).slice(1)
    expect(pids.length).toBeGreaterThanOrEqual(2)
    parent.kill('SIGKILL')
    await soon(() => expect(pids.filter(isAlive)).toEqual([]))
  })

  it('gives its processes the addresses of the buses and nothing else of our environment', async () => {
    const bus = await startSessionBus()
    await joinBus(bus.address, [LOGIND])
    const buses = { DBUS_SESSION_BUS_ADDRESS: bus.address, DBUS_SYSTEM_BUS_ADDRESS: bus.address }
    const PATH = process.env['PATH'] ?? ''
    watch({ PATH, ...buses, FERNSYNC_PASSWORD_FILE: '/secret', DISPLAY: ':9', LANG: 'de_DE.UTF-8' })
    await soon(() => expect(monitors()).toHaveLength(3))
    for (const pid of monitors()) {
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
      const own = variables.filter((each) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(each)) // what a shell adds
      expect(Object.fromEntries(own.map((each) => each.split(/=(.*)/s).slice(0, 2)))).toEqual({
        PATH,
        ...buses,
        LC_ALL: 'C',
      })
    }
  })

  it('says once of each bus that there is none, and tries again', async () => {
    const { clock, log, events } = watch({ PATH: process.env['PATH'] })
    await soon(() => expect(clock.pending).toBe(3))
    await clock.advance(1_000)
    await soon(() => expect(clock.pending).toBe(3))
    expect(log.events).toEqual(['session-signals.unavailable', 'session-signals.unavailable'])
    expect(events).toEqual([])
  })

  it('says once that there is no gdbus, and does not try again', async () => {
    const { clock, log, begin, stop } = watch({ PATH: '/nonexistent' })
    await soon(() => expect(log.events).toEqual(['session-signals.unavailable']))
    stop()
    const again = begin()
    await clock.advance(600_000)
    again()
    expect([log.events, clock.pending]).toEqual([['session-signals.unavailable'], 0])
  })
})
