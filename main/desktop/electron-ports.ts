import { BrowserWindow, dialog, net, Notification, powerMonitor, powerSaveBlocker } from 'electron'
import type { FolderPicker } from '../core/ports/folder-picker.ts'
import type { Network } from '../core/ports/network.ts'
import type { Notice, Notifier } from '../core/ports/notifier.ts'
import type { Power, PowerEvent } from '../core/ports/power.ts'

export const electronNetwork: Network = { isOnline: () => net.isOnline() }

/** Linux sends no lock-screen event: the poller of auto-lock asks for the state, and this turns it into one. */
export function createElectronPower(): Power {
  const listeners = new Set<(event: PowerEvent) => void>()
  const tell = (event: PowerEvent) => () => {
    for (const listener of listeners) listener(event)
  }
  powerMonitor.on('suspend', tell('suspend'))
  powerMonitor.on('resume', tell('resume'))
  powerMonitor.on('lock-screen', tell('lock-screen'))
  powerMonitor.on('unlock-screen', tell('unlock-screen'))
  powerMonitor.on('user-did-resign-active', tell('user-switch'))
  powerMonitor.on('shutdown', tell('shutdown'))
  return {
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    idleSeconds() {
      if (powerMonitor.getSystemIdleState(60) === 'locked') tell('lock-screen')()
      return powerMonitor.getSystemIdleTime()
    },
    isOnBattery: () => powerMonitor.isOnBatteryPower(),
    blockSleep() {
      const id = powerSaveBlocker.start('prevent-app-suspension')
      return () => {
        if (powerSaveBlocker.isStarted(id)) powerSaveBlocker.stop(id)
      }
    },
  }
}

export function createElectronNotifier(): Notifier {
  const shown = new Map<string, Notification>()
  const clear = (key: string): void => {
    shown.get(key)?.close()
    shown.delete(key)
  }
  return {
    show({ key, title, body, onClick }: Notice) {
      clear(key)
      if (!Notification.isSupported()) return
      const notification = new Notification({ title, body, silent: true })
      if (onClick !== undefined) notification.on('click', onClick)
      notification.show()
      shown.set(key, notification)
    },
    clear,
  }
}

export const electronFolderPicker: FolderPicker = {
  pickFolder: (options) => pick(options, ['openDirectory', 'createDirectory']),
  async pickNewFile({ title, startAt }) {
    const settings = { title, defaultPath: startAt, showsTagField: false }
    const window = BrowserWindow.getFocusedWindow()
    const answer =
      window === null ? await dialog.showSaveDialog(settings) : await dialog.showSaveDialog(window, settings)
    return answer.canceled || answer.filePath === '' ? null : answer.filePath
  },
  pickFile: (options) => pick(options, ['openFile', 'showHiddenFiles']),
}

type Properties = NonNullable<Electron.OpenDialogOptions['properties']>

async function pick(
  options: { title: string; startAt: string | null },
  properties: Properties,
): Promise<string | null> {
  const settings = {
    title: options.title,
    properties,
    ...(options.startAt === null ? {} : { defaultPath: options.startAt }),
  }
  const window = BrowserWindow.getFocusedWindow()
  const answer =
    window === null ? await dialog.showOpenDialog(settings) : await dialog.showOpenDialog(window, settings)
  return answer.canceled ? null : (answer.filePaths[0] ?? null)
}
