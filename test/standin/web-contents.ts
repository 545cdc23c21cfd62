import { EventEmitter } from 'node:events'
import type { CdpEvent, Protocol } from './cdp.ts'
import { consoleMessageOf } from './console-message.ts'
import { codec, createIpc, type StandinIpc } from './ipc.ts'
import { appEvents, isLeaving, isQuitting } from './lifecycle.ts'
import { nativeImage } from './native-image.ts'
import { nativeTheme } from './native-theme.ts'
import { receiveFromPage } from './page-messages.ts'
import { loadError } from './load-error.ts'
import { openPage, type PageSession } from './page-session.ts'
import { forgetRenderer, rendererPid } from './processes.ts'
import { privilegedSchemes } from './protocol.ts'
import { answerRequest } from './requests.ts'
import type { Session } from './session.ts'
import { preventable, strict } from './strict.ts'
import { createMainFrame, type StandinFrame } from './web-frame.ts'
import { fromWire, toWire } from './wire.ts'

/** The window around a webContents. */
export interface ContentsOwner {
  isDestroyed(): boolean
  destroy(): void
  /** The person closed Chromium's window: false when the app wants to keep it. */
  closedOutside(): boolean
  titleChanged(title: string): void
  firstPaint(): void
}

export interface ContentsOptions {
  owner: ContentsOwner
  session: Session
  bounds: { x?: number | undefined; y?: number | undefined; width: number; height: number }
  preload: string | undefined
  additionalArguments: string[]
}

type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0]
type Implemented =
  | 'executeJavaScript'
  | 'forcefullyCrashRenderer'
  | 'getOSProcessId'
  | 'getProcessId'
  | 'getTitle'
  | 'getType'
  | 'getURL'
  | 'getZoomFactor'
  | 'isCrashed'
  | 'isDestroyed'
  | 'isDevToolsOpened'
  | 'isFocused'
  | 'isLoading'
  | 'loadURL'
  | 'openDevTools'
  | 'closeDevTools'
  | 'reload'
  | 'send'
  | 'setBackgroundThrottling'
  | 'setIgnoreMenuShortcuts'
  | 'setVisualZoomLevelLimits'
  | 'setWebRTCIPHandlingPolicy'
  | 'setWindowOpenHandler'
  | 'setZoomFactor'
  | 'stop'
  | 'close'
  | 'focus'

const living: WebContents[] = []
let lastId = 0
export const nextId = (): number => ++lastId

export class WebContents extends EventEmitter implements Pick<Electron.WebContents, Implemented> {
  readonly id = nextId()
  readonly session: Session
  readonly mainFrame: StandinFrame
  readonly ipc: StandinIpc = createIpc('webContents.ipc')
  readonly _options: ContentsOptions
  _page: PageSession | undefined
  _opening: Promise<PageSession>
  _url = ''
  _title = ''
  _zoom = 1
  _loading = false
  _crashed = false
  _dead = false
  _lost = false
  /** The next document request of the top frame was asked for by main: will-navigate is not for it. */
  _expected = false
  _openHandler: OpenHandler | undefined
  readonly _onTheme: () => void

  constructor(options: ContentsOptions) {
    super()
    const self = strict('webContents', this)
    this._options = options
    this.session = options.session
    this.mainFrame = createMainFrame({
      id: this.id,
      url: () => self._url,
      osProcessId: () => self.getOSProcessId(),
      isDestroyed: () => self.isDestroyed(),
      send: (channel, ...args) => self.send(channel, ...args),
      executeJavaScript: (code) => self.executeJavaScript(code),
    })
    this._onTheme = () => void self._page?.applyColorScheme().catch(() => undefined)
    nativeTheme.on('updated', this._onTheme)
    this.session._pages.add(this)
    living.push(self)
    this._opening = self._open()
    appEvents.emit('web-contents-created', preventable({}), self)
    return self
  }

  static getAllWebContents(): WebContents[] {
    return [...living]
  }
  static fromId(id: number): WebContents | undefined {
    return living.find((contents) => contents.id === id)
  }
  static getFocusedWebContents(): WebContents | null {
    return living.find((contents) => contents.isFocused()) ?? null
  }
  /** Playwright's way from its page to our window. */
  static fromDevToolsTargetId(targetId: string): WebContents | undefined {
    return living.find((contents) => contents._page?.targetId === targetId)
  }

  _open(): Promise<PageSession> {
    const { session, bounds, preload, additionalArguments } = this._options
    const opening = session
      ._browserContext()
      .then((context) =>
        openPage({
          window: { bounds, context },
          preload,
          additionalArguments,
          onEvent: (event) => this._onEvent(event),
          onMessage: (text) => receiveFromPage(this, codec.decode(text)),
          target: { gone: () => this._onGone(), crashed: () => this._onCrashed() },
        }),
      )
      .then(async (page) => {
        this._page = page
        this._lost = false
        if (this._dead) page.close()
        else await page.setContentSize(bounds.width, bounds.height)
        return page
      })
    opening.catch((error: unknown) => {
      if (!isLeaving() && !this._dead) console.error('[standin] a window could not be opened:', error)
    })
    return opening
  }

  /** After the person closed Chromium's window and the app kept its own: a new one with the same page. */
  _revive(): void {
    if (!this._lost || this._dead) return
    this._opening = this._open()
    if (this._url) this.loadURL(this._url).catch(() => undefined)
  }

  _onGone(): void {
    if (this._dead || isLeaving()) return
    this._page = undefined
    this._lost = true
    if (this._options.owner.closedOutside()) this._options.owner.destroy()
  }

  _onCrashed(): void {
    this._crashed = true
    forgetRenderer(this.id)
    const details: Electron.RenderProcessGoneDetails = { reason: 'crashed', exitCode: 5 }
    this.emit('render-process-gone', preventable({}), details)
  }

  _onTitle(title: string): void {
    if (title === this._title || title === '') return
    this._title = title
    this._options.owner.titleChanged(title)
  }

  _onEvent(event: CdpEvent): void {
    switch (event.method) {
      case 'Fetch.requestPaused':
        void this._answer(event.params)
        break
      case 'Page.frameStartedLoading':
        if (this._isMain(event.params.frameId)) this._loading = true
        break
      case 'Page.frameNavigated':
        if (event.params.frame.parentId === undefined) this._onNavigated(event.params.frame)
        break
      case 'Page.navigatedWithinDocument':
        if (this._isMain(event.params.frameId)) this._url = fromWire(event.params.url)
        break
      case 'Page.domContentEventFired':
        this.emit('dom-ready', preventable({}))
        setImmediate(() => this._options.owner.firstPaint())
        break
      case 'Page.loadEventFired':
        this._loading = false
        rendererPid(this.id)
        this.emit('did-finish-load', preventable({}))
        break
      default:
        this._onConsole(event)
    }
  }

  _isMain(frameId: string): boolean {
    return frameId === this._page?.targetId
  }

  _onNavigated(frame: Protocol.Page.Frame): void {
    this._url = fromWire(frame.url)
    this._crashed = false
    this.emit('did-navigate', preventable({}), this._url, 200, 'OK')
  }

  _onConsole(event: CdpEvent): void {
    const message = consoleMessageOf(event)
    if (message) this.emit('console-message', preventable({ ...message, frame: this.mainFrame }))
  }

  async _answer(paused: Protocol.Fetch.requestPausedPayload): Promise<void> {
    const page = this._page ?? (await this._opening)
    await answerRequest(
      {
        session: this.session,
        webContentsId: this.id,
        send: (method, params) => page.send(method, params),
        isMainFrame: (frameId) => frameId === page.targetId,
        mayNavigate: (url, isMainFrame, isRedirect) => this._mayNavigate(url, isMainFrame, isRedirect),
      },
      paused,
    )
  }

  _mayNavigate(url: string, isMainFrame: boolean, isRedirect: boolean): boolean {
    const details = { url, isSameDocument: false, isMainFrame, frame: isMainFrame ? this.mainFrame : null }
    if (isRedirect) {
      const event = preventable({ ...details, isInPlace: false })
      this.emit('will-redirect', event, url, false, isMainFrame)
      return !event.defaultPrevented
    }
    if (isMainFrame && this._expected) {
      this._expected = false
      return true
    }
    const event = preventable({ ...details, initiator: this.mainFrame })
    this.emit('will-frame-navigate', event)
    if (!event.defaultPrevented && isMainFrame) this.emit('will-navigate', event, url)
    return !event.defaultPrevented
  }

  async loadURL(url: string): Promise<void> {
    const ended = Promise.withResolvers<void>()
    const finish = (): void => ended.resolve()
    // While the app quits Electron's process ends before anybody could hear of the failure.
    const destroyed = (): void => (isQuitting() ? undefined : ended.reject(loadError('net::ERR_FAILED', url)))
    this.once('did-finish-load', finish).once('destroyed', destroyed)
    void this._navigate(url).catch((error: unknown) => {
      if (!this._dead && !isLeaving()) ended.reject(error)
    })
    try {
      await ended.promise
    } finally {
      this.off('did-finish-load', finish).off('destroyed', destroyed)
    }
  }

  async _navigate(url: string): Promise<void> {
    const page = await this._opening
    this._expected = true
    const { errorText } = await page.send('Page.navigate', { url: toWire(url, privilegedSchemes) })
    this._expected = false
    if (errorText === undefined) return
    const error = loadError(errorText, url)
    this.emit('did-fail-load', preventable({}), error.errno, error.code, url, true)
    throw error
  }

  reload(): void {
    this._expected = true
    void this._opening.then((page) => page.send('Page.reload')).catch(() => undefined)
  }

  send(channel: string, ...args: unknown[]): void {
    if (this._dead) throw new TypeError('Object has been destroyed')
    this._page?.deliver(codec.encode({ type: 'event', channel, args }))
  }

  async executeJavaScript(code: string, userGesture = false): Promise<unknown> {
    const page = await this._opening
    const { result, exceptionDetails } = await page.send('Runtime.evaluate', {
      expression: code,
      awaitPromise: true,
      returnByValue: true,
      userGesture,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  async capturePage(): Promise<ReturnType<typeof nativeImage.createEmpty>> {
    const { data } = await (await this._opening).send('Page.captureScreenshot', { format: 'png' })
    return nativeImage.createFromBuffer(Buffer.from(data, 'base64'))
  }

  async clearData(kind: 'cache' | 'storage'): Promise<void> {
    const page = await this._opening
    if (kind === 'cache') await page.send('Network.clearBrowserCache')
    else {
      const origin = new URL(toWire(this._url || 'about:blank', privilegedSchemes)).origin
      if (origin !== 'null') await page.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
    }
  }

  forcefullyCrashRenderer(): void {
    void this._opening.then((page) => page.send('Page.crash')).catch(() => undefined) // never answered: it crashed
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this._openHandler = handler
  }
  getURL(): string {
    return this._url
  }
  getTitle(): string {
    return this._title
  }
  getType(): 'window' {
    return 'window'
  }
  getOSProcessId(): number {
    return this._dead || this._crashed ? 0 : rendererPid(this.id)
  }
  getProcessId(): number {
    return this.id
  }
  isDestroyed(): boolean {
    return this._dead
  }
  isCrashed(): boolean {
    return this._crashed
  }
  isLoading(): boolean {
    return this._loading
  }
  isFocused(): boolean {
    return !this._dead
  }
  get zoomFactor(): number {
    return this._zoom
  }
  set zoomFactor(factor: number) {
    this._zoom = factor
  }
  getZoomFactor(): number {
    return this._zoom
  }
  setZoomFactor(factor: number): void {
    this._zoom = factor
  }
  async setVisualZoomLevelLimits(): Promise<void> {}
  setWebRTCIPHandlingPolicy(): void {}
  setIgnoreMenuShortcuts(): void {}
  setBackgroundThrottling(): void {}
  openDevTools(): void {}
  closeDevTools(): void {}
  isDevToolsOpened(): boolean {
    return false
  }
  stop(): void {
    void this._opening.then((page) => page.send('Page.stopLoading')).catch(() => undefined)
  }
  focus(): void {
    void this._opening.then((page) => page.send('Page.bringToFront')).catch(() => undefined)
  }
  close(): void {
    setImmediate(() => this._options.owner.destroy())
  }

  _destroy(): void {
    if (this._dead) return
    this._dead = true
    living.splice(living.indexOf(living.find((contents) => contents.id === this.id) ?? this), 1)
    this.session._pages.delete(this)
    nativeTheme.off('updated', this._onTheme)
    forgetRenderer(this.id)
    this._page?.close()
    this.emit('destroyed')
  }
}
