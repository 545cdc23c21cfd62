import { EventEmitter } from 'node:events'
import { makeCodec } from './page/codec.ts'
import { strict } from './strict.ts'
import { keepTrace } from './trace.ts'

/** How values travel between main and a page's preload. */
const plain = makeCodec()
export const codec: typeof plain = {
  ...plain,
  encode(value) {
    const text = plain.encode(value)
    keepTrace('page', text)
    return text
  },
}

type InvokeListener = (event: Electron.IpcMainInvokeEvent, ...args: unknown[]) => unknown

export interface StandinIpc
  extends EventEmitter, Pick<Electron.IpcMain, 'handle' | 'handleOnce' | 'removeHandler'> {
  _handler(channel: string): InvokeListener | undefined
}

/** An ipcMain: the global one, or one of a single webContents. */
export function createIpc(name: string): StandinIpc {
  const handlers = new Map<string, InvokeListener>()
  const ipc = Object.assign(new EventEmitter(), {
    handle(channel: string, listener: InvokeListener) {
      if (typeof listener !== 'function')
        throw new TypeError(`Expected handler to be a function, but found type '${typeof listener}'`)
      if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
      handlers.set(channel, listener)
    },
    handleOnce(channel: string, listener: InvokeListener) {
      ipc.handle(channel, (event, ...args) => {
        handlers.delete(channel)
        return listener(event, ...args)
      })
    },
    removeHandler: (channel: string) => void handlers.delete(channel),
    _handler: (channel: string) => handlers.get(channel),
  })
  return strict(name, ipc)
}

export const ipcMain: StandinIpc = createIpc('ipcMain')
