/** Names that runtimes, test runners and inspectors look up on every object; their absence is not a missing API. */
const LOOKED_UP_BY_TOOLS = new Set([
  'then',
  'toJSON',
  'asymmetricMatch',
  'nodeType',
  'constructor',
  '$$typeof',
])

/** The error of every API that the stand-in lacks. */
export function notImplemented(name: string): Error {
  return new Error(`electron stand-in: ${name} is not implemented`)
}

/**
 * Wraps an object so that reading a member it lacks throws instead of yielding undefined: code that uses an API the
 * stand-in does not have fails where it uses it. Members that start with `_` belong to the stand-in and to Node.
 */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key, receiver): unknown {
      if (
        typeof key === 'string' &&
        !(key in object) &&
        !key.startsWith('_') &&
        !LOOKED_UP_BY_TOOLS.has(key)
      ) {
        throw notImplemented(`${name}.${key}`)
      }
      return Reflect.get(object, key, receiver)
    },
  })
}

/** A whole export of Electron that the stand-in lacks: any use of it throws. */
export function absent(name: string): unknown {
  const refuse = (): never => {
    throw notImplemented(name)
  }
  return new Proxy(function () {}, {
    apply: refuse,
    construct: refuse,
    get(_object, key): unknown {
      if (typeof key === 'symbol' || LOOKED_UP_BY_TOOLS.has(key) || key === 'prototype') return undefined
      throw notImplemented(`${name}.${key}`)
    },
  })
}

export interface Preventable {
  readonly defaultPrevented: boolean
  preventDefault: () => void
}

/** An Electron event object with the given extra members. */
export function preventable<T extends object>(extra: T): T & Preventable {
  let prevented = false
  return Object.defineProperties(extra, {
    defaultPrevented: { get: () => prevented, enumerable: true },
    preventDefault: {
      value: () => {
        prevented = true
      },
    },
  }) as T & Preventable // reason: defineProperties does not tell the compiler what it defined
}
