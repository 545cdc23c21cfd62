import type { Command, Protocol } from './cdp.ts'
import { seam } from './seam.ts'
import type { Session } from './session.ts'
import { fromWire, headersFromWire, toWire } from './wire.ts'
import { privilegedSchemes } from './protocol.ts'

type Paused = Protocol.Fetch.requestPausedPayload

/** The page whose requests are answered. */
export interface RequestSource {
  readonly session: Session
  readonly webContentsId: number
  send<Name extends Command>(
    method: Name,
    params: Protocol.CommandParameters[Name],
  ): Promise<Protocol.CommandReturnValues[Name]>
  isMainFrame(frameId: string): boolean
  /** Asks the app about a navigation; false when it refused. */
  mayNavigate(url: string, isMainFrame: boolean, isRedirect: boolean): boolean
}

const RESOURCE_TYPES: Record<string, Electron.OnBeforeRequestListenerDetails['resourceType']> = {
  Stylesheet: 'stylesheet',
  Image: 'image',
  Media: 'media',
  Font: 'font',
  Script: 'script',
  XHR: 'xhr',
  Fetch: 'xhr',
  WebSocket: 'webSocket',
  Ping: 'ping',
  CSPViolationReport: 'cspReport',
}

/** Without a body by definition: Response refuses one. */
const NULL_BODY = new Set([101, 204, 205, 304])
let lastId = 0

function describe(
  source: RequestSource,
  paused: Paused,
  url: string,
): Electron.OnBeforeRequestListenerDetails {
  const frame = source.isMainFrame(paused.frameId) ? 'mainFrame' : 'subFrame'
  return {
    id: ++lastId,
    url,
    method: paused.request.method,
    webContentsId: source.webContentsId,
    resourceType:
      paused.resourceType === 'Document' ? frame : (RESOURCE_TYPES[paused.resourceType] ?? 'other'),
    referrer: '',
    timestamp: Date.now(),
    uploadData: [],
  }
}

function bodyOf(request: Protocol.Network.Request): Uint8Array<ArrayBuffer> | undefined {
  if (!request.hasPostData) return undefined
  return Uint8Array.from(
    Buffer.concat((request.postDataEntries ?? []).map((entry) => Buffer.from(entry.bytes ?? '', 'base64'))),
  )
}

async function serve(source: RequestSource, paused: Paused, url: string): Promise<void> {
  const handler = source.session.protocol._handlerOf(url)
  if (!handler) {
    seam.blocked.push({ url, reason: 'no-handler' })
    await source.send('Fetch.failRequest', { requestId: paused.requestId, errorReason: 'BlockedByClient' })
    return
  }
  const body = bodyOf(paused.request)
  const headers = headersFromWire(paused.request.headers)
  const response = await handler(
    new Request(url, { method: paused.request.method, headers, ...(body ? { body } : {}) }),
  )
  const bytes = NULL_BODY.has(response.status) ? undefined : Buffer.from(await response.arrayBuffer())
  await source.send('Fetch.fulfillRequest', {
    requestId: paused.requestId,
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({
      name,
      value: name === 'location' ? toWire(new URL(value, url).href, privilegedSchemes) : value,
    })),
    ...(bytes ? { body: bytes.toString('base64') } : {}),
  })
}

async function decide(source: RequestSource, paused: Paused): Promise<void> {
  const url = fromWire(paused.request.url)
  const { requestId } = paused
  const isMainFrame = source.isMainFrame(paused.frameId)
  if (
    paused.resourceType === 'Document' &&
    !source.mayNavigate(url, isMainFrame, paused.redirectedRequestId !== undefined)
  ) {
    await source.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
    return
  }
  if (paused.resourceType === 'Other' && new URL(url).pathname === '/favicon.ico') {
    await source.send('Fetch.fulfillRequest', { requestId, responseCode: 204 }) // Chromium asks, Electron does not
    return
  }
  const answer = await source.session.webRequest._decide(describe(source, paused, url))
  if (answer.cancel) {
    seam.blocked.push({ url, reason: 'web-request' })
    await source.send('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' })
  } else if (answer.redirectURL !== undefined) {
    const location = toWire(answer.redirectURL, privilegedSchemes)
    await source.send('Fetch.fulfillRequest', {
      requestId,
      responseCode: 307,
      responseHeaders: [{ name: 'location', value: location }],
    })
  } else await serve(source, paused, url)
}

/** Answers one request of a page from the app's protocol handlers, or refuses it: nothing reaches the network. */
export async function answerRequest(source: RequestSource, paused: Paused): Promise<void> {
  try {
    await decide(source, paused)
  } catch (error) {
    if (!/Chromium has gone|Invalid InterceptionId|Session with given id not found/.test(String(error))) {
      console.error('[standin] request failed:', paused.request.url, error)
    }
    await source
      .send('Fetch.failRequest', { requestId: paused.requestId, errorReason: 'Failed' })
      .catch(() => undefined) // the page went away meanwhile
  }
}
