import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { app } from 'electron'
import type { LoginItem } from '../core/ports/login-item.ts'
import { autostartEntry, isActiveEntry } from './autostart-entry.ts'

const fileName = 'fernsync-desktop.desktop'

export type LoginItemOptions = {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Arguments to start with; the window stays closed. */
  readonly args: readonly string[]
}

/** Starts the app at login: by Electron where it can, on Linux by an entry of the XDG autostart specification. */
export function createLoginItem(options: LoginItemOptions): LoginItem {
  return options.platform === 'linux' ? createAutostart(options) : createElectronLoginItem(options)
}

function createElectronLoginItem({ args }: LoginItemOptions): LoginItem {
  const settings = { args: [...args] }
  return {
    isOn: () => app.getLoginItemSettings(settings).openAtLogin,
    set(on) {
      app.setLoginItemSettings({ ...settings, openAtLogin: on })
    },
  }
}

function createAutostart({ environment, args }: LoginItemOptions): LoginItem {
  const given = environment['XDG_CONFIG_HOME']
  const config =
    given !== undefined && path.isAbsolute(given) ? given : path.join(app.getPath('home'), '.config')
  const file = path.join(config, 'autostart', fileName)
  return {
    isOn() {
      try {
        return isActiveEntry(readFileSync(file, 'utf8'))
      } catch {
        return false // there is none
      }
    },
    set(on) {
      if (!on) {
        rmSync(file, { force: true })
        return
      }
      // An AppImage is mounted somewhere else at every start; the variable names the file itself.
      const program = environment['APPIMAGE'] ?? process.execPath
      const own = app.isPackaged ? [] : [app.getAppPath()]
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
      writeFileSync(file, autostartEntry([program, ...own, ...args]))
    },
  }
}
