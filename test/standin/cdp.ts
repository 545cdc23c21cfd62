import type { Readable, Writable } from 'node:stream'
import type { Protocol } from '../../node_modules/playwright-core/types/protocol.d.ts'

export type { Protocol }
export type Command = keyof Protocol.CommandParameters

export type CdpEvent = {
  [Name in keyof Protocol.Events]: { method: Name; params: Protocol.Events[Name] }
}[keyof Protocol.Events]

export interface Cdp {
  /** Sends a command, to the browser or to an attached session; rejects with Chromium's message, or when it is gone. */
  send<Name extends Command>(
    method: Name,
    params?: Protocol.CommandParameters[Name],
    sessionId?: string,
  ): Promise<Protocol.CommandReturnValues[Name]>
  /** Events of one session, or of the browser itself (''). */
  listen(sessionId: string, listener: (event: CdpEvent) => void): void
  forget(sessionId: string): void
  /** Rejects everything that is still waiting. */
  close(): void
}

interface Waiting {
  method: string
  resolve: (value: never) => void
  reject: (error: Error) => void
}

type Incoming = {
  id?: number
  sessionId?: string
  result?: unknown
  error?: { message: string }
} & CdpEvent

/** Speaks the DevTools protocol over `--remote-debugging-pipe`: JSON messages, each ended by a NUL. */
export function createCdp(input: Writable, output: Readable): Cdp {
  const waiting = new Map<number, Waiting>()
  const listeners = new Map<string, (event: CdpEvent) => void>()
  let lastId = 0
  let open = true
  let pending = ''

  function receive(text: string): void {
    const message = JSON.parse(text) as Incoming // reason: written by Chromium, whose protocol is the type
    if (message.id === undefined) {
      listeners.get(message.sessionId ?? '')?.(message)
      return
    }
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error) call?.reject(new Error(`${call.method}: ${message.error.message}`))
    else call?.resolve(message.result as never) // reason: the promise's type is fixed by the method in send()
  }

  function close(): void {
    open = false
    for (const call of waiting.values()) call.reject(new Error(`${call.method}: Chromium has gone`))
    waiting.clear()
  }

  output.setEncoding('utf8')
  output.on('data', (chunk: string) => {
    pending += chunk
    if (!chunk.includes('\0')) return // a long message arrives in many chunks: scan it once, at its end
    const messages = pending.split('\0')
    pending = messages.pop() ?? ''
    messages.forEach(receive)
  })
  output.on('error', close)
  input.on('error', close) // EPIPE: Chromium died; its exit is reported elsewhere

  return {
    send: (method, params, sessionId) =>
      new Promise((resolve, reject) => {
        if (!open) {
          reject(new Error(`${method}: Chromium has gone`))
          return
        }
        const id = ++lastId
        waiting.set(id, { method, resolve, reject })
        input.write(`${JSON.stringify({ id, method, params: params ?? {}, sessionId })}\0`)
      }),
    listen: (sessionId, listener) => void listeners.set(sessionId, listener),
    forget: (sessionId) => void listeners.delete(sessionId),
    close,
  }
}
