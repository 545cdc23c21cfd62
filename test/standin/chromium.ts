import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { createCdp, type Cdp } from './cdp.ts'
import { chromiumFlags } from './chromium-flags.ts'

// Not /usr/bin/chromium: that is a shell wrapper, which need not hand on the two pipe descriptors.
const CANDIDATES = [
  '/usr/lib/chromium/chromium',
  '/opt/google/chrome/chrome',
  '/usr/lib/chromium-browser/chromium',
]

export interface Chromium {
  readonly cdp: Cdp
  readonly headless: boolean
  readonly executable: string
  readonly profile: string
  readonly env: NodeJS.ProcessEnv
  /** The process whose descendants are Chromium's processes. */
  readonly pid: number | undefined
  /** Asks Chromium to end, kills it after 3 s, and resolves when it and its profile folder are gone. */
  stop(): Promise<void>
  /** Ends it at once and removes its profile folder. */
  kill(): void
}

export interface StartOptions {
  port: boolean
  appended: ReadonlyMap<string, string>
  /** Chromium ended and nobody asked for it. */
  onLost: (code: number | null) => void
}

function findExecutable(): string {
  const found = process.env['STANDIN_CHROMIUM'] ?? CANDIDATES.find((file) => existsSync(file))
  if (found === undefined || !existsSync(found)) {
    throw new Error('electron stand-in: no Chromium (apt-get install chromium, or set STANDIN_CHROMIUM)')
  }
  return found
}

/** Headed when asked (STANDIN_HEADED), or when a person starts it on a desktop and did not ask for the opposite. */
function wantsHeadless(port: boolean): boolean {
  const display = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']
  if (!display || process.env['STANDIN_HEADLESS']) return true
  return port && !process.env['STANDIN_HEADED']
}

/**
 * Chromium's whole environment: a home and a temporary folder inside its profile, so that it writes nowhere else, and
 * nothing of the app's environment beyond what a window needs. No D-Bus: it would only print that it cannot reach it.
 */
function environment(profile: string): NodeJS.ProcessEnv {
  const inherited = ['PATH', 'LANG', 'LC_ALL', 'TZ', 'DISPLAY', 'WAYLAND_DISPLAY']
  const authority = process.env['XAUTHORITY'] ?? path.join(os.homedir(), '.Xauthority')
  return {
    ...Object.fromEntries(
      inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    ),
    ...(existsSync(authority) ? { XAUTHORITY: authority } : {}),
    ...(process.env['WAYLAND_DISPLAY'] ? { XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] } : {}),
    HOME: path.join(profile, 'home'),
    XDG_CONFIG_HOME: path.join(profile, 'home'),
    XDG_CACHE_HOME: path.join(profile, 'home'),
    XDG_DATA_HOME: path.join(profile, 'home'),
    TMPDIR: path.join(profile, 't'),
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    DBUS_SYSTEM_BUS_ADDRESS: 'disabled:',
    CHROME_LOG_FILE: '/dev/null',
  }
}

function forwardStderr(child: ChildProcess): void {
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      const wanted = line.startsWith('DevTools listening') || process.env['STANDIN_DEBUG']
      if (line && wanted) process.stderr.write(`${line}\n`)
    }
  })
}

// The shell outlives Chromium by one command: whatever ended Chromium, even the SIGKILL of this process (then the pipe
// closes and Chromium leaves), its profile is removed. Two attempts: a late child may still be writing.
const RUN_AND_CLEAN =
  'profile=$1; shift; "$@"; code=$?; rm -rf -- "$profile" || { sleep 1; rm -rf -- "$profile"; }; exit $code'

export function startChromium(options: StartOptions): Chromium {
  const executable = findExecutable()
  const headless = wantsHeadless(options.port)
  const profile = mkdtempSync(path.join(os.tmpdir(), 'standin-'))
  const env = environment(profile)
  for (const folder of ['home', 't']) mkdirSync(path.join(profile, folder))
  const root = process.getuid?.() === 0
  const flags = chromiumFlags({ profile, headless, port: options.port, root, appended: options.appended })
  const child = spawn('/bin/sh', ['-c', RUN_AND_CLEAN, 'standin-chromium', profile, executable, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    env,
    detached: true, // its own process group: Ctrl+C reaches only us, and kill() reaches all of it
  })
  forwardStderr(child)
  // reason: stdio is fixed above, so 3 is writable and 4 readable
  const cdp = createCdp(child.stdio[3] as Writable, child.stdio[4] as Readable)
  let asked = false
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      cdp.close()
      resolve()
      if (!asked) options.onLost(code)
    })
  })

  function kill(): void {
    asked = true
    try {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // already gone
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }

  async function stop(): Promise<void> {
    asked = true
    const deadline = setTimeout(kill, 3000)
    cdp.send('Browser.close').catch(() => undefined) // it answers or it is gone: both lead to exit
    await exited
    clearTimeout(deadline)
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }

  return { cdp, headless, executable, profile, env, pid: child.pid, stop, kill }
}
