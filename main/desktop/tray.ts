import path from 'node:path'
import { Menu, nativeImage, nativeTheme, Tray } from 'electron'
import type { MenuItemConstructorOptions } from 'electron'
import type { TrayModel } from './tray-model.ts'

export type TrayActions = {
  open(path?: string): void
  runJob(id: string): void
  pause(forMs: number | null): void
  resume(): void
  lock(stopJobs: boolean): void
  quit(): void
}

const hourMs = 3_600_000

export type TrayIcon = { update(model: TrayModel): void; destroy(): void }

export function createTray(iconFolder: string, actions: TrayActions): TrayIcon {
  const tray = new Tray(iconImage(iconFolder, 'locked'))
  tray.setToolTip('Fernsync')
  tray.on('click', () => {
    actions.open()
  })
  let shown = ''
  return {
    update(model) {
      // Rebuilding an open menu closes it on some desktops: only when something changed.
      const text = JSON.stringify([model, nativeTheme.shouldUseDarkColors])
      if (text === shown) return
      shown = text
      tray.setImage(iconImage(iconFolder, model.icon))
      tray.setToolTip(`Fernsync: ${model.status}`)
      tray.setContextMenu(Menu.buildFromTemplate(trayMenu(model, actions)))
    },
    destroy() {
      tray.destroy()
    },
  }
}

/** Ids are stable: tests and assistive tools find entries by them. */
export function trayMenu(model: TrayModel, actions: TrayActions): MenuItemConstructorOptions[] {
  const runNow: MenuItemConstructorOptions[] = model.jobs.map((job) => ({
    id: `run-${job.id}`,
    label: job.label,
    enabled: job.canRun,
    click: () => {
      actions.runJob(job.id)
    },
  }))
  const item = (id: string, label: string, click: () => void): MenuItemConstructorOptions => ({
    id,
    label,
    click,
  })
  return [
    { id: 'status', label: model.status, enabled: false },
    { type: 'separator' },
    item('open', 'Open Fernsync', () => {
      actions.open()
    }),
    { id: 'run', label: 'Run now', enabled: runNow.length > 0, submenu: runNow },
    model.paused
      ? item('resume', 'Resume jobs', () => {
          actions.resume()
        })
      : {
          id: 'pause',
          label: 'Pause jobs',
          submenu: [
            item('pause-hour', 'For 1 hour', () => {
              actions.pause(hourMs)
            }),
            item('pause-day', 'For 24 hours', () => {
              actions.pause(24 * hourMs)
            }),
            item('pause-open', 'Until I resume', () => {
              actions.pause(null)
            }),
          ],
        },
    { type: 'separator' },
    {
      ...item('lock', 'Lock', () => {
        actions.lock(false)
      }),
      enabled: model.unlocked,
    },
    item('lock-stop', 'Lock and stop jobs', () => {
      actions.lock(true)
    }),
    { type: 'separator' },
    item('quit', 'Quit Fernsync', () => {
      actions.quit()
    }),
  ]
}

function iconImage(folder: string, icon: TrayModel['icon']): Electron.NativeImage {
  if (process.platform === 'darwin') {
    const image = nativeImage.createFromPath(path.join(folder, `tray-${icon}-light-16.png`))
    image.setTemplateImage(true)
    return image
  }
  const theme = nativeTheme.shouldUseDarkColors ? 'dark' : 'light'
  return nativeImage.createFromPath(path.join(folder, `tray-${icon}-${theme}-22.png`))
}
