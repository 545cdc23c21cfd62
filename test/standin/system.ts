import { EventEmitter } from 'node:events'
import { seam } from './seam.ts'
import { strict } from './strict.ts'

/** Nothing is uploaded or written. */
export const crashReporter = strict('crashReporter', {
  start: (_options: Electron.CrashReporterStartOptions) => undefined,
  getUploadToServer: () => false,
  setUploadToServer: () => undefined,
  addExtraParameter: () => undefined,
  removeExtraParameter: () => undefined,
  getParameters: () => ({}),
  getUploadedReports: () => [],
} satisfies Pick<
  Electron.CrashReporter,
  | 'start'
  | 'getUploadToServer'
  | 'setUploadToServer'
  | 'addExtraParameter'
  | 'removeExtraParameter'
  | 'getParameters'
  | 'getUploadedReports'
>)

/** Online as `__standin.online` says; net.fetch and net.request are not there: no test may reach the network through them. */
export const net = strict('net', {
  isOnline: () => seam.online,
  get online() {
    return seam.online
  },
} satisfies Pick<Electron.Net, 'isOnline' | 'online'>)

export const systemPreferences = strict(
  'systemPreferences',
  Object.assign(new EventEmitter(), {
    getAnimationSettings: () => ({
      shouldRenderRichAnimation: true,
      scrollAnimationsEnabledBySystem: true,
      prefersReducedMotion: false,
    }),
    getAccentColor: () => '0078d7ff',
  } satisfies Pick<Electron.SystemPreferences, 'getAnimationSettings' | 'getAccentColor'>),
)
