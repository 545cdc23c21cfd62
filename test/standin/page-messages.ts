import { codec, ipcMain } from './ipc.ts'
import type { FromPage } from './page/preload.ts'
import { seam } from './seam.ts'
import { preventable } from './strict.ts'
import type { WebContents } from './web-contents.ts'
import { fromWire } from './wire.ts'

function eventFrom(contents: WebContents): object {
  return preventable({
    type: 'frame',
    sender: contents,
    senderFrame: contents.mainFrame, // a preload runs in top frames only
    processId: contents.getProcessId(),
    frameId: 1,
    ports: [],
    returnValue: undefined,
    reply: (channel: string, ...args: unknown[]) => contents.send(channel, ...args),
  })
}

async function invoke(contents: WebContents, message: FromPage & { type: 'invoke' }): Promise<void> {
  const { id, channel, args } = message
  let answer: string
  try {
    const handler = contents.ipc._handler(channel) ?? ipcMain._handler(channel)
    if (!handler) throw new Error(`No handler registered for '${channel}'`)
    // reason: every member that the stand-in's events have is Electron's; the rest throws
    const value = await handler(eventFrom(contents) as Electron.IpcMainInvokeEvent, ...args)
    answer = codec.encode({ type: 'reply', id, ok: true, value })
  } catch (error) {
    console.error(`Error occurred in handler for '${channel}':`, error)
    const value = `Error invoking remote method '${channel}': ${String(error)}`
    answer = codec.encode({ type: 'reply', id, ok: false, value })
  }
  contents._page?.deliver(answer)
}

function open(contents: WebContents, message: FromPage & { type: 'open' }): void {
  const url = fromWire(message.url)
  seam.popups.push(url)
  const decision = contents._openHandler?.({
    url,
    frameName: message.name,
    features: message.features,
    disposition: message.features ? 'new-window' : 'foreground-tab',
    referrer: { url: contents.getURL(), policy: 'strict-origin-when-cross-origin' },
  })
  if (decision?.action !== 'deny') {
    console.error('[standin] the app allowed a new window, which is not implemented:', url)
  }
}

/** A message from the preload world of a page. */
export function receiveFromPage(contents: WebContents, decoded: unknown): void {
  if (contents.isDestroyed()) return
  const message = decoded as FromPage // reason: written by the injected code, which this type describes
  switch (message.type) {
    case 'invoke':
      void invoke(contents, message)
      break
    case 'send': {
      const event = eventFrom(contents)
      contents.emit('ipc-message', event, message.channel, ...message.args)
      contents.ipc.emit(message.channel, event, ...message.args)
      ipcMain.emit(message.channel, event, ...message.args)
      break
    }
    case 'open':
      open(contents, message)
      break
    case 'title':
      contents._onTitle(message.title)
      break
    case 'preload-error':
      console.error('Unable to load preload script:', contents._options.preload, message.message)
      contents.emit('preload-error', preventable({}), contents._options.preload, new Error(message.message))
  }
}
