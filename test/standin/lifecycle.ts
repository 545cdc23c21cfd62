import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import { underTest } from './boot.ts'
import { startChromium, type Chromium } from './chromium.ts'
import { preventable } from './strict.ts'
import { seam } from './seam.ts'

/** What quitting needs to know of a window. */
export interface ClosableWindow {
  /** False when the app refused. */
  requestClose(): boolean
  destroy(): void
  isDestroyed(): boolean
}

/** The emitter behind `app`. */
export const appEvents = new EventEmitter()
/** Living windows, oldest first. */
export const openWindows: ClosableWindow[] = []
/** Switches the app appended with app.commandLine, for Chromium. */
export const appended = new Map<string, string>()

const launcher = fileURLToPath(new URL('./launch.ts', import.meta.url))
let ready = false
let leaving = false
/** Between before-quit and will-quit: windows are closing, and none of their ends means window-all-closed. */
let closingAll = false
let chromium: Chromium | undefined
const whenReadyGate = Promise.withResolvers<void>()

export const isReady = (): boolean => ready
/** The app is on its way out, and no window's end can stop it but a refusal. */
export const isQuitting = (): boolean => leaving || closingAll
export const isLeaving = (): boolean => leaving
export const whenReady = (): Promise<void> => whenReadyGate.promise

/** The running Chromium; throws before `ready`, where Electron refuses windows and sessions too. */
export function browser(): Chromium {
  if (!chromium) throw new Error('electron stand-in: not available before app is ready')
  return chromium
}

/** Starts Chromium and sends `ready`, unless the app decided to quit while it loaded. */
export async function start(): Promise<void> {
  if (isQuitting()) return // a second instance, for one
  // Playwright evaluates __playwright_run() as soon as it has seen Chromium's port. If it does not exist by then the call is
  // lost and firstWindow() hangs, so it is defined before Chromium starts; it also holds `ready` back until then.
  const attached = underTest
    ? new Promise<void>((resolve) => Object.assign(globalThis, { __playwright_run: resolve }))
    : Promise.resolve()
  chromium = startChromium({
    port: underTest,
    appended,
    onLost: (code) => {
      console.error(`[standin] Chromium ended by itself (${code}); STANDIN_DEBUG=1 shows what it says`)
      leave(1)
    },
  })
  if (chromium.headless && !underTest && !process.env['STANDIN_HEADLESS']) {
    console.error('[standin] no display: running without a visible window')
  }
  await chromium.cdp.send('Target.setDiscoverTargets', { discover: true })
  await attached
  if (leaving) return
  ready = true
  appEvents.emit('will-finish-launching')
  whenReadyGate.resolve()
  appEvents.emit('ready', preventable({}), {})
}

/** app.quit(): before-quit, then every window's close, then will-quit; each of them may refuse. */
export function quit(): void {
  if (leaving || closingAll) return
  const before = preventable({})
  appEvents.emit('before-quit', before)
  if (before.defaultPrevented) return
  closingAll = true
  for (const window of [...openWindows]) {
    if (!window.requestClose()) {
      closingAll = false
      return
    }
  }
  if (openWindows.length === 0) setImmediate(finishQuit)
}

function finishQuit(): void {
  closingAll = false
  if (leaving) return
  const will = preventable({})
  appEvents.emit('will-quit', will)
  if (will.defaultPrevented) return
  leaving = true
  appEvents.emit('quit', preventable({}), 0)
  void (chromium?.stop() ?? Promise.resolve()).finally(() => end(0))
}

/** A window is gone for good. */
export function windowGone(window: ClosableWindow): void {
  const index = openWindows.indexOf(window)
  if (index < 0) return
  openWindows.splice(index, 1)
  if (openWindows.length > 0 || leaving) return
  if (closingAll) finishQuit()
  else if (!appEvents.emit('window-all-closed')) quit()
}

/** app.exit(): no before-quit, no will-quit, no close; `quit` alone, then the end. */
export function exit(code: number): void {
  if (leaving) return
  leaving = true // first: the end of the last window must not start a quit
  for (const window of [...openWindows]) window.destroy()
  appEvents.emit('quit', preventable({}), code)
  leave(code)
}

function leave(code: number): void {
  leaving = true
  chromium?.kill()
  end(code)
}

function end(code: number): never {
  const again = seam.relaunches.at(-1)
  // Under Playwright a second process would have nobody to attach to it: the request is only recorded.
  if (again && !underTest) {
    spawn(process.execPath, [...process.execArgv, launcher, ...again], {
      detached: true,
      stdio: 'inherit',
    }).unref()
  }
  process.exit(code)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit)
