import { fork } from 'node:child_process'
import type { ChildProcess as NodeChild } from 'node:child_process'
import type { ChildKind, ChildProcess, WorkerHost } from '../core/ports/worker-host.ts'

const PASSED_ON = ['PATH', 'LANG', 'TZ', 'HOME', 'TMPDIR'] as const
/** Without these Windows opens no socket and finds no folder for temporary files. */
const PASSED_ON_WINDOWS = ['SystemRoot', 'USERPROFILE', 'TEMP', 'TMP'] as const

export type NodeWorkerHostOptions = {
  /** Absolute path of the entry file of each kind of child. */
  readonly entries: Readonly<Record<ChildKind, string>>
  /** Environment to take the few variables from that children get. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform?: NodeJS.Platform
}

/**
 * Starts children with Node's fork: an environment of our choice, no arguments, no descriptors but the message channel
 * (standard streams are /dev/null), structured clone over the channel, so byte arrays arrive as byte arrays.
 */
export function createNodeWorkerHost(options: NodeWorkerHostOptions): WorkerHost {
  const { entries, environment, platform = process.platform } = options
  const names = platform === 'win32' ? [...PASSED_ON, ...PASSED_ON_WINDOWS] : PASSED_ON
  return {
    start(kind, extraEnv = {}) {
      const env: Record<string, string> = {}
      for (const name of names) {
        const value = environment[name]
        if (value !== undefined) env[name] = value
      }
      const child = fork(entries[kind], [], {
        serialization: 'advanced',
        env: { ...env, ...extraEnv },
        execArgv: [],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      })
      return overChild(child)
    },
  }
}

function overChild(child: NodeChild): ChildProcess {
  let exited: { code: number | null } | null = null
  let tell: ((code: number | null) => void) | null = null
  const end = (code: number | null): void => {
    if (exited !== null) return
    exited = { code }
    tell?.(code)
  }
  // `error` without a pid means that it never started; with one it is a message that came too late, and `exit` follows.
  child.on('error', () => {
    if (child.pid === undefined) end(null)
  })
  child.on('exit', (code) => end(code))
  return {
    pid: child.pid ?? null,
    post: (message) => {
      if (child.connected) child.send(structuredMessage(message), () => {})
    },
    onMessage: (listener) => {
      child.on('message', listener)
    },
    onExit: (listener) => {
      tell = listener
      if (exited !== null) listener(exited.code)
    },
    kill: () => {
      child.kill('SIGKILL')
    },
  }
}

function structuredMessage(message: unknown): object {
  if (typeof message !== 'object' || message === null) throw new TypeError('a message is an object')
  return message
}
