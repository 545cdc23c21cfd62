// Self-contained: makeBridge is sent into the page as source text, once per world, so it may use nothing from this
// module's scope. Both worlds share the DOM, dispatchEvent is synchronous, and Chromium clones CustomEvent.detail
// between worlds: that is the whole transport.

export interface WindowOpening {
  url: string
  name: string
  features: string
}

export interface Bridge {
  /** contextBridge.exposeInMainWorld. */
  expose(key: string, api: unknown): void
  onOpen?: (opening: WindowOpening) => void
}

/** One end of the context bridge: 'page' is the main world, 'preload' the isolated one. */
export function makeBridge(secret: string, here: 'page' | 'preload'): Bridge {
  type Wrapped = { kind: string; value?: unknown; id?: string }
  type Message =
    | { type: 'call'; id: string; target: string; args: Wrapped[] }
    | { type: 'reply'; id: string; result: Wrapped }
    | { type: 'settle'; id: string; result: Wrapped }
    | { type: 'expose'; key: string; result: Wrapped }
    | ({ type: 'open' } & WindowOpening)
  type Settle = { resolve: (value: unknown) => void; reject: (error: unknown) => void }

  const peer = here === 'page' ? 'preload' : 'page'
  // Taken before the page's scripts run: what they do to these globals later does not reach the bridge.
  const dispatch = window.dispatchEvent.bind(window)
  const Custom = CustomEvent
  const nativeClone = structuredClone
  const functions = new Map<string, (...args: unknown[]) => unknown>()
  const promises = new Map<string, Settle>()
  const replies = new Map<string, Wrapped>()
  let sequence = 0

  const clone = (value: unknown): unknown => {
    try {
      return nativeClone(value)
    } catch {
      throw new Error('An object could not be cloned.') // a Proxy, for one: a Vue reactive object
    }
  }
  const nextId = (): string => `${here}${++sequence}`
  const post = (message: Message): void => {
    dispatch(new Custom(secret + peer, { detail: message }))
  }
  const failure = (error: unknown): Wrapped => ({
    kind: 'throw',
    value: error instanceof Error ? error.message : String(error),
  })

  /** True when a value holds what only the bridge can carry; everything else goes through one structured clone. */
  function needsBridge(value: unknown): boolean {
    if (typeof value === 'function' || value instanceof Promise || value instanceof Error) return true
    if (value === null || typeof value !== 'object') return false
    if (Array.isArray(value)) return value.some(needsBridge)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return false
    return Object.values(value).some(needsBridge)
  }

  function wrapPromise(promise: Promise<unknown>): Wrapped {
    const id = nextId()
    void promise.then(
      (value) => post({ type: 'settle', id, result: wrapOrFail(value) }),
      (error: unknown) => post({ type: 'settle', id, result: failure(error) }),
    )
    return { kind: 'promise', id }
  }

  function wrap(value: unknown, depth = 0): Wrapped {
    if (depth > 100) throw new Error('contextBridge: too deep or circular')
    if (typeof value === 'function') {
      const id = nextId()
      functions.set(id, value as (...args: unknown[]) => unknown) // reason: typeof says so
      return { kind: 'function', id }
    }
    if (typeof value === 'symbol') throw new Error('An object could not be cloned.')
    if (!needsBridge(value)) return { kind: 'value', value: clone(value) }
    if (value instanceof Promise) return wrapPromise(value)
    if (value instanceof Error) return { kind: 'error', value: value.message }
    if (Array.isArray(value)) return { kind: 'array', value: value.map((item) => wrap(item, depth + 1)) }
    const entries = Object.entries(value as object) // reason: needsBridge is true for nothing else
    return { kind: 'object', value: entries.map(([key, item]) => [key, wrap(item, depth + 1)]) }
  }

  function wrapOrFail(value: unknown): Wrapped {
    try {
      return wrap(value)
    } catch (error) {
      return failure(error)
    }
  }

  function callPeer(target: string, args: unknown[]): unknown {
    const id = nextId()
    post({ type: 'call', id, target, args: args.map((item) => wrap(item)) })
    const reply = replies.get(id)
    replies.delete(id)
    return unwrap(reply ?? { kind: 'throw', value: 'the other side of the bridge has gone' })
  }

  function unwrap(wrapped: Wrapped): unknown {
    const { kind, value, id = '' } = wrapped
    switch (kind) {
      case 'throw':
        throw new Error(String(value))
      case 'error':
        return new Error(String(value))
      case 'array':
        return (value as Wrapped[]).map(unwrap) // reason: written by wrap
      case 'object':
        return Object.fromEntries((value as [string, Wrapped][]).map(([key, item]) => [key, unwrap(item)])) // reason: as above
      case 'function':
        return (...args: unknown[]) => callPeer(id, args)
      case 'promise':
        return new Promise((resolve, reject) => promises.set(id, { resolve, reject }))
      default:
        return value
    }
  }

  function freeze(value: unknown): unknown {
    if (value !== null && typeof value === 'object') {
      Object.values(value).forEach(freeze)
      if (!ArrayBuffer.isView(value)) Object.freeze(value)
    }
    return value
  }

  function answer(target: string, args: Wrapped[]): Wrapped {
    try {
      return wrap(functions.get(target)?.(...args.map(unwrap)))
    } catch (error) {
      return failure(error)
    }
  }

  function settle(id: string, result: Wrapped): void {
    const waiting = promises.get(id)
    promises.delete(id)
    try {
      waiting?.resolve(unwrap(result))
    } catch (error) {
      waiting?.reject(error)
    }
  }

  const bridge: Bridge = {
    expose(key, api) {
      if (key in window)
        throw new Error('Cannot bind an API on top of an existing property on the window object')
      post({ type: 'expose', key, result: wrap(api) })
    },
  }

  window.addEventListener(secret + here, (event) => {
    const message = (event as CustomEvent<Message>).detail // reason: only this bridge knows the event's name
    if (message.type === 'call') {
      post({ type: 'reply', id: message.id, result: answer(message.target, message.args) })
    } else if (message.type === 'reply') replies.set(message.id, message.result)
    else if (message.type === 'settle') settle(message.id, message.result)
    else if (message.type === 'open') bridge.onOpen?.(message)
    else {
      Object.defineProperty(window, message.key, { value: freeze(unwrap(message.result)), enumerable: true })
    }
  })

  if (here === 'page') {
    // No popup is ever made here: closing one while a test runner has it paused can hang the opener's thread.
    window.open = (url = '', name = '', features = '') => {
      post({ type: 'open', url: new URL(String(url), location.href).href, name, features })
      return null
    }
  }
  return bridge
}
