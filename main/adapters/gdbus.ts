import { execFile, spawn } from 'node:child_process'

/** Longest line of a monitor that is read; anything longer is none of ours. */
const MAX_LINE = 64 * 1024
const CALL_DEADLINE_MS = 3_000
/** Where the buses are, and nothing else of our environment. Without DISPLAY no bus is started for want of one. */
const PASSED_ON = ['PATH', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'DBUS_SYSTEM_BUS_ADDRESS'] as const

const MISSING = 127
/**
 * Runs gdbus until the pipe on standard input ends. The kernel ends it with this process, however that dies: gdbus itself goes
 * on without anyone who reads, since GLib ignores SIGPIPE.
 */
const GUARD = `command -v gdbus >/dev/null || exit ${MISSING}
gdbus "$@" &
exec >/dev/null
read -r _
kill -9 $!
wait`

export type Bus = 'system' | 'session'

export type GdbusMethod = { readonly destination: string; readonly path: string; readonly method: string }

/** GLib's own D-Bus tool as child processes: names of services and signals go in, text comes out, no secret is near it. */
export type Gdbus = {
  /** What a method answers, as GVariant text; null when it fails, is aborted or takes over three seconds. Never rejects. */
  call(bus: Bus, method: GdbusMethod, values: readonly string[], signal: AbortSignal): Promise<string | null>
  /** Lines about signals of the owner of `name`, until `signal` aborts or this process ends; it ends with either. */
  monitor(bus: Bus, name: string, listener: MonitorListener, signal: AbortSignal): void
}

export type MonitorListener = {
  readonly onLine: (line: string) => void
  /** Called once. `missing` = there is no such program here; `ended` = no bus, or it went away. */
  readonly onEnd: (why: 'missing' | 'ended') => void
}

export function createGdbus(environment: Readonly<Record<string, string | undefined>>): Gdbus {
  // Its sentences are read, so they have to be in English.
  const env: Record<string, string> = { LC_ALL: 'C' }
  for (const name of PASSED_ON) {
    const value = environment[name]
    if (value !== undefined) env[name] = value
  }
  return {
    call: (bus, { destination, path, method }, values, signal) =>
      new Promise((resolve) => {
        const args = ['call', `--${bus}`, '--dest', destination, '--object-path', path, '--method', method]
        const options = {
          env,
          signal,
          timeout: CALL_DEADLINE_MS,
          killSignal: 'SIGKILL',
          maxBuffer: MAX_LINE,
        } as const
        execFile('gdbus', [...args, ...values], options, (error, stdout) => {
          resolve(error === null ? stdout : null)
        })
      }),
    monitor(bus, name, { onLine, onEnd }, signal) {
      const child = spawn('/bin/sh', ['-c', GUARD, 'sh', 'monitor', `--${bus}`, '--dest', name], {
        env,
        stdio: ['pipe', 'pipe', 'ignore'],
      })
      const release = (): void => {
        child.stdin.end()
      }
      let isOver = false
      const end = (why: 'missing' | 'ended'): void => {
        signal.removeEventListener('abort', release)
        if (isOver || signal.aborted) return
        isOver = true
        onEnd(why)
      }
      signal.addEventListener('abort', release, { once: true })
      child.stdin.on('error', () => undefined)
      child.on('error', () => {
        if (child.pid === undefined) end('ended')
      })
      child.on('exit', (code) => {
        end(code === MISSING ? 'missing' : 'ended')
      })
      const read = inLines((line) => {
        if (!signal.aborted) onLine(line)
      })
      child.stdout.setEncoding('utf8').on('data', read).on('end', release)
    },
  }
}

/** Cuts text that comes in pieces into lines. */
export function inLines(onLine: (line: string) => void): (piece: string) => void {
  let rest = ''
  return (piece) => {
    const lines = (rest + piece).split('\n')
    const last = lines.pop() ?? ''
    // A line without end must not fill the memory; what follows of it is no line of ours either.
    rest = last.length > MAX_LINE ? '' : last
    lines.forEach(onLine)
  }
}
