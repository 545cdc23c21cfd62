// Self-contained: makeCodec is also sent into the page as source text, so it may use nothing from this module's scope.

export interface Codec {
  /** Throws as Electron does for what the structured clone algorithm refuses. */
  encode(value: unknown): string
  decode(text: string): unknown
}

/** JSON for what structured clone allows: undefined, BigInt, NaN, -0, Date, RegExp, Map, Set, Error, buffers and views. */
export function makeCodec(): Codec {
  type Tagged = { $: string; v?: unknown; k?: string; f?: string; s?: string }
  type Views = Record<string, new (buffer: ArrayBuffer) => ArrayBufferView>
  type Errors = Record<string, ErrorConstructor>

  const nodeBuffer = (globalThis as { Buffer?: typeof Buffer }).Buffer // reason: absent in a page
  const toBase64 = (bytes: Uint8Array): string =>
    nodeBuffer
      ? nodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
      : (bytes as Uint8Array & { toBase64(): string }).toBase64() // reason: in Chromium, not in TypeScript's library
  const fromBase64 = (text: string): ArrayBuffer => {
    const bytes = nodeBuffer
      ? Uint8Array.from(nodeBuffer.from(text, 'base64'))
      : (Uint8Array as typeof Uint8Array & { fromBase64(text: string): Uint8Array<ArrayBuffer> }).fromBase64(
          text,
        ) // reason: as above
    return bytes.buffer
  }
  const refuse = (): never => {
    throw new Error('An object could not be cloned.')
  }

  function encodeObject(value: object, seen: Set<object>): unknown {
    // What JSON cannot follow; structured clone would, but no message of an app needs it.
    if (seen.has(value)) throw new Error('electron stand-in: circular values over ipc are not implemented')
    const inside = new Set(seen).add(value)
    const each = (item: unknown): unknown => encode(item, inside)
    const tag = Object.prototype.toString.call(value).slice(8, -1)
    if (Array.isArray(value)) return value.map(each)
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) refuse()
    if (tag === 'Date') return { $: 'date', v: String(Number(value)) }
    if (tag === 'RegExp') return { $: 'regexp', v: (value as RegExp).source, f: (value as RegExp).flags } // reason: the tag says so
    if (value instanceof Map) return { $: 'map', v: [...value].map(([key, item]) => [each(key), each(item)]) }
    if (value instanceof Set) return { $: 'set', v: [...value].map(each) }
    if (tag === 'Error') {
      const error = value as Error // reason: the tag says so
      return { $: 'error', k: error.name, v: error.message, s: error.stack }
    }
    if (tag === 'ArrayBuffer') return { $: 'buffer', v: toBase64(new Uint8Array(value as ArrayBuffer)) } // reason: the tag says so
    if (ArrayBuffer.isView(value)) {
      return {
        $: 'view',
        k: tag,
        v: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
      }
    }
    const plain = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, each(item)]))
    return '$' in plain ? { $: 'object', v: plain } : plain
  }

  function encode(value: unknown, seen: Set<object>): unknown {
    switch (typeof value) {
      case 'undefined':
        return { $: 'undefined' }
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) return value
        return { $: 'number', v: Object.is(value, -0) ? '-0' : String(value) }
      case 'bigint':
        return { $: 'bigint', v: String(value) }
      case 'function':
      case 'symbol':
        return refuse()
      case 'object':
        return value === null ? null : encodeObject(value, seen)
      default:
        return value
    }
  }

  function decodeError(tagged: Tagged): Error {
    const errors = globalThis as unknown as Errors // reason: looked up by a name from the fixed list below
    const known = ['TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError']
    const make = (known.includes(tagged.k ?? '') ? errors[tagged.k ?? ''] : undefined) ?? Error
    const error = new make(String(tagged.v))
    if (tagged.s !== undefined) error.stack = tagged.s
    return error
  }

  function decodeTagged(tagged: Tagged): unknown {
    const list = (): unknown[] => (tagged.v as unknown[]).map(decode) // reason: written by encodeObject
    const text = String(tagged.v)
    switch (tagged.$) {
      case 'undefined':
        return undefined
      case 'number':
        return Number(tagged.v)
      case 'bigint':
        return BigInt(text)
      case 'date':
        return new Date(Number(tagged.v))
      case 'regexp':
        return new RegExp(text, tagged.f)
      case 'map':
        return new Map(list() as [unknown, unknown][]) // reason: written by encodeObject
      case 'set':
        return new Set(list())
      case 'error':
        return decodeError(tagged)
      case 'buffer':
        return fromBase64(text)
      case 'view': {
        const View = (globalThis as unknown as Views)[tagged.k ?? ''] // reason: a view's own tag
        return View ? new View(fromBase64(text)) : refuse()
      }
      default:
        return decodePlain(tagged.v as object) // reason: '$: object' wraps a plain object
    }
  }

  function decodePlain(value: object): Record<string, unknown> {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decode(item)]))
  }

  function decode(value: unknown): unknown {
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(decode)
    return '$' in value ? decodeTagged(value as Tagged) : decodePlain(value) // reason: only encode writes '$'
  }

  return {
    encode: (value) => JSON.stringify(encode(value, new Set())),
    decode: (text) => decode(JSON.parse(text)),
  }
}
