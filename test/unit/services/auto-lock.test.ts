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
  const autoLock = createAutoLock({ clock, power, lock: (reason) => locked.push(reason) })
  return {
    clock,
    locked,
    autoLock,
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
})
