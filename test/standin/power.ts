import { EventEmitter } from 'node:events'
import { seam } from './seam.ts'
import { strict } from './strict.ts'

/** Answers what `__standin.power` holds; a test sends events with `powerMonitor.emit('suspend')`. */
export const powerMonitor = strict(
  'powerMonitor',
  Object.defineProperty(
    Object.assign(new EventEmitter(), {
      onBatteryPower: false,
      isOnBatteryPower: () => seam.power.onBattery,
      getSystemIdleTime: () => seam.power.idleSeconds,
      getSystemIdleState: (threshold: number) =>
        seam.power.idleState === 'active' && seam.power.idleSeconds >= threshold
          ? 'idle'
          : seam.power.idleState,
      getCurrentThermalState: () => 'unknown' as const,
    } satisfies Pick<
      Electron.PowerMonitor,
      | 'onBatteryPower'
      | 'isOnBatteryPower'
      | 'getSystemIdleTime'
      | 'getSystemIdleState'
      | 'getCurrentThermalState'
    >),
    'onBatteryPower',
    { get: () => seam.power.onBattery },
  ),
)

let lastBlocker = 0

/** Recorded in `__standin.powerSaveBlockers`; the machine's sleep is not touched. */
export const powerSaveBlocker = strict('powerSaveBlocker', {
  start: (type: 'prevent-app-suspension' | 'prevent-display-sleep') => {
    const id = lastBlocker++ // Electron's first id is 0: code that tests `if (id)` must fail here too
    seam.powerSaveBlockers.push({ id, type })
    return id
  },
  stop: (id: number) => {
    const index = seam.powerSaveBlockers.findIndex((blocker) => blocker.id === id)
    if (index >= 0) seam.powerSaveBlockers.splice(index, 1)
    return index >= 0
  },
  isStarted: (id: number) => seam.powerSaveBlockers.some((blocker) => blocker.id === id),
} satisfies Electron.PowerSaveBlocker)
