import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { EventEmitter } from 'node:events'
import path from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { serialize } from 'node:v8'
import { createFrameReader, encodeFrame } from './frames.ts'
import { appEvents, isReady } from './lifecycle.ts'
import { notImplemented, preventable, strict } from './strict.ts'
import { keepTrace } from './trace.ts'

const boot = new URL('./utility-boot.ts', import.meta.url).href
const IMPLEMENTED = new Set([
  'env',
  'execArgv',
  'cwd',
  'stdio',
  'serviceName',
  'allowLoadingUnsignedLibraries',
  'disclaim',
])

export interface UtilityChild {
  pid: number
  serviceName: string
  startedAt: number
}

/** Living utility processes, for app.getAppMetrics(). */
export const utilityChildren = new Map<number, UtilityChild>()

type StdioChoice = 'pipe' | 'ignore' | 'inherit'

function isChoice(value: unknown): value is StdioChoice {
  return value === 'pipe' || value === 'ignore' || value === 'inherit'
}

/** stdin is never given; 3 is the message channel, and nothing else is inherited (Node opens all it has close-on-exec). */
function stdioOf(given: Electron.ForkOptions['stdio']): StdioOptions {
  const [, stdout, stderr] = Array.isArray(given) ? given : ['ignore', given ?? 'inherit', given ?? 'inherit']
  if (!isChoice(stdout) || !isChoice(stderr)) throw new TypeError(`Invalid stdio: ${String(given)}`)
  return ['ignore', stdout, stderr, 'pipe']
}

/** The signal's number or the code, as waitpid tells Electron. */
function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code
  return signal === 'SIGKILL' ? 9 : 15
}

function watch(process_: UtilityProcess, child: ChildProcess, serviceName: string): void {
  child.once('spawn', () => {
    if (child.pid === undefined) return
    utilityChildren.set(child.pid, { pid: child.pid, serviceName, startedAt: Date.now() })
    process_.pid = child.pid
    process_.emit('spawn')
  })
  child.once('error', (error) => process_.emit('error', 'FatalError', '', String(error)))
  child.once('exit', (code, signal) => {
    if (child.pid !== undefined) utilityChildren.delete(child.pid)
    process_.pid = undefined
    const exitCode = exitCodeOf(code, signal)
    process_.emit('exit', exitCode)
    const reason = signal ? 'killed' : exitCode === 0 ? 'clean-exit' : 'abnormal-exit'
    const details = {
      type: 'Utility',
      reason,
      exitCode,
      serviceName: 'node.mojom.NodeService',
      name: serviceName,
    }
    appEvents.emit('child-process-gone', preventable({}), details)
  })
}

/** electron.UtilityProcess: a Node process with process.parentPort. */
class UtilityProcess extends EventEmitter {
  pid: number | undefined = undefined
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  readonly _child: ChildProcess
  readonly _channel: Duplex
  readonly _serviceName: string

  constructor(child: ChildProcess, serviceName: string) {
    super()
    this._child = child
    this._serviceName = serviceName
    this._channel = child.stdio[3] as Duplex // reason: stdioOf makes 3 a socket pair
    this.stdout = child.stdout
    this.stderr = child.stderr
    const self = strict('utilityProcess', this)
    this._channel.on(
      'data',
      createFrameReader((message) => {
        keepTrace(`from-${serviceName}`, serialize(message))
        self.emit('message', message)
      }),
    )
    this._channel.on('error', () => undefined) // the child ended while we wrote; 'exit' tells
    watch(self, child, serviceName)
    return self
  }

  postMessage(message: unknown, transfer: readonly unknown[] = []): void {
    if (transfer.length > 0) throw notImplemented('utilityProcess.postMessage with ports')
    const frame = encodeFrame(message)
    keepTrace(`to-${this._serviceName}`, frame)
    if (this._channel.writable) this._channel.write(frame)
  }
  kill(): boolean {
    return this._child.kill()
  }
}

function fork(modulePath: string, args: string[] = [], options: Electron.ForkOptions = {}): UtilityProcess {
  if (!isReady()) throw new Error('utilityProcess cannot be created before app is ready')
  if (!path.isAbsolute(modulePath)) throw new TypeError('utilityProcess.fork: modulePath must be absolute')
  const unknown = Object.keys(options).find((name) => !IMPLEMENTED.has(name))
  if (unknown) throw notImplemented(`utilityProcess.fork option ${unknown}`)
  const name = options.serviceName ?? 'Node Utility Process'
  const child = spawn(
    process.execPath,
    [...(options.execArgv ?? []), '--import', boot, modulePath, ...args],
    {
      // reason: values that are not strings are dropped by Electron's own typing
      env: (options.env as NodeJS.ProcessEnv | undefined) ?? process.env,
      stdio: stdioOf(options.stdio),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    },
  )
  return new UtilityProcess(child, name)
}

export const utilityProcess = strict('utilityProcess', { fork })
