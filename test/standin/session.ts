import { EventEmitter } from 'node:events'
import { browser, isReady } from './lifecycle.ts'
import { createProtocol, type StandinProtocol } from './protocol.ts'
import { strict } from './strict.ts'
import { createWebRequest, type StandinWebRequest } from './web-request.ts'

/** What a session needs of the pages that live in it. */
export interface SessionPage {
  clearData(kind: 'cache' | 'storage'): Promise<void>
}

type Handlers = Parameters<Electron.Session['setPermissionRequestHandler']>[0]

/**
 * One partition. Pages get every permission refused by Chromium whatever the handlers would answer: a handler is kept
 * (`_handlers`), so that a test can call it, but no page can reach it here.
 */
export class Session
  extends EventEmitter
  implements
    Pick<
      Electron.Session,
      | 'setPermissionRequestHandler'
      | 'setPermissionCheckHandler'
      | 'setDevicePermissionHandler'
      | 'setDisplayMediaRequestHandler'
      | 'setSpellCheckerEnabled'
      | 'setSpellCheckerLanguages'
      | 'isSpellCheckerEnabled'
      | 'isPersistent'
      | 'clearCache'
      | 'clearStorageData'
      | 'setUserAgent'
      | 'getUserAgent'
    >
{
  readonly protocol: StandinProtocol = createProtocol()
  readonly webRequest: StandinWebRequest = createWebRequest()
  readonly _pages = new Set<SessionPage>()
  readonly _handlers: {
    permissionRequest?: Handlers
    permissionCheck?: Parameters<Electron.Session['setPermissionCheckHandler']>[0]
    device?: Parameters<Electron.Session['setDevicePermissionHandler']>[0]
    displayMedia?: Parameters<Electron.Session['setDisplayMediaRequestHandler']>[0]
  } = {}
  readonly _partition: string
  _context: Promise<string | undefined> | undefined
  _spellChecker = true
  _userAgent = ''

  constructor(partition: string) {
    super()
    this._partition = partition
    return strict('session', this)
  }

  /** Chromium's own browser context for this session; undefined stands for its default one. */
  _browserContext(): Promise<string | undefined> {
    this._context ??= this._createContext()
    return this._context
  }

  async _createContext(): Promise<string | undefined> {
    const { cdp } = browser()
    const context = this._partition === '' ? undefined : await cdp.send('Target.createBrowserContext', {})
    const id = context?.browserContextId
    const scope = id === undefined ? {} : { browserContextId: id }
    // "Grant these and reject all others": the empty list makes a prompt impossible.
    await cdp.send('Browser.grantPermissions', { permissions: [], ...scope })
    return id
  }

  setPermissionRequestHandler(handler: Handlers): void {
    this._handlers.permissionRequest = handler
  }
  setPermissionCheckHandler(handler: Parameters<Electron.Session['setPermissionCheckHandler']>[0]): void {
    this._handlers.permissionCheck = handler
  }
  setDevicePermissionHandler(handler: Parameters<Electron.Session['setDevicePermissionHandler']>[0]): void {
    this._handlers.device = handler
  }
  setDisplayMediaRequestHandler(
    handler: Parameters<Electron.Session['setDisplayMediaRequestHandler']>[0],
  ): void {
    this._handlers.displayMedia = handler
  }

  get spellCheckerEnabled(): boolean {
    return this._spellChecker
  }
  set spellCheckerEnabled(enabled: boolean) {
    this._spellChecker = enabled
  }
  setSpellCheckerEnabled(enable: boolean): void {
    this._spellChecker = enable
  }
  isSpellCheckerEnabled(): boolean {
    return this._spellChecker
  }
  setSpellCheckerLanguages(_languages: string[]): void {}

  isPersistent(): boolean {
    return this._partition === '' || this._partition.startsWith('persist:')
  }
  /** Kept and answered; pages keep Chromium's own. */
  setUserAgent(userAgent: string): void {
    this._userAgent = userAgent
  }
  getUserAgent(): string {
    return this._userAgent
  }

  async clearCache(): Promise<void> {
    await Promise.all([...this._pages].map((page) => page.clearData('cache')))
  }
  async clearStorageData(): Promise<void> {
    await Promise.all([...this._pages].map((page) => page.clearData('storage')))
  }
}

const sessions = new Map<string, Session>()

function fromPartition(partition: string): Session {
  if (!isReady()) throw new Error('Session can only be received when app is ready')
  const known = sessions.get(partition) ?? new Session(partition)
  sessions.set(partition, known)
  return known
}

export const session = strict('session', {
  get defaultSession(): Session {
    return fromPartition('')
  },
  fromPartition,
})

/** The default session's protocol, as the module `protocol` is in Electron. */
const beforeReady = createProtocol()
export const protocol: StandinProtocol = strict('protocol', {
  registerSchemesAsPrivileged: (schemes: Electron.CustomScheme[]) =>
    beforeReady.registerSchemesAsPrivileged(schemes),
  handle: (scheme: string, handler: (request: Request) => Response | Promise<Response>) =>
    isReady() ? session.defaultSession.protocol.handle(scheme, handler) : beforeReady.handle(scheme, handler),
  unhandle: (scheme: string) => session.defaultSession.protocol.unhandle(scheme),
  isProtocolHandled: (scheme: string) =>
    isReady() && session.defaultSession.protocol.isProtocolHandled(scheme),
  _handlerOf: (url: string) => session.defaultSession.protocol._handlerOf(url),
})
