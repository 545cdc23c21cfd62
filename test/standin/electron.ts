// The module `electron` as main sees it. What is missing here is either `absent` (throws when used) or fails at import.
import { readFileSync } from 'node:fs'
import { app } from './app.ts'
import { BrowserWindow } from './browser-window.ts'
import { clipboard, ClipboardItem } from './clipboard.ts'
import { dialog } from './dialog.ts'
import { ipcMain } from './ipc.ts'
import { Menu, MenuItem } from './menu.ts'
import { nativeImage } from './native-image.ts'
import { nativeTheme } from './native-theme.ts'
import { Notification } from './notification.ts'
import { powerMonitor, powerSaveBlocker } from './power.ts'
import { safeStorage } from './safe-storage.ts'
import { screen } from './screen.ts'
import { protocol, session } from './session.ts'
import { shell } from './shell.ts'
import { absent } from './strict.ts'
import { crashReporter, net, systemPreferences } from './system.ts'
import { Tray } from './tray.ts'
import { utilityProcess } from './utility-process.ts'
import { WebContents } from './web-contents.ts'

const manifest = new URL('../../node_modules/electron/package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string } // reason: a published package has one
Object.defineProperties(process.versions, {
  electron: { value: `${version}-standin`, enumerable: true },
  chrome: { value: '156.0.0.0', enumerable: true },
})
Object.defineProperties(process, {
  type: { value: 'browser' },
  defaultApp: { value: true },
  resourcesPath: { value: app.getAppPath() },
})

export const autoUpdater = absent('autoUpdater')
export const BaseWindow = absent('BaseWindow')
export const BrowserView = absent('BrowserView')
export const contentTracing = absent('contentTracing')
export const contextBridge = absent('contextBridge in main')
export const desktopCapturer = absent('desktopCapturer')
export const globalShortcut = absent('globalShortcut')
export const ImageView = absent('ImageView')
export const inAppPurchase = absent('inAppPurchase')
export const ipcRenderer = absent('ipcRenderer in main')
export const MessageChannelMain = absent('MessageChannelMain')
export const netLog = absent('netLog')
export const parentPort = absent('parentPort in main')
export const pushNotifications = absent('pushNotifications')
export const ServiceWorkerMain = absent('ServiceWorkerMain')
export const ShareMenu = absent('ShareMenu')
export const TouchBar = absent('TouchBar')
export const View = absent('View')
export const webFrameMain = absent('webFrameMain')
export const WebContentsView = absent('WebContentsView')
/** As in Electron, `webContents` is the class with its static look-ups. */
export const webContents = WebContents

export {
  app,
  BrowserWindow,
  clipboard,
  ClipboardItem,
  crashReporter,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  nativeImage,
  nativeTheme,
  net,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  systemPreferences,
  Tray,
  utilityProcess,
}
