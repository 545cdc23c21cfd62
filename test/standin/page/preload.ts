// Self-contained: runPreload is sent into the preload world as source text, so it may use nothing from this module's scope.
import type { Bridge, WindowOpening } from './bridge.ts'
import type { Codec } from './codec.ts'

/** Messages from the preload world to main. */
export type FromPage =
  | { type: 'send'; channel: string; args: unknown[] }
  | { type: 'invoke'; id: number; channel: string; args: unknown[] }
  | { type: 'preload-error'; message: string }
  | { type: 'title'; title: string }
  | ({ type: 'open' } & WindowOpening)

/** Messages from main to the preload world. */
export type ToPage =
  | { type: 'event'; channel: string; args: unknown[] }
  | { type: 'reply'; id: number; ok: boolean; value: unknown }

export interface PreloadInfo {
  platform: string
  arch: string
  versions: Record<string, string | undefined>
  argv: string[]
}

type Load = (require: (id: string) => unknown, module: object, exports: object, process: object) => void

/** Builds ipcRenderer and contextBridge in the isolated world, then runs the app's preload file. */
export function runPreload(codec: Codec, bridge: Bridge, info: PreloadInfo, load: Load): void {
  type Listener = (event: object, ...args: unknown[]) => void
  type Registered = { given: Listener; call: Listener }
  type World = { __standinIpc?: (text: string) => void; __standinReceive?: (text: string) => void }

  const world = globalThis as World // reason: the stand-in's own globals of this world
  const toMain = world.__standinIpc
  delete world.__standinIpc
  const listeners = new Map<string, Registered[]>()
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let sequence = 0

  const post = (message: FromPage): void => toMain?.(codec.encode(message))
  const lacking = (name: string): never => {
    throw new Error(`electron stand-in: ${name} is not implemented`)
  }
  const cloned = (args: unknown[]): unknown[] => {
    try {
      return structuredClone(args) // the codec alone would not notice a Proxy
    } catch {
      throw new Error('An object could not be cloned.')
    }
  }
  const strict = (name: string, target: object): object =>
    new Proxy(target, {
      get: (object, key, receiver): unknown =>
        typeof key === 'string' && !(key in object) && key !== 'then'
          ? lacking(`${name}.${key}`)
          : Reflect.get(object, key, receiver),
    })

  const add = (channel: string, given: Listener, call: Listener): void => {
    listeners.set(channel, [...(listeners.get(channel) ?? []), { given, call }])
  }
  const remove = (channel: string, given: Listener): void => {
    const all = listeners.get(channel) ?? []
    const last = all.findLastIndex((entry) => entry.given === given)
    listeners.set(
      channel,
      all.filter((_entry, index) => index !== last),
    )
  }
  const chain = <Args extends unknown[]>(act: (...args: Args) => void) => {
    return (...args: Args): object => {
      act(...args)
      return ipcRenderer
    }
  }
  const on = chain((channel: string, listener: Listener) => add(channel, listener, listener))
  const off = chain(remove)
  const ipcRenderer = strict('ipcRenderer', {
    on,
    addListener: on,
    off,
    removeListener: off,
    once: chain((channel: string, listener: Listener) => {
      add(channel, listener, (event, ...args) => {
        remove(channel, listener)
        listener(event, ...args)
      })
    }),
    removeAllListeners: chain((channel?: string) => {
      if (channel === undefined) listeners.clear()
      else listeners.delete(channel)
    }),
    listenerCount: (channel: string) => listeners.get(channel)?.length ?? 0,
    send: (channel: string, ...args: unknown[]) => post({ type: 'send', channel, args: cloned(args) }),
    invoke: (channel: string, ...args: unknown[]) => {
      const id = ++sequence
      return new Promise((resolve, reject) => {
        post({ type: 'invoke', id, channel, args: cloned(args) })
        pending.set(id, { resolve, reject })
      })
    },
  })

  world.__standinReceive = (text) => {
    const message = codec.decode(text) as ToPage // reason: written by the stand-in's main side
    if (message.type === 'event') {
      const event = { sender: ipcRenderer, ports: [] }
      for (const { call } of listeners.get(message.channel) ?? []) call(event, ...message.args)
      return
    }
    const call = pending.get(message.id)
    pending.delete(message.id)
    if (message.ok) call?.resolve(message.value)
    else call?.reject(new Error(String(message.value)))
  }

  const open = (opening: WindowOpening): void =>
    post({ type: 'open', url: opening.url, name: opening.name, features: opening.features })
  bridge.onOpen = open
  // A link that asks for another window (target, middle button, Ctrl, Shift) must not get one behind the app's back.
  const intercept = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return
    const elsewhere =
      event.type === 'auxclick' ? event.button === 1 : event.ctrlKey || event.metaKey || event.shiftKey
    if (!elsewhere && (link.target === '' || link.target === '_self')) return
    event.preventDefault()
    open({ url: link.href, name: link.target, features: '' })
  }
  window.addEventListener('click', intercept)
  window.addEventListener('auxclick', intercept)

  const tellTitle = (): void => post({ type: 'title', title: document.title })
  document.addEventListener('DOMContentLoaded', () => {
    tellTitle()
    new MutationObserver(tellTitle).observe(document.head, {
      subtree: true,
      childList: true,
      characterData: true,
    })
  })

  const electron = strict('electron', {
    ipcRenderer,
    contextBridge: strict('contextBridge', {
      exposeInMainWorld: (key: string, api: unknown) => bridge.expose(key, api),
    }),
    webUtils: strict('webUtils', { getPathForFile: () => '' }), // what Electron answers for a File that is not on disk
  })
  const process = strict('process', {
    ...info,
    env: {},
    type: 'renderer',
    sandboxed: true,
    contextIsolated: true,
    isMainFrame: true,
  })
  const require = (id: string): unknown => {
    if (id === 'electron' || id === 'electron/renderer' || id === 'electron/common') return electron
    throw new Error(`module not found: ${id}`)
  }
  const module = { exports: {} }
  try {
    load(require, module, module.exports, process)
  } catch (error) {
    post({
      type: 'preload-error',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
}
