import type { Menu } from './menu.ts'
import type { Notification } from './notification.ts'
import type { Tray } from './tray.ts'

export interface DialogCall {
  kind: 'open' | 'save' | 'message' | 'error'
  options: unknown
}

export interface BlockedRequest {
  url: string
  /** 'no-handler': nothing serves that URL; 'web-request': the app's onBeforeRequest cancelled it. */
  reason: 'no-handler' | 'web-request'
}

/** What tests read and steer: everything an app does that has no page. Also reachable as `globalThis.__standin`. */
export interface Seam {
  /** Living trays, oldest first; `tray.menu`, `tray.image`, `tray.toolTip` hold what was set. */
  trays: Tray[]
  /** Notifications in the order shown; `emit('click', {})` acts as the person. */
  notifications: Notification[]
  dialogs: DialogCall[]
  /** URLs and paths given to shell.openExternal, openPath and showItemInFolder. */
  opened: string[]
  /** Windows that pages tried to open. */
  popups: string[]
  /** Menus shown with popup(). */
  menus: Menu[]
  blocked: BlockedRequest[]
  powerSaveBlockers: { id: number; type: string }[]
  /** `formats`: what was written beside the text, by type. */
  clipboard: { text: string; selection: string; formats: Record<string, string> }
  loginItem: { openAtLogin: boolean }
  /** What powerMonitor answers; events are sent with `powerMonitor.emit('suspend')`. */
  power: {
    onBattery: boolean
    idleSeconds: number
    idleState: 'active' | 'idle' | 'locked' | 'unknown'
  }
  online: boolean
  /** What the desktop prefers while `nativeTheme.themeSource` is 'system'. */
  systemDark: boolean
  /** Arguments of app.relaunch() calls. */
  relaunches: string[][]
  /** Exceptions of main that nothing caught. */
  uncaught: string[]
}

export const seam: Seam = {
  trays: [],
  notifications: [],
  dialogs: [],
  opened: [],
  popups: [],
  menus: [],
  blocked: [],
  powerSaveBlockers: [],
  clipboard: { text: '', selection: '', formats: {} },
  loginItem: { openAtLogin: false },
  power: { onBattery: false, idleSeconds: 0, idleState: 'active' },
  online: true,
  systemDark: false,
  relaunches: [],
  uncaught: [],
}

Object.defineProperty(globalThis, '__standin', { value: seam })
