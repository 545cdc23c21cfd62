import { isReady } from './lifecycle.ts'
import { strict } from './strict.ts'

type Handler = (request: Request) => Response | Promise<Response>

export type StandinProtocol = Pick<
  Electron.Protocol,
  'registerSchemesAsPrivileged' | 'handle' | 'unhandle' | 'isProtocolHandled'
> & {
  /** The handler of a URL's scheme. */
  _handlerOf(url: string): Handler | undefined
}

/** Schemes registered as standard and secure: only these can be served. */
export const privilegedSchemes = new Set<string>()
let registered = false

function registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]): void {
  if (isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
  // Electron keeps only the last call's list, which silently drops the earlier one.
  if (registered) throw new Error('electron stand-in: registerSchemesAsPrivileged was called twice')
  registered = true
  for (const { scheme, privileges } of schemes) {
    if (privileges?.standard && privileges.secure) privilegedSchemes.add(scheme)
  }
}

/** The custom protocols of one session. */
export function createProtocol(): StandinProtocol {
  const handlers = new Map<string, Handler>()
  return strict('protocol', {
    registerSchemesAsPrivileged,
    handle(scheme: string, handler: Handler) {
      if (!isReady()) throw new Error('protocol.handle: app is not ready')
      if (handlers.has(scheme)) throw new Error(`The scheme '${scheme}' is already handled`)
      if (!privilegedSchemes.has(scheme)) {
        throw new Error(`electron stand-in: '${scheme}' is not registered as a standard, secure scheme`)
      }
      handlers.set(scheme, handler)
    },
    unhandle(scheme: string) {
      if (!handlers.delete(scheme)) throw new Error(`The scheme '${scheme}' is not handled`)
    },
    isProtocolHandled: (scheme: string) => handlers.has(scheme),
    _handlerOf: (url: string) => handlers.get(url.slice(0, url.indexOf(':'))),
  })
}
