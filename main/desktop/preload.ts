import { contextBridge, ipcRenderer } from 'electron'
import { callNames } from '../contract/call-names.ts'
import { eventNames } from '../contract/event-names.ts'

// Names only: no schema, no channel from the page, no Electron object crosses.
const call = Object.fromEntries(
  callNames.map((name) => [
    name,
    (input: unknown): Promise<unknown> => ipcRenderer.invoke(`call:${name}`, input),
  ]),
)

function on(name: unknown, listener: (value: unknown) => void): () => void {
  const known = eventNames.find((one) => one === name)
  if (known === undefined || typeof listener !== 'function') throw new TypeError('unknown event')
  const channel = `event:${known}`
  const forward = (_event: unknown, value: unknown): void => {
    listener(value)
  }
  ipcRenderer.on(channel, forward)
  return () => {
    ipcRenderer.off(channel, forward)
  }
}

contextBridge.exposeInMainWorld('api', { call, on })
