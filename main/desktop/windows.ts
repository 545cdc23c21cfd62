import { BrowserWindow, nativeTheme } from 'electron'
import type { Rectangle } from 'electron'
import type { EventName, EventValue } from '../contract/events.ts'
import { appOrigin, isOurPage } from './app-protocol.ts'
import { windowColors } from './window-colors.ts'
import type { WindowMemory } from './window-memory.ts'

const minimumSize = { width: 720, height: 540 }
const defaultSize = { width: 1100, height: 740 }
/** A page that crashes again this soon is not brought back by itself. */
const crashPauseMs = 10_000

/** The two kinds of window. Each runs in a renderer process of its own that dies with it. */
export type WindowKind = 'unlock' | 'main'

/** Where each kind begins; the main window's first screen decides itself what comes next. */
const startRoute: Readonly<Record<WindowKind, string>> = { unlock: '/unlock', main: '/' }

/** How a window is there for the person: in front, behind something else, or minimized. */
type Presence = 'front' | 'behind' | 'minimized'

export type WindowsOptions = {
  readonly preload: string
  readonly icon: string
  /** Name of the session that serves our page. */
  readonly partition: string
  readonly isUnlocked: () => boolean
  readonly memory: WindowMemory
  /** Called when a window is there for the person and when none is any more: closed, or hidden with the whole app. */
  readonly onOpen: (isOpen: boolean) => void
  /** For the log: why a page did not load or went away. */
  readonly onTrouble: (what: 'load-failed' | 'page-gone', reason: string) => void
}

export type Windows = {
  /** Shows the window that fits the vault's state, making it when there is none; `path` is a route of the page. */
  show(path?: string): void
  /**
   * Replaces the window by the one that fits the vault's state, at the same place: whatever a renderer saw of a password or
   * a secret ends with its process.
   */
  swap(): void
  /** True for a call from the top frame of one of our windows that shows our page. */
  isTrusted(event: Electron.IpcMainInvokeEvent): boolean
  send<N extends EventName>(name: N, value: EventValue<N>): void
  /** Ends all windows for good; closing hides no more. */
  destroy(): void
}

type Shown = {
  readonly kind: WindowKind
  readonly window: BrowserWindow
  presence: Presence
  /** To be maximized when it appears: maximizing a window shows it. */
  mustMaximize: boolean
}

/** The one window there is has an identity: it is replaced, never doubled. */
class AppWindows implements Windows {
  readonly #options: WindowsOptions
  #current: Shown | null = null
  /** A route asked for while locked; the window of the open vault begins there. */
  #wantedRoute: string | null = null
  #lastCrash = -Infinity

  constructor(options: WindowsOptions) {
    this.#options = options
    nativeTheme.on('updated', () => {
      this.#current?.window.setBackgroundColor(backgroundColor())
    })
  }

  show(path?: string): void {
    const kind = this.#kind()
    this.#wantedRoute = path ?? null
    if (this.#current === null || this.#current.kind !== kind) {
      this.#replace('front')
      return
    }
    this.#appear(this.#current, 'front')
    if (path !== undefined && kind === 'main') {
      this.#wantedRoute = null
      this.send('app.navigate', { path })
    }
  }

  swap(): void {
    // Without a window the app is in the tray: nothing was on screen, nothing must appear.
    if (this.#current === null || this.#current.kind === this.#kind()) return
    this.#replace(presenceOf(this.#current))
  }

  isTrusted(event: Electron.IpcMainInvokeEvent): boolean {
    const frame = event.senderFrame
    if (frame === null || this.#current === null) return false
    return (
      event.sender.id === this.#current.window.webContents.id && frame.parent === null && isOurPage(frame.url)
    )
  }

  send<N extends EventName>(name: N, value: EventValue<N>): void {
    this.#current?.window.webContents.send(`event:${name}`, value)
  }

  destroy(): void {
    this.#current = null
    this.#destroyOthers()
  }

  #kind(): WindowKind {
    return this.#options.isUnlocked() ? 'main' : 'unlock'
  }

  #replace(presence: Presence): void {
    const kind = this.#kind()
    const old = this.#current?.window ?? null
    const window = this.#make(old)
    const mustMaximize = old?.isMaximized() ?? this.#options.memory.last()?.maximized ?? false
    const shown: Shown = { kind, window, presence, mustMaximize }
    this.#current = shown
    this.#watch(shown)
    this.#options.onOpen(true)
    const takePlace = (): void => {
      if (this.#current !== shown) return
      this.#appear(shown, presence)
      this.#destroyOthers()
    }
    // A lock must not wait for the new page: an empty window of the same colour stands in for what was shown.
    if (kind === 'unlock' && old !== null) takePlace()
    else window.once('ready-to-show', takePlace)
    this.#load(window).catch((error: unknown) => {
      // A window that was replaced or closed while it loaded rejects, too; nobody waits for that one any more.
      if (window.isDestroyed()) return
      this.#options.onTrouble('load-failed', error instanceof Error ? error.name : 'unknown')
      takePlace()
    })
  }

  #load(window: BrowserWindow): Promise<void> {
    const kind = this.#kind()
    const route = kind === 'main' ? (this.#wantedRoute ?? startRoute.main) : startRoute.unlock
    if (kind === 'main') this.#wantedRoute = null
    return window.loadURL(`${appOrigin}/index.html#${route}`)
  }

  #appear(shown: Shown, presence: Presence): void {
    const { window } = shown
    shown.presence = presence
    if (shown.mustMaximize) window.maximize()
    shown.mustMaximize = false
    if (presence === 'minimized') window.minimize()
    else if (presence === 'behind') window.showInactive()
    else {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    }
  }

  #destroyOthers(): void {
    for (const window of BrowserWindow.getAllWindows()) {
      if (window !== this.#current?.window && !window.isDestroyed()) window.destroy()
    }
  }

  #watch(shown: Shown): void {
    const { window } = shown
    const { memory, onOpen, onTrouble } = this.#options
    const noteSize = (): void => {
      const { width, height } = window.getNormalBounds()
      memory.note({ width, height, maximized: window.isMaximized() })
    }
    window.on('resize', noteSize)
    window.on('maximize', noteSize)
    window.on('unmaximize', noteSize)
    window.on('closed', () => {
      void memory.save()
      // Jobs go on in the tray.
      if (this.#current !== shown) return
      this.#current = null
      onOpen(false)
    })
    window.on('hide', () => {
      if (this.#current === shown) onOpen(false)
    })
    window.on('show', () => {
      if (this.#current === shown) onOpen(true)
    })
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (this.#current !== shown) return
      onTrouble('page-gone', reason)
      this.#recover(shown)
    })
  }

  /** A page that crashed comes back once; when it crashes again at once, the app stays in the tray. */
  #recover(shown: Shown): void {
    const now = performance.now()
    const isAgain = now - this.#lastCrash < crashPauseMs
    this.#lastCrash = now
    if (!isAgain) this.#replace(presenceOf(shown))
    else shown.window.destroy()
  }

  #make(old: BrowserWindow | null): BrowserWindow {
    const { width, height } = this.#options.memory.last() ?? defaultSize
    const place: Partial<Rectangle> = old === null ? { width, height } : old.getNormalBounds()
    const window = new BrowserWindow({
      ...place,
      minWidth: minimumSize.width,
      minHeight: minimumSize.height,
      show: false,
      title: 'Fernsync',
      icon: this.#options.icon,
      backgroundColor: backgroundColor(),
      autoHideMenuBar: true,
      webPreferences: {
        preload: this.#options.preload,
        partition: this.#options.partition,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        spellcheck: false,
        devTools: false,
      },
    })
    window.removeMenu()
    return window
  }
}

export function createWindows(options: WindowsOptions): Windows {
  return new AppWindows(options)
}

/** Where a window is now; one that has not been shown yet is where it will be. */
function presenceOf({ window, presence }: Shown): Presence {
  if (window.isMinimized()) return 'minimized'
  if (!window.isVisible()) return presence
  return window.isFocused() ? 'front' : 'behind'
}

function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? windowColors.dark : windowColors.light
}
