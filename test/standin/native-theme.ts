import { EventEmitter } from 'node:events'
import { seam } from './seam.ts'
import { strict } from './strict.ts'

type Source = Electron.NativeTheme['themeSource']
let source: Source = 'system'
const events = new EventEmitter()

const isDark = (): boolean => (source === 'system' ? seam.systemDark : source === 'dark')

/** What `prefers-color-scheme` is in every page. */
export const colorScheme = (): 'dark' | 'light' => (isDark() ? 'dark' : 'light')

const theme = Object.defineProperties(events, {
  themeSource: {
    get: () => source,
    set: (value: Source) => {
      if (!['system', 'light', 'dark'].includes(value)) throw new TypeError(`Unknown themeSource: ${value}`)
      const before = isDark()
      source = value
      if (before !== isDark()) events.emit('updated')
    },
  },
  shouldUseDarkColors: { get: isDark },
  shouldUseDarkColorsForSystemIntegratedUI: { get: () => seam.systemDark },
  shouldUseHighContrastColors: { value: false },
  shouldUseInvertedColorScheme: { value: false },
  inForcedColorsMode: { value: false },
  prefersReducedTransparency: { value: false },
}) as EventEmitter & // reason: defineProperties does not tell the compiler what it defined
  Pick<
    Electron.NativeTheme,
    | 'themeSource'
    | 'shouldUseDarkColors'
    | 'shouldUseDarkColorsForSystemIntegratedUI'
    | 'shouldUseHighContrastColors'
    | 'shouldUseInvertedColorScheme'
    | 'inForcedColorsMode'
    | 'prefersReducedTransparency'
  >

export const nativeTheme = strict('nativeTheme', theme)
