import { describe, expect, it } from 'vitest'
import type { Power, PowerEvent } from '../../../main/core/ports/power.ts'
import { VaultSettings } from '../../../main/model/vault.ts'
import { createAutoLock } from '../../../main/services/auto-lock.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'

function setUp() {
  const clock = createFakeClock()
  const locked: string[] = []
  let tell: (event: PowerEvent) => void = () => {}
  let idle = 0
  const power: Power = {
    onEvent(listener) {
      tell = listener
      return () => {}
    },
    idleSeconds: () => idle,
    isOnBattery: () => false,
    blockSleep: () => () => {},
  }
  const signals = { tell: null as ((event: PowerEvent) => void) | null }
  const autoLock = createAutoLock({
    clock,
    power,
    signals: {
      watch(listener) {
        signals.tell = listener
        return () => {
          signals.tell = null
        }
      },
    },
    lock: (reason) => locked.push(reason),
  })
  autoLock.noteWindow(true)
  return {
    clock,
    locked,
    autoLock,
    signals,
    tell: (event: PowerEvent) => tell(event),
    beIdle: (s: number) => (idle = s),
  }
}

const settings = (patch: Partial<VaultSettings> = {}): VaultSettings => ({
  ...VaultSettings.parse({}),
  ...patch,
})

describe('createAutoLock', () => {
  it('locks after the idle time of the settings, and not before', async () => {
    const { clock, locked, autoLock, beIdle } = setUp()
    autoLock.arm(settings({ lockAfterIdleMs: 60_000 }))
    beIdle(59)
    await clock.advance(20_000)
    expect(locked).toEqual([])
    beIdle(60)
    await clock.advance(5_000)
    expect(locked).toEqual(['idle'])
  })

  it('never locks for idleness when the settings say so', async () => {
    const { clock, locked, autoLock, beIdle } = setUp()
    autoLock.arm(settings({ lockAfterIdleMs: null }))
    beIdle(1_000_000)
    await clock.advance(60_000)
    expect(locked).toEqual([])
  })

  it.for([
    ['suspend', 'lockOnSuspend', 'suspend'],
    ['lock-screen', 'lockOnScreenLock', 'screen-lock'],
  ] as const)('locks on %s unless %s is off', ([event, setting, reason]) => {
    const { locked, autoLock, tell } = setUp()
    autoLock.arm(settings({ [setting]: false }))
    tell(event)
    expect(locked).toEqual([])
    autoLock.arm(settings())
    tell(event)
    expect(locked).toEqual([reason])
  })

  it('locks on shutdown always, and not on resume', () => {
    const { locked, autoLock, tell } = setUp()
    autoLock.arm(settings({ lockOnSuspend: false, lockOnScreenLock: false }))
    tell('resume')
    tell('unlock-screen')
    expect(locked).toEqual([])
    tell('shutdown')
    expect(locked).toEqual(['shutdown'])
  })

  it.for([60_000, -60_000])(
    'takes a wall clock that jumps by %d ms for a sleep that nobody told',
    async (by) => {
      const { clock, locked, autoLock } = setUp()
      autoLock.arm(settings({ lockAfterIdleMs: null }))
      clock.setWallClock(clock.now() + by)
      await clock.advance(5_000)
      expect(locked).toEqual(['clock-jump'])
    },
  )

  it('does nothing before it is armed and after it is disarmed', async () => {
    const { clock, locked, autoLock, tell, beIdle } = setUp()
    beIdle(100_000)
    tell('suspend')
    autoLock.arm(settings())
    autoLock.disarm()
    tell('suspend')
    await clock.advance(60_000)
    expect(locked).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('keeps one timer however often the settings change', () => {
    const { clock, autoLock } = setUp()
    for (let n = 0; n < 5; n += 1) autoLock.arm(settings())
    expect(clock.pending).toBe(1)
  })

  it.for([
    ['lock-screen', 'screen-lock'],
    ['user-switch', 'user-switch'],
    ['suspend', 'suspend'],
    ['shutdown', 'shutdown'],
  ] as const)('locks when the session says %s, and listens only while armed', ([event, reason]) => {
    const { locked, autoLock, signals } = setUp()
    expect(signals.tell).toBeNull()
    autoLock.arm(settings())
    autoLock.arm(settings())
    signals.tell?.(event)
    expect(locked).toEqual([reason])
    autoLock.disarm()
    expect(signals.tell).toBeNull()
  })

  it('takes no user switch or locked screen of the session for a lock when the settings say so', () => {
    const { locked, autoLock, signals } = setUp()
    autoLock.arm(settings({ lockOnScreenLock: false, lockOnSuspend: false }))
    for (const event of ['lock-screen', 'user-switch', 'suspend'] as const) signals.tell?.(event)
    expect(locked).toEqual([])
  })

  it('is not put off by settings that are saved again and again', async () => {
    const { clock, locked, autoLock, beIdle } = setUp()
    autoLock.arm(settings())
    beIdle(300)
    for (let n = 0; n < 3; n += 1) {
      await clock.advance(2_000)
      autoLock.arm(settings())
    }
    expect(locked).toEqual(['idle'])
  })

  it('asks again until it is disarmed, so that a lock that failed is tried again', async () => {
    const { clock, locked, autoLock, beIdle } = setUp()
    autoLock.arm(settings())
    beIdle(300)
    await clock.advance(10_000)
    expect(locked).toEqual(['idle', 'idle'])
  })
})

const hour = 3_600_000
const minute = 60_000

describe('the longest session', () => {
  /** A machine that may sleep and whose owner is always there, so that nothing else locks. */
  const begin = (patch: Partial<VaultSettings> = {}) => {
    const bench = setUp()
    const armWith = (more: Partial<VaultSettings>): void =>
      bench.autoLock.arm(settings({ lockOnSuspend: false, lockAfterIdleMs: null, ...more }))
    armWith(patch)
    return { ...bench, armWith }
  }

  it.for([
    ['12 hours unless the settings say otherwise', {}, 12 * hour],
    ['1 hour', { lockAfterSessionMs: hour }, hour],
    ['24 hours', { lockAfterSessionMs: 24 * hour }, 24 * hour],
  ] as const)('ends after %s, and not before', async ([, patch, limit]) => {
    const { clock, locked } = begin(patch)
    await clock.advance(limit - 1)
    expect(locked).toEqual([])
    await clock.advance(1)
    expect(locked).toEqual(['session-limit'])
  })

  it('has no end when the settings say so', async () => {
    const { clock, locked } = begin({ lockAfterSessionMs: null })
    await clock.advance(49 * hour)
    expect(locked).toEqual([])
  })

  it('is over at the resume from a suspend that passed its end', async () => {
    const { clock, locked, tell } = begin()
    await clock.advance(hour)
    clock.setWallClock(clock.now() + 11 * hour)
    tell('resume')
    expect(locked).toEqual(['session-limit'])
  })

  it('is over within one poll when nobody tells of the resume', async () => {
    const { clock, locked } = begin()
    clock.setWallClock(clock.now() + 13 * hour)
    await clock.advance(5_000)
    expect(locked).toEqual(['session-limit'])
  })

  it.for([
    ['set back once', [-30 * hour, 0]],
    ['set back after a suspend', [7 * hour, -7 * hour]],
    ['set back before a suspend', [-7 * hour, 7 * hour]],
  ] as const)('is not prolonged by a clock that is %s', async ([, [first, second]]) => {
    const { clock, locked } = begin()
    clock.setWallClock(clock.now() + first)
    await clock.advance(6 * hour)
    clock.setWallClock(clock.now() + second)
    await clock.advance(6 * hour)
    expect(new Set(locked)).toEqual(new Set(['session-limit']))
  })

  it('takes a suspend into account that a clock set back later hides', async () => {
    const { clock, locked } = begin()
    clock.setWallClock(clock.now() + 7 * hour)
    await clock.advance(5_000)
    clock.setWallClock(clock.now() - 7 * hour)
    await clock.advance(5 * hour)
    expect(new Set(locked)).toEqual(new Set(['session-limit']))
  })

  it('goes on counting when the settings change while it lasts', async () => {
    const { clock, locked, armWith } = begin({ lockAfterSessionMs: null })
    await clock.advance(3 * hour)
    armWith({ lockAfterSessionMs: 4 * hour })
    await clock.advance(hour - 5_000)
    expect(locked).toEqual([])
    await clock.advance(5_000)
    expect(locked).toEqual(['session-limit'])
  })

  it('is over at the next poll when a change of the settings makes it too long', async () => {
    const { clock, locked, armWith } = begin()
    await clock.advance(3 * hour)
    armWith({ lockAfterSessionMs: hour })
    await clock.advance(5_000)
    expect(locked).toEqual(['session-limit'])
  })

  it('begins anew with each unlock', async () => {
    const { clock, locked, autoLock, armWith } = begin()
    await clock.advance(11 * hour)
    autoLock.disarm()
    await clock.advance(20 * hour)
    armWith({})
    await clock.advance(11 * hour)
    expect(locked).toEqual([])
  })
})

describe('a window that stays closed', () => {
  const begin = (patch: Partial<VaultSettings> = {}) => {
    const bench = setUp()
    bench.autoLock.arm(settings({ lockOnSuspend: false, ...patch }))
    return bench
  }

  it.for([
    ['5 minutes unless the settings say otherwise', {}, 5 * minute],
    ['1 minute', { lockAfterClosedMs: minute }, minute],
    ['15 minutes', { lockAfterClosedMs: 15 * minute }, 15 * minute],
  ] as const)('locks after %s, and not before', async ([, patch, limit]) => {
    const { clock, locked, autoLock } = begin(patch)
    await clock.advance(20 * minute)
    autoLock.noteWindow(false)
    await clock.advance(limit - 1)
    expect(locked).toEqual([])
    await clock.advance(1)
    expect(locked).toEqual(['window-closed'])
  })

  it('does not lock when the settings say so', async () => {
    const { clock, locked, autoLock } = begin({ lockAfterClosedMs: null })
    autoLock.noteWindow(false)
    await clock.advance(11 * hour)
    expect(locked).toEqual([])
  })

  it('does not lock once it is open again, and counts from the start when it is closed again', async () => {
    const { clock, locked, autoLock } = begin()
    autoLock.noteWindow(false)
    await clock.advance(4 * minute)
    autoLock.noteWindow(true)
    await clock.advance(hour)
    autoLock.noteWindow(false)
    await clock.advance(5 * minute - 1)
    expect(locked).toEqual([])
    await clock.advance(1)
    expect(locked).toEqual(['window-closed'])
  })

  it('does not count from the start when it is told twice', async () => {
    const { clock, locked, autoLock } = begin()
    autoLock.noteWindow(false)
    await clock.advance(4 * minute)
    autoLock.noteWindow(false)
    await clock.advance(minute)
    expect(locked).toEqual(['window-closed'])
  })

  it('counts what the machine slept, and locks before it opens again', async () => {
    const { clock, locked, autoLock } = begin()
    autoLock.noteWindow(false)
    clock.setWallClock(clock.now() + hour)
    autoLock.noteWindow(true)
    expect(locked).toEqual(['window-closed'])
    autoLock.disarm()
    await clock.advance(minute)
  })

  it('is not prolonged by a clock that is set back', async () => {
    const { clock, locked, autoLock } = begin()
    autoLock.noteWindow(false)
    clock.setWallClock(clock.now() - hour)
    await clock.advance(5 * minute)
    expect(locked).toEqual(['window-closed'])
  })

  it('counts from the unlock when there was none by then', async () => {
    const { clock, locked, autoLock } = setUp()
    autoLock.noteWindow(false)
    await clock.advance(hour)
    autoLock.arm(settings())
    await clock.advance(5 * minute - 1)
    expect(locked).toEqual([])
    await clock.advance(1)
    expect(locked).toEqual(['window-closed'])
  })

  it('follows settings that change while it is closed', async () => {
    const { clock, locked, autoLock } = begin({ lockAfterClosedMs: null })
    autoLock.noteWindow(false)
    await clock.advance(2 * minute)
    autoLock.arm(settings({ lockAfterClosedMs: minute }))
    await clock.advance(5_000)
    expect(locked).toEqual(['window-closed'])
  })
})
