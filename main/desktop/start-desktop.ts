import path from 'node:path'
import { app, dialog, ipcMain, nativeTheme, session } from 'electron'
import type { EventName, EventValue } from '../contract/events.ts'
import { sleep } from '../core/ports/clock.ts'
import { VaultSettings } from '../model/vault.ts'
import { createAutoLock } from '../services/auto-lock.ts'
import type { AutoLock } from '../services/auto-lock.ts'
import { toWireError } from '../services/error-text.ts'
import { createAppProtocol } from './app-protocol.ts'
import { bindCalls } from './bind-calls.ts'
import { composeDesktop } from './compose.ts'
import type { Desktop } from './compose.ts'
import { hardenContents, hardenSession } from './harden.ts'
import { shutDown } from './shut-down.ts'
import { takeScheduler } from './take-scheduler.ts'
import { trayModel } from './tray-model.ts'
import { createTray } from './tray.ts'
import type { TrayActions, TrayIcon } from './tray.ts'
import { openWindowMemory } from './window-memory.ts'
import type { WindowMemory } from './window-memory.ts'
import { createWindows } from './windows.ts'
import type { Windows } from './windows.ts'

/** The session of all our pages: in memory, so that Chromium keeps nothing of them on disk. */
const partition = 'fernsync'
/** A keychain may be late at login: when it is asked again, milliseconds after the start. */
const keychainTriesMs = [0, 5_000, 25_000] as const

export type StartOptions = {
  readonly homePath: string
  readonly homeWarnings: readonly string[]
  /** Folder of main.js, preload.cjs and the child entries. */
  readonly programFolder: string
  /** Started at login: no window until the person asks for one. */
  readonly isHidden: boolean
  readonly loginArgs: readonly string[]
}

/** Composes and shows the app. A home that cannot be used is explained in a dialog, then the app ends. */
export async function startDesktop(options: StartOptions): Promise<void> {
  try {
    hardenContents()
    const pages = session.fromPartition(partition)
    for (const each of [pages, session.defaultSession]) hardenSession(each)
    pages.protocol.handle('app', await createAppProtocol(path.dirname(options.programFolder)))
    let shell: DesktopShell | null = null
    const desktop = composeDesktop({
      ...options,
      environment: process.env,
      hasTray: () => shell?.hasTray() ?? false,
      emit: (name, value) => {
        shell?.onServiceEvent(name, value)
      },
    })
    const memory = await openWindowMemory(desktop.home.settings)
    shell = new DesktopShell(options, desktop, memory)
    await shell.start()
  } catch (error) {
    explainAndEnd(error)
  }
}

/** Says in a box of the system why the app cannot start, then ends it with exit code 1. */
export function explainAndEnd(error: unknown): void {
  const { message, help } = toWireError(error)
  dialog.showErrorBox('Fernsync cannot start', help === null ? message : `${message}\n\n${help}`)
  app.exit(1)
}

/** The running app: its one window, its tray icon, and whether it is on its way out. */
class DesktopShell {
  readonly #options: StartOptions
  readonly #desktop: Desktop
  readonly #memory: WindowMemory
  readonly #windows: Windows
  readonly #autoLock: AutoLock
  #tray: TrayIcon | null = null
  #ending = false

  constructor(options: StartOptions, desktop: Desktop, memory: WindowMemory) {
    this.#options = options
    this.#desktop = desktop
    this.#memory = memory
    const { clock, power, log } = desktop.ports
    this.#autoLock = createAutoLock({
      clock,
      power,
      signals: desktop.sessionSignals,
      lock: (reason) => {
        log.info('vault.auto-lock', { reason })
        this.#lock(false)
      },
    })
    this.#windows = createWindows({
      preload: path.join(options.programFolder, 'preload.cjs'),
      icon: path.join(options.programFolder, 'icons', '256x256.png'),
      partition,
      isUnlocked: () => desktop.ports.vault.isUnlocked() && !desktop.threshold.isHeld(),
      memory,
      onOpen: (isOpen) => {
        this.#autoLock.noteWindow(isOpen)
        // Closing is an answer, too: not now.
        if (!isOpen) desktop.threshold.drop()
      },
      onTrouble: (what, reason) => {
        log.warn(`window.${what}`, { reason })
      },
    })
  }

  async start(): Promise<void> {
    const { ports, services, handlers } = this.#desktop
    await this.#desktop.home.tidy()
    await ports.vault.loadDevice()
    bindCalls(ipcMain, handlers, {
      isTrusted: (event: Electron.IpcMainInvokeEvent) => this.#windows.isTrusted(event),
      onError: (name, code) => {
        ports.log.warn('call.failed', { call: name, code })
      },
    })
    this.#watchVault()
    this.#followTheme()
    this.#tray = createTray(path.join(this.#options.programFolder, 'icons'), this.#trayActions())
    this.#listen()
    takeScheduler({ ...ports, scheduler: services.scheduler, isEnding: () => this.#ending })
    this.#updateTray()
    if (!this.#options.isHidden) this.#windows.show()
    void this.#unlockFromKeychain()
  }

  hasTray(): boolean {
    return this.#tray !== null
  }

  onServiceEvent<N extends EventName>(name: N, value: EventValue<N>): void {
    if (name === 'app.navigate') this.#windows.show('path' in value ? value.path : undefined)
    else this.#windows.send(name, value)
    if (name === 'jobs.changed') this.#updateTray()
  }

  #trayActions(): TrayActions {
    const { services, handlers, ports } = this.#desktop
    return {
      open: (route) => {
        this.#windows.show(route)
      },
      runJob: (id) => {
        services.jobs.run(id, { approve: null, trigger: 'manual' }).catch((error: unknown) => {
          ports.log.warn('tray.run-failed', { job: id, code: toWireError(error).code })
          this.#windows.show(`/jobs/${id}`)
        })
      },
      pause: (forMs) => void handlers['jobs.pause']({ forMs }),
      resume: () => void handlers['jobs.resume'](undefined),
      lock: (stopJobs) => {
        this.#lock(stopJobs)
      },
      quit: () => {
        app.quit()
      },
    }
  }

  #listen(): void {
    const show = (): void => {
      this.#windows.show()
    }
    // A second start opens the window: some desktops show no tray icons.
    app.on('second-instance', (_event, argv) => {
      if (!argv.includes('--hidden')) show()
    })
    app.on('activate', show)
    // The app lives in the tray: without a listener Electron would quit when the last window closes.
    app.on('window-all-closed', () => {})
    app.on('before-quit', (event) => {
      if (this.#ending) return
      event.preventDefault()
      this.#ending = true
      void this.#shutDown().finally(() => {
        app.quit()
      })
    })
  }

  #lock(stopJobs: boolean): void {
    const { ports, services } = this.#desktop
    services.vault.lock({ stopJobs }).catch((error: unknown) => {
      ports.log.error('vault.lock-failed', { code: toWireError(error).code })
    })
  }

  /** Follows the vault's state with window, tray, clipboard and automatic locking. */
  #watchVault(): void {
    const { ports, services, clipboard, threshold } = this.#desktop
    threshold.onRelease(() => {
      this.#windows.swap()
    })
    services.vault.onSettings((settings) => {
      // A change that is answered only after a lock must not watch a vault that is closed.
      if (ports.vault.isUnlocked()) this.#autoLock.arm(settings)
    })
    ports.vault.onState((state) => {
      // Watched from the first moment, with the defaults until the vault's own settings have been read.
      if (state === 'unlocked') this.#autoLock.arm(VaultSettings.parse({}))
      else {
        this.#autoLock.disarm()
        void clipboard.clearIfOurs()
      }
      this.#windows.send('vault.state', { state })
      if (state !== 'unlocked') threshold.drop()
      this.#windows.swap()
      this.#updateTray()
    })
    ports.power.onEvent((event) => {
      if (event === 'resume') services.scheduler?.poke()
    })
  }

  #followTheme(): void {
    const { preferences } = this.#desktop
    preferences.onChange(({ theme }) => {
      nativeTheme.themeSource = theme
    })
    void preferences.get().then(({ theme }) => {
      nativeTheme.themeSource = theme
    })
    nativeTheme.on('updated', () => this.#updateTray())
  }

  /** With keychain caching on this device unlocks by itself. A keychain that cannot be asked is asked again, never emptied. */
  async #unlockFromKeychain(): Promise<void> {
    const { ports, services } = this.#desktop
    for (const delayMs of keychainTriesMs) {
      await sleep(ports.clock, delayMs, new AbortController().signal)
      if (this.#ending || ports.vault.isUnlocked()) return
      const answer = await services.vault.unlockFromKeychain().catch(() => 'unavailable' as const)
      if (answer !== 'unavailable' && answer !== 'locked') return
    }
  }

  #updateTray(): void {
    if (this.#ending) return
    const { services, ports } = this.#desktop
    // From the projection alone: what only the vault knows does not come into this process for a menu.
    this.#tray?.update(
      trayModel(services.jobs.summaries(), {
        unlocked: ports.vault.isUnlocked(),
        paused: services.scheduler?.paused().paused ?? false,
        now: ports.clock.now(),
      }),
    )
  }

  /** Running jobs stop at a clean point; grants and keys end with the processes that hold them. */
  async #shutDown(): Promise<void> {
    const { services, ports, clipboard, home } = this.#desktop
    await shutDown(ports.clock, {
      first: [
        () => services.scheduler?.stop(),
        () => {
          this.#windows.destroy()
        },
        () => this.#tray?.destroy(),
      ],
      work: [
        () => services.vault.lock({ stopJobs: true }),
        () => clipboard.clearIfOurs(),
        () => this.#memory.save(),
      ],
      last: [
        () => {
          services.coordinator.killAll()
        },
        () => {
          home.close()
        },
      ],
    })
  }
}
