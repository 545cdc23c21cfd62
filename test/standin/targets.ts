import { spawn } from 'node:child_process'
import type { Protocol } from './cdp.ts'
import type { Chromium } from './chromium.ts'
import { underTest } from './boot.ts'
import { browser } from './lifecycle.ts'

type TargetInfo = Protocol.Target.TargetInfo

/** What happens to one page from outside. */
export interface TargetListener {
  gone(): void
  crashed(): void
}

const listeners = new Map<string, TargetListener>()
const awaited = new Map<string, (targetId: string) => void>()
let listening: Chromium | undefined
let marks = 0

function created(info: TargetInfo): void {
  for (const [mark, resolve] of awaited) if (info.url.includes(mark)) resolve(info.targetId)
  // The injected window.open and link handling leave no way to a popup; one that appears all the same is closed.
  if (info.type === 'page' && info.openerId !== undefined && listeners.has(info.openerId)) {
    console.error('[standin] a page opened a window past the app: closed', info.url)
    browser()
      .cdp.send('Target.closeTarget', { targetId: info.targetId })
      .catch(() => undefined)
  }
}

function listen(chromium: Chromium): void {
  if (listening === chromium) return
  listening = chromium
  chromium.cdp.listen('', (event) => {
    if (event.method === 'Target.targetCreated') created(event.params.targetInfo)
    else if (event.method === 'Target.targetInfoChanged') {
      const { targetId, url } = event.params.targetInfo
      for (const [mark, resolve] of awaited) if (url.includes(mark)) resolve(targetId)
    } else if (event.method === 'Target.targetDestroyed') listeners.get(event.params.targetId)?.gone()
    else if (event.method === 'Target.targetCrashed') listeners.get(event.params.targetId)?.crashed()
  })
}

export interface WindowRequest {
  bounds: { x?: number | undefined; y?: number | undefined; width: number; height: number }
  /** Chromium's browser context; undefined for the default one. */
  context: string | undefined
}

/**
 * A window without tabs and address bar: what `chromium --app=URL` opens when it hands over to the running Chromium.
 * Undefined when none appeared within 5 s.
 */
async function openAppWindow(chromium: Chromium, { bounds }: WindowRequest): Promise<string | undefined> {
  const mark = `standin-window-${++marks}`
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  awaited.set(mark, resolve)
  const late = setTimeout(() => resolve(undefined), 5000)
  const root = process.getuid?.() === 0
  spawn(
    chromium.executable,
    [
      ...(root ? ['--no-sandbox', '--test-type'] : []),
      `--user-data-dir=${chromium.profile}`,
      `--window-size=${bounds.width},${bounds.height}`,
      `--app=data:text/html,<!--${mark}-->`,
    ],
    { env: chromium.env, stdio: 'ignore' },
  ).once('error', () => resolve(undefined))
  const targetId = await promise
  clearTimeout(late)
  awaited.delete(mark)
  return targetId
}

/** Opens an empty window and attaches to its page. */
export async function openTarget(
  request: WindowRequest,
  listener: TargetListener,
): Promise<{ targetId: string; sessionId: string }> {
  const chromium = browser()
  listen(chromium)
  const plainLook = !chromium.headless && !underTest && request.context === undefined
  const { width, height, x, y } = request.bounds
  const targetId =
    (plainLook ? await openAppWindow(chromium, request) : undefined) ??
    (
      await chromium.cdp.send('Target.createTarget', {
        url: 'about:blank',
        newWindow: true,
        width,
        height,
        ...(x === undefined ? {} : { left: x }),
        ...(y === undefined ? {} : { top: y }),
        ...(request.context === undefined ? {} : { browserContextId: request.context }),
      })
    ).targetId
  listeners.set(targetId, listener)
  const { sessionId } = await chromium.cdp.send('Target.attachToTarget', { targetId, flatten: true })
  return { targetId, sessionId }
}

/** Closes a page that this process no longer cares about. */
export function closeTarget(targetId: string, sessionId: string): void {
  listeners.delete(targetId)
  const { cdp } = browser()
  cdp.forget(sessionId)
  cdp.send('Target.closeTarget', { targetId }).catch(() => undefined) // it may be gone already
}
