import { boot } from './boot.ts'
import { getAppMetrics } from './app-metrics.ts'
import { getName, getPath, setName, setPath } from './app-paths.ts'
import { appended, appEvents, exit, isReady, quit, whenReady } from './lifecycle.ts'
import { Menu } from './menu.ts'
import { seam } from './seam.ts'
import {
  hasSingleInstanceLock,
  releaseSingleInstanceLock,
  requestSingleInstanceLock,
} from './single-instance.ts'
import { strict } from './strict.ts'

const commandLine = strict('app.commandLine', {
  appendSwitch: (name: string, value = '') => void appended.set(name, value),
  appendArgument: (value: string) => void appended.set(value.replace(/^--/, ''), ''),
  removeSwitch: (name: string) => void appended.delete(name),
  hasSwitch: (name: string) => appended.has(name) || boot.switches.has(name),
  getSwitchValue: (name: string) => appended.get(name) ?? boot.switches.get(name) ?? '',
} satisfies Electron.CommandLine)

/** Before `ready` only: Electron throws afterwards. */
function beforeReady(name: string): void {
  if (isReady()) throw new Error(`${name} can only be called before app is ready`)
}

function getLoginItemSettings(): Electron.LoginItemSettings {
  const { openAtLogin } = seam.loginItem
  return {
    openAtLogin,
    wasOpenedAtLogin: false,
    status: openAtLogin ? 'enabled' : 'not-registered',
    executableWillLaunchAtLogin: openAtLogin,
    launchItems: [],
  }
}

type Members =
  | 'whenReady'
  | 'isReady'
  | 'quit'
  | 'exit'
  | 'relaunch'
  | 'getName'
  | 'setName'
  | 'getVersion'
  | 'getAppPath'
  | 'getPath'
  | 'setPath'
  | 'getLocale'
  | 'getSystemLocale'
  | 'getPreferredSystemLanguages'
  | 'getLocaleCountryCode'
  | 'requestSingleInstanceLock'
  | 'hasSingleInstanceLock'
  | 'releaseSingleInstanceLock'
  | 'setLoginItemSettings'
  | 'getLoginItemSettings'
  | 'setAppUserModelId'
  | 'setDesktopName'
  | 'setAppLogsPath'
  | 'enableSandbox'
  | 'disableHardwareAcceleration'
  | 'isHardwareAccelerationEnabled'
  | 'getAppMetrics'
  | 'focus'
  | 'setBadgeCount'
  | 'setAsDefaultProtocolClient'
  | 'isAccessibilitySupportEnabled'
  | 'setAboutPanelOptions'
  | 'isPackaged'
  | 'name'
  | 'commandLine'
  | 'dock'

const members = {
  whenReady,
  isReady,
  quit,
  exit: (code = 0) => exit(code),
  relaunch: (options: Electron.RelaunchOptions = {}) =>
    void seam.relaunches.push(options.args ?? [...boot.args]),
  getName,
  setName,
  getVersion: () => boot.version,
  getAppPath: () => boot.dir,
  getPath,
  setPath,
  getLocale: () => (isReady() ? 'en-US' : ''),
  getSystemLocale: () => 'en-US',
  getPreferredSystemLanguages: () => ['en-US'],
  getLocaleCountryCode: () => 'US',
  requestSingleInstanceLock: (data?: Record<string, unknown>) =>
    requestSingleInstanceLock(getPath('userData'), data),
  hasSingleInstanceLock,
  releaseSingleInstanceLock,
  setLoginItemSettings: (settings: Electron.Settings) => {
    seam.loginItem = { openAtLogin: settings.openAtLogin ?? false }
  },
  getLoginItemSettings,
  setAppUserModelId: () => undefined,
  setDesktopName: () => undefined,
  setAppLogsPath: (path?: string) => {
    if (path !== undefined) setPath('logs', path)
  },
  enableSandbox: () => beforeReady('app.enableSandbox()'), // pages are always sandboxed here
  disableHardwareAcceleration: () => beforeReady('app.disableHardwareAcceleration()'),
  isHardwareAccelerationEnabled: () => false,
  getAppMetrics,
  focus: () => undefined,
  setBadgeCount: () => false,
  setAsDefaultProtocolClient: () => false,
  isAccessibilitySupportEnabled: () => false,
  setAboutPanelOptions: () => undefined,
  isPackaged: false,
  name: getName(),
  commandLine,
  dock: undefined,
} satisfies Pick<Electron.App, Members>

Object.assign(appEvents, members)
Object.defineProperties(appEvents, {
  name: { get: getName, set: setName },
  applicationMenu: {
    get: () => Menu.getApplicationMenu(),
    set: (menu: Menu | null) => Menu.setApplicationMenu(menu),
  },
})

export const app = strict('app', appEvents as typeof appEvents & typeof members) // reason: assigned above
