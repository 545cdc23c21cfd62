import type { CdpEvent } from './cdp.ts'
import { fromWire } from './wire.ts'

export interface ConsoleMessage {
  level: 'info' | 'warning' | 'error' | 'debug'
  message: string
  sourceId: string
  lineNumber: number
}

function levelOf(name: string): ConsoleMessage['level'] {
  if (name === 'error' || name === 'warning') return name
  return name === 'debug' || name === 'verbose' ? 'debug' : 'info'
}

/** What webContents' console-message tells of an event: a console call, a browser message, or an uncaught exception. */
export function consoleMessageOf(event: CdpEvent): ConsoleMessage | undefined {
  if (event.method === 'Runtime.consoleAPICalled') {
    const { type, args, stackTrace } = event.params
    const top = stackTrace?.callFrames[0]
    const message = args.map((item) => String(item.value ?? item.description ?? item.type)).join(' ')
    return {
      level: levelOf(type),
      message,
      sourceId: fromWire(top?.url ?? ''),
      lineNumber: (top?.lineNumber ?? -1) + 1,
    }
  }
  if (event.method === 'Log.entryAdded') {
    const { level, text, url, lineNumber } = event.params.entry
    return {
      level: levelOf(level),
      message: text,
      sourceId: fromWire(url ?? ''),
      lineNumber: (lineNumber ?? -1) + 1,
    }
  }
  if (event.method === 'Runtime.exceptionThrown') {
    const { exception, text, url, lineNumber } = event.params.exceptionDetails
    return {
      level: 'error',
      message: exception?.description ?? text,
      sourceId: fromWire(url ?? ''),
      lineNumber: lineNumber + 1,
    }
  }
  return undefined
}
