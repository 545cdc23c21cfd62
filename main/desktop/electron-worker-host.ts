import path from 'node:path'
import { utilityProcess } from 'electron'
import type { UtilityProcess } from 'electron'
import type { ChildKind, ChildProcess, WorkerHost } from '../core/ports/worker-host.ts'

const passedOn = ['PATH', 'LANG', 'TZ', 'HOME', 'TMPDIR', 'SystemRoot', 'USERPROFILE', 'TEMP', 'TMP'] as const

/**
 * Starts children as Electron utility processes (forking is switched off in the packaged app): an explicit environment, no
 * arguments, no descriptors, standard streams ignored.
 */
export function createElectronWorkerHost(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): WorkerHost {
  return {
    start(kind: ChildKind, extraEnv = {}): ChildProcess {
      const env: Record<string, string> = {}
      for (const name of passedOn) {
        const value = environment[name]
        if (value !== undefined) env[name] = value
      }
      const child = utilityProcess.fork(path.join(folder, `${kind}.js`), [], {
        env: { ...env, ...extraEnv },
        execArgv: [],
        stdio: 'ignore',
        serviceName: `fernsync-${kind}`,
      })
      return wrap(child)
    },
  }
}

function wrap(child: UtilityProcess): ChildProcess {
  let exited: { code: number | null } | null = null
  let tell: ((code: number | null) => void) | null = null
  child.on('exit', (code) => {
    exited = { code }
    tell?.(code)
  })
  return {
    get pid() {
      return child.pid ?? null
    },
    post(message) {
      if (exited === null) child.postMessage(message)
    },
    onMessage: (listener) => void child.on('message', listener),
    onExit(listener) {
      tell = listener
      if (exited !== null) listener(exited.code)
    },
    kill() {
      // SIGTERM would let a process finish what it does; a lock must not wait for that.
      if (exited === null && child.pid !== undefined) killNow(child.pid)
      child.kill()
    },
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself in this very moment.
  }
}
