// Loaded before a utility process's own module: gives it process.parentPort over descriptor 3, and ends it with its parent.
import { EventEmitter } from 'node:events'
import { registerHooks } from 'node:module'
import { Socket } from 'node:net'
import { createFrameReader, encodeFrame } from './frames.ts'

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === 'electron' || specifier.startsWith('electron/')) {
      throw new Error('electron stand-in: electron in a utility process is not implemented')
    }
    return next(specifier, context)
  },
})

const socket = new Socket({ fd: 3, readable: true, writable: true })
const queue: unknown[] = []
const port = Object.assign(new EventEmitter(), {
  postMessage: (value: unknown) => void socket.write(encodeFrame(value)),
})

// Electron holds messages back until somebody listens.
function flush(): void {
  if (port.listenerCount('message') === 0) return
  for (const data of queue.splice(0)) port.emit('message', { data, ports: [] })
}

socket.on(
  'data',
  createFrameReader((data) => {
    queue.push(data)
    flush()
  }),
)
// The parent has gone, however it went: this process must not outlive it.
socket.on('close', () => process.exit(0))
socket.on('error', () => process.exit(0))
port.on('newListener', (event) => {
  if (event === 'message') queueMicrotask(flush)
})

Object.defineProperty(process, 'parentPort', { value: port })
Object.defineProperty(process, 'type', { value: 'utility' })
// What started this file is the stand-in's affair: the app sees the arguments it gave.
const own = process.execArgv.findIndex(
  (argument, index) => argument === '--import' && process.execArgv[index + 1] === import.meta.url,
)
if (own >= 0) process.execArgv.splice(own, 2)
