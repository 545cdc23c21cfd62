import { EventEmitter } from 'node:events'
import { boot } from './boot.ts'
import { appEvents, isReady, openWindows, windowGone, type ClosableWindow } from './lifecycle.ts'
import type { StandinImage } from './native-image.ts'
import { session as sessions, type Session } from './session.ts'
import { notImplemented, preventable, strict } from './strict.ts'
import { nextId, WebContents } from './web-contents.ts'

type Implemented =
  | 'blur'
  | 'center'
  | 'close'
  | 'destroy'
  | 'flashFrame'
  | 'focus'
  | 'getBackgroundColor'
  | 'getBounds'
  | 'getContentBounds'
  | 'getContentSize'
  | 'getMinimumSize'
  | 'getNormalBounds'
  | 'getPosition'
  | 'getSize'
  | 'getTitle'
  | 'hide'
  | 'isContentProtected'
  | 'isDestroyed'
  | 'isFocused'
  | 'isFullScreen'
  | 'isMaximized'
  | 'isMinimized'
  | 'isModal'
  | 'isResizable'
  | 'isVisible'
  | 'loadURL'
  | 'maximize'
  | 'minimize'
  | 'moveTop'
  | 'reload'
  | 'removeMenu'
  | 'restore'
  | 'setAlwaysOnTop'
  | 'setAutoHideMenuBar'
  | 'setBackgroundColor'
  | 'setBounds'
  | 'setContentProtection'
  | 'setFullScreen'
  | 'setMenu'
  | 'setMenuBarVisibility'
  | 'setMinimumSize'
  | 'setOverlayIcon'
  | 'setPosition'
  | 'setProgressBar'
  | 'setResizable'
  | 'setSize'
  | 'setSkipTaskbar'
  | 'setTitle'
  | 'show'
  | 'showInactive'
  | 'unmaximize'

/** The size that Electron gives to a window which asks for none. */
const DEFAULT_SIZE = { width: 800, height: 600 }

type Options = Electron.BrowserWindowConstructorOptions
type WindowState = Parameters<Awaited<WebContents['_opening']>['setWindowState']>[0]

/** The pages of the stand-in are always isolated and sandboxed: options that say otherwise cannot be honoured. */
function refuseUnsafe(preferences: Electron.WebPreferences): void {
  const wrong =
    preferences.nodeIntegration === true ||
    preferences.contextIsolation === false ||
    preferences.sandbox === false ||
    preferences.webviewTag === true ||
    preferences.nodeIntegrationInSubFrames === true
  if (wrong)
    throw notImplemented('BrowserWindow without contextIsolation and sandbox, or with node integration')
}

function definedBounds(options: Options): Partial<Electron.Rectangle> {
  const { x, y, width, height } = options
  return Object.fromEntries(
    Object.entries({ x, y, width, height }).filter(([, value]) => value !== undefined),
  )
}

export class BrowserWindow
  extends EventEmitter
  implements Pick<Electron.BrowserWindow, Implemented>, ClosableWindow
{
  readonly id = nextId()
  readonly webContents: WebContents
  readonly _options: Options
  readonly _bounds: Electron.Rectangle
  _title: string
  _visible = false
  _focused = false
  _minimized = false
  _maximized = false
  _fullScreen = false
  _protected = false
  _dead = false
  _closing = false
  _painted = false
  _minimumSize: [number, number]
  _background: string
  _menu: unknown = null
  _icon: unknown
  readonly _self: this

  constructor(options: Options = {}) {
    super()
    if (!isReady()) throw new Error('Cannot create BrowserWindow before app is ready')
    const preferences = options.webPreferences ?? {}
    refuseUnsafe(preferences)
    const self = strict('BrowserWindow', this)
    this._self = self
    this._options = options
    this._title = options.title ?? boot.name
    this._minimumSize = [options.minWidth ?? 0, options.minHeight ?? 0]
    this._background = options.backgroundColor ?? '#FFFFFF'
    this._icon = options.icon
    const bounds = { ...DEFAULT_SIZE, ...definedBounds(options) }
    this._bounds = { x: 0, y: 0, ...bounds }
    this.webContents = new WebContents({
      owner: {
        isDestroyed: () => this._dead,
        destroy: () => self.destroy(),
        closedOutside: () => self._mayClose(),
        titleChanged: (title) => self._titleChanged(title),
        firstPaint: () => self._firstPaint(),
      },
      // reason: sessions that the app can hold are the stand-in's own
      session:
        (preferences.session as Session | undefined) ?? sessions.fromPartition(preferences.partition ?? ''),
      bounds,
      preload: preferences.preload,
      additionalArguments: preferences.additionalArguments ?? [],
    })
    openWindows.push(self)
    if (options.show !== false) self.show()
    else self._applyState('minimized')
    queueMicrotask(() => appEvents.emit('browser-window-created', preventable({}), self))
    return self
  }

  static getAllWindows(): BrowserWindow[] {
    return openWindows.filter((window): window is BrowserWindow => window instanceof BrowserWindow)
  }
  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.webContents === contents) ?? null
  }
  static fromId(id: number): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window.id === id) ?? null
  }
  static getFocusedWindow(): BrowserWindow | null {
    return BrowserWindow.getAllWindows().find((window) => window._focused) ?? null
  }

  /** Runs an effect on Chromium's window as soon as it exists; without a window manager some have none. */
  _effect(act: (page: Awaited<WebContents['_opening']>) => Promise<unknown>): void {
    void this.webContents._opening.then(act).catch(() => undefined)
  }
  _applyState(state: WindowState): void {
    this._effect((page) => page.setWindowState(state))
  }

  _titleChanged(title: string): void {
    const event = preventable({})
    this.emit('page-title-updated', event, title, true)
    if (!event.defaultPrevented) this._title = title
  }
  _firstPaint(): void {
    if (this._painted || this._dead) return
    this._painted = true
    this.emit('ready-to-show')
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url)
  }
  reload(): void {
    this.webContents.reload()
  }

  show(): void {
    this.showInactive()
    this.focus()
  }
  showInactive(): void {
    this.webContents._revive()
    if (this._visible && !this._minimized) return
    this._visible = true
    this._minimized = false
    this._applyState('normal')
    this.emit('show')
  }
  hide(): void {
    if (!this._visible) return
    this._visible = false
    this.blur()
    this._applyState('minimized') // Chromium cannot hide a window
    this.emit('hide')
  }
  focus(): void {
    if (!this._visible || this._dead) return
    this._effect((page) => page.send('Page.bringToFront'))
    if (this._focused) return
    BrowserWindow.getFocusedWindow()?.blur()
    this._focused = true
    this.emit('focus')
    appEvents.emit('browser-window-focus', preventable({}), this._self)
  }
  blur(): void {
    if (!this._focused) return
    this._focused = false
    this.emit('blur')
    appEvents.emit('browser-window-blur', preventable({}), this._self)
  }
  minimize(): void {
    this._minimized = true
    this.blur()
    this._applyState('minimized')
    this.emit('minimize')
  }
  restore(): void {
    if (!this._minimized) return
    this._minimized = false
    this._applyState('normal')
    this.emit('restore')
  }
  maximize(): void {
    this._maximized = true
    this._applyState('maximized')
    this.emit('maximize')
  }
  unmaximize(): void {
    this._maximized = false
    this._applyState('normal')
    this.emit('unmaximize')
  }
  setFullScreen(flag: boolean): void {
    this._fullScreen = flag
    this._applyState(flag ? 'fullscreen' : 'normal')
    this.emit(flag ? 'enter-full-screen' : 'leave-full-screen')
  }

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    Object.assign(this._bounds, bounds)
    const { width, height } = this._bounds
    this._effect((page) => page.setContentSize(width, height))
    this.emit('resize')
    this.emit('move')
  }
  setSize(width: number, height: number): void {
    this.setBounds({ width, height })
  }
  setPosition(x: number, y: number): void {
    this.setBounds({ x, y })
  }
  center(): void {}
  moveTop(): void {
    this._effect((page) => page.send('Page.bringToFront'))
  }

  /** `close`, which the app may refuse; the end itself follows later, as in Electron. */
  close(): void {
    this.requestClose()
  }
  requestClose(): boolean {
    if (this._dead || this._closing) return true
    if (!this._mayClose()) return false
    this._closing = true
    setImmediate(() => this._self.destroy())
    return true
  }
  _mayClose(): boolean {
    const event = preventable({})
    this.emit('close', event)
    return !event.defaultPrevented
  }
  destroy(): void {
    if (this._dead) return
    this._dead = true
    this._visible = false
    this._focused = false
    this.webContents._destroy()
    this.emit('closed')
    windowGone(this._self)
  }

  isDestroyed(): boolean {
    return this._dead
  }
  isVisible(): boolean {
    return this._visible
  }
  isFocused(): boolean {
    return this._focused
  }
  isMinimized(): boolean {
    return this._minimized
  }
  isMaximized(): boolean {
    return this._maximized
  }
  isFullScreen(): boolean {
    return this._fullScreen
  }
  isModal(): boolean {
    return this._options.modal ?? false
  }
  isResizable(): boolean {
    return this._options.resizable ?? true
  }
  isContentProtected(): boolean {
    return this._protected
  }
  getTitle(): string {
    return this._title
  }
  get title(): string {
    return this._title
  }
  getBounds(): Electron.Rectangle {
    return { ...this._bounds }
  }
  getNormalBounds(): Electron.Rectangle {
    return this.getBounds()
  }
  getContentBounds(): Electron.Rectangle {
    return this.getBounds()
  }
  getSize(): number[] {
    return [this._bounds.width, this._bounds.height]
  }
  getContentSize(): number[] {
    return this.getSize()
  }
  getPosition(): number[] {
    return [this._bounds.x, this._bounds.y]
  }
  getMinimumSize(): number[] {
    return this._minimumSize
  }
  getBackgroundColor(): string {
    return this._background
  }
  getParentWindow(): BrowserWindow | null {
    // reason: windows that the app can name are the stand-in's own
    return (this._options.parent as BrowserWindow | undefined) ?? null
  }

  setTitle(title: string): void {
    this._title = title
  }
  setContentProtection(enable: boolean): void {
    this._protected = enable
  }
  setMinimumSize(width: number, height: number): void {
    this._minimumSize = [width, height]
  }
  setBackgroundColor(color: string): void {
    this._background = color
  }
  setIcon(icon: StandinImage | string): void {
    this._icon = icon
  }
  setMenu(menu: unknown): void {
    this._menu = menu
  }
  removeMenu(): void {
    this._menu = null
  }
  setMenuBarVisibility(): void {}
  setAutoHideMenuBar(): void {}
  setAlwaysOnTop(): void {}
  setSkipTaskbar(): void {}
  setResizable(): void {}
  setProgressBar(): void {}
  setOverlayIcon(): void {}
  flashFrame(): void {}
}
