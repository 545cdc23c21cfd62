import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { underTest } from './boot.ts'
import type { CdpEvent, Command, Protocol } from './cdp.ts'
import { browser } from './lifecycle.ts'
import { colorScheme } from './native-theme.ts'
import { pageScript, PRELOAD_WORLD, preloadScript } from './page/inject.ts'
import { closeTarget, openTarget, type TargetListener, type WindowRequest } from './targets.ts'

/** One attached page: commands, events, and the preload world's address. */
export interface PageSession {
  readonly targetId: string
  send<Name extends Command>(
    method: Name,
    params?: Protocol.CommandParameters[Name],
  ): Promise<Protocol.CommandReturnValues[Name]>
  /** Hands a message to the preload of the current document; dropped when there is none, as in Electron. */
  deliver(text: string): void
  applyColorScheme(): Promise<void>
  setContentSize(width: number, height: number): Promise<void>
  setWindowState(state: 'normal' | 'minimized' | 'maximized' | 'fullscreen'): Promise<void>
  close(): void
}

export interface PageSessionOptions {
  window: WindowRequest
  preload: string | undefined
  additionalArguments: string[]
  onEvent: (event: CdpEvent) => void
  /** A message from the preload world of the top frame. */
  onMessage: (text: string) => void
  target: TargetListener
}

const info = (argv: string[]): Parameters<typeof preloadScript>[1] => ({
  platform: process.platform,
  arch: process.arch,
  versions: {
    electron: process.versions['electron'],
    chrome: process.versions['chrome'],
    node: process.versions.node,
  },
  argv,
})

/** Opens a window and prepares its page: interception, bridge, preload, colour scheme; nothing is loaded yet. */
export async function openPage(options: PageSessionOptions): Promise<PageSession> {
  const { cdp, headless } = browser()
  const { targetId, sessionId } = await openTarget(options.window, options.target)
  let preloadContext: string | undefined
  let chromeSize: [number, number] | undefined

  const send: PageSession['send'] = (method, params) => cdp.send(method, params, sessionId)

  cdp.listen(sessionId, (event) => {
    if (event.method === 'Runtime.executionContextCreated') {
      const { context } = event.params
      const { frameId } = (context.auxData ?? {}) as { frameId?: string } // reason: untyped in the protocol
      if (context.name === PRELOAD_WORLD && frameId === targetId) preloadContext = context.uniqueId
    } else if (event.method === 'Runtime.executionContextsCleared') preloadContext = undefined
    else if (event.method === 'Runtime.bindingCalled' && event.params.name === '__standinIpc') {
      options.onMessage(event.params.payload)
    } else options.onEvent(event)
  })

  async function installPreload(file: string): Promise<void> {
    const secret = randomUUID()
    await send('Runtime.addBinding', { name: '__standinIpc', executionContextName: PRELOAD_WORLD })
    await send('Page.addScriptToEvaluateOnNewDocument', { source: pageScript(secret) })
    await send('Page.addScriptToEvaluateOnNewDocument', {
      worldName: PRELOAD_WORLD,
      source: preloadScript(secret, info(options.additionalArguments), readFileSync(file, 'utf8')),
    })
  }

  async function applyColorScheme(): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: colorScheme() }]
    await send('Emulation.setEmulatedMedia', { features })
  }

  async function windowBounds(bounds: Protocol.Browser.Bounds): Promise<void> {
    const { windowId } = await cdp.send('Browser.getWindowForTarget', { targetId })
    await cdp.send('Browser.setWindowBounds', { windowId, bounds })
  }

  async function setContentSize(width: number, height: number): Promise<void> {
    if (!chromeSize) {
      const { result } = await send('Runtime.evaluate', {
        expression: '[outerWidth - innerWidth, outerHeight - innerHeight]',
        returnByValue: true,
      })
      chromeSize = result.value as [number, number] // reason: the expression above
    }
    await windowBounds({ width: width + chromeSize[0], height: height + chromeSize[1] })
  }

  await Promise.all([
    send('Page.enable'),
    send('Runtime.enable'),
    send('Log.enable'),
    send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
    send('Emulation.setFocusEmulationEnabled', { enabled: true }),
    applyColorScheme(),
  ])
  if (options.preload !== undefined) await installPreload(options.preload)

  return {
    targetId,
    send,
    deliver(text) {
      if (preloadContext === undefined) return
      const expression = `__standinReceive(${JSON.stringify(text)})`
      send('Runtime.evaluate', { expression, uniqueContextId: preloadContext }).catch(() => undefined) // the document is gone
    },
    applyColorScheme,
    setContentSize,
    // Only for a person: a minimized window draws no frames, on which a test's clicks and screenshots would wait.
    setWindowState: (windowState) =>
      headless || underTest ? Promise.resolve() : windowBounds({ windowState }),
    close: () => closeTarget(targetId, sessionId),
  }
}
