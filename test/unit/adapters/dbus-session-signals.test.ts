import { describe, expect, it } from 'vitest'
import { createDbusSessionSignals } from '../../../main/adapters/dbus-session-signals.ts'
import { inLines } from '../../../main/adapters/gdbus.ts'
import type { Gdbus, MonitorListener } from '../../../main/adapters/gdbus.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import { captureLog } from '../core/jobs/support.ts'

/** Monitors that a test plays, on a clock of its own; nothing answers a question. */
function setUp() {
  const clock = createFakeClock()
  const log = captureLog()
  const started: { name: string; listener: MonitorListener }[] = []
  const asked: string[] = []
  const gdbus: Gdbus = {
    call: (_bus, { method }) => {
      asked.push(method)
      return Promise.resolve(null)
    },
    monitor: (_bus, name, listener) => void started.push({ name, listener }),
  }
  const signals = createDbusSessionSignals({ gdbus, clock, log })
  const stop = signals.watch(() => {})
  const last = (name: string): MonitorListener => {
    const found = started.findLast((each) => each.name === name)
    if (found === undefined) throw new Error(`${name} is not monitored`)
    return found.listener
  }
  return { clock, log, started, asked, stop, last }
}

const LOGIND = 'org.freedesktop.login1'

describe('createDbusSessionSignals', () => {
  it('listens to logind and to the two screen savers', () => {
    expect(setUp().started.map(({ name }) => name)).toEqual([
      LOGIND,
      'org.freedesktop.ScreenSaver',
      'org.gnome.ScreenSaver',
    ])
  })

  it('starts a monitor that ends again and again ever more seldom, at least once a minute', async () => {
    const { clock, started, last } = setUp()
    for (const [n, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      last(LOGIND).onEnd('ended')
      await clock.advance(seconds * 1_000 - 1)
      expect(started).toHaveLength(3 + n)
      await clock.advance(1)
      expect(started).toHaveLength(4 + n)
    }
  })

  it('starts one soon again that had been connected', async () => {
    const { clock, started, last } = setUp()
    for (let n = 0; n < 3; n += 1) {
      last(LOGIND).onEnd('ended')
      await clock.advance(60_000)
    }
    last(LOGIND).onLine(`Monitoring signals from all objects owned by ${LOGIND}`)
    last(LOGIND).onEnd('ended')
    await clock.advance(1_000)
    expect(started).toHaveLength(7)
  })

  it('asks a service only while it is there: a question might start it', async () => {
    const { clock, asked, last } = setUp()
    const name = 'org.gnome.ScreenSaver'
    last(name).onLine(`The name ${name} does not have an owner`)
    await clock.advance(60_000)
    expect(asked).toEqual([])
    last(name).onLine(`The name ${name} is owned by :1.7`)
    await clock.advance(15_000)
    expect(asked).toEqual([`${name}.GetActive`, `${name}.GetActive`])
    last(name).onLine(`The name ${name} does not have an owner`)
    await clock.advance(60_000)
    expect(asked).toHaveLength(2)
  })

  it('has no timer left when it is stopped', async () => {
    const { clock, last, stop } = setUp()
    last(LOGIND).onEnd('ended')
    last('org.gnome.ScreenSaver').onLine('The name org.gnome.ScreenSaver is owned by :1.7')
    await clock.advance(0)
    expect(clock.pending).toBe(2)
    stop()
    expect(clock.pending).toBe(0)
  })

  it('logs each bus that is missing once, however often it is', async () => {
    const { clock, log, last } = setUp()
    for (let n = 0; n < 3; n += 1) {
      for (const name of [LOGIND, 'org.gnome.ScreenSaver']) last(name).onEnd('ended')
      await clock.advance(60_000)
    }
    expect(log.events).toEqual(['session-signals.unavailable', 'session-signals.unavailable'])
  })
})

describe('inLines', () => {
  it('puts together what comes in pieces, and drops a line that does not end', () => {
    const lines: string[] = []
    const add = inLines((line) => lines.push(line))
    for (const piece of ['one\ntw', 'o\n', 'x'.repeat(70_000), 'y\nthree\n']) add(piece)
    expect(lines).toEqual(['one', 'two', 'y', 'three'])
  })
})
