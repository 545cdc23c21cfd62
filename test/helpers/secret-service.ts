import { execFile, spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { startBus } from './dbus-peer.ts'
import { stop } from './stop-process.ts'
import { tempFolder } from './temp-home.ts'

const run = promisify(execFile)

const PROGRAMS = ['dbus-daemon', 'gnome-keyring-daemon', 'gdbus']
const INSTALL = 'apt-get install -y --no-install-recommends dbus gnome-keyring libglib2.0-bin'

export type SessionBus = {
  /** Value of DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string
  readonly folder: string
  /** Calls a method with gdbus and answers its output. */
  call(destination: string, path: string, method: string, ...values: readonly string[]): Promise<string>
}

export type SecretService = SessionBus & {
  /** The real gnome-keyring-daemon, with an unlocked keyring of its own. */
  readonly daemon: ChildProcess
  lock(): Promise<void>
}

/** Starts a private session bus without any service; it ends with the test. */
export async function startSessionBus(): Promise<SessionBus> {
  const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0)
  if (missing.length > 0) throw new Error(`needs ${missing.join(', ')}: ${INSTALL}`)
  const folder = await tempFolder('fernsync-bus-')
  const bus = await startBus(folder)
  onTestFinished(bus.stop)
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus.address }
  return {
    address: env.DBUS_SESSION_BUS_ADDRESS,
    folder,
    call: async (destination, path, method, ...values) => {
      const args = ['call', '--session', '-d', destination, '-o', path, '-m', method, ...values]
      return (await run('gdbus', args, { env })).stdout.trim()
    },
  }
}

/** Starts gnome-keyring on a bus of its own, keyring "login" made and unlocked; it ends with the test. */
export async function startSecretService(): Promise<SecretService> {
  const bus = await startSessionBus()
  const runtime = join(bus.folder, 'run')
  await mkdir(runtime, { mode: 0o700 })
  const env = {
    PATH: process.env['PATH'],
    DBUS_SESSION_BUS_ADDRESS: bus.address,
    HOME: bus.folder,
    XDG_RUNTIME_DIR: runtime,
    XDG_DATA_HOME: join(bus.folder, 'data'),
    XDG_CONFIG_HOME: join(bus.folder, 'config'),
    XDG_CACHE_HOME: join(bus.folder, 'cache'),
  }
  const args = ['--foreground', '--unlock', '--components=secrets', `--control-directory=${runtime}/keyring`]
  const daemon = spawn('gnome-keyring-daemon', args, { env, stdio: ['pipe', 'ignore', 'ignore'] })
  onTestFinished(() => stop(daemon))
  // Without a line feed: it would become part of the password.
  daemon.stdin?.end('test-keyring-password')
  await untilUnlocked(bus)
  return {
    ...bus,
    daemon,
    lock: async () => {
      const collection = "['/org/freedesktop/secrets/collection/login']"
      const service = 'org.freedesktop.secrets'
      await bus.call(service, '/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.Lock', collection)
    },
  }
}

async function untilUnlocked(bus: SessionBus): Promise<void> {
  const service = 'org.freedesktop.secrets'
  for (let attempt = 0; attempt < 100; attempt++) {
    // Ask the bus first: a question to the service itself would wait for one that does not exist yet.
    const owner = await bus.call('org.freedesktop.DBus', '/', 'org.freedesktop.DBus.NameHasOwner', service)
    if (owner === '(true,)') {
      const property = ['org.freedesktop.Secret.Collection', 'Locked'] as const
      const locked = await bus
        .call(
          service,
          '/org/freedesktop/secrets/aliases/default',
          'org.freedesktop.DBus.Properties.Get',
          ...property,
        )
        .catch(() => '')
      if (locked === '(<false>,)') return
    }
    await wait(50)
  }
  throw new Error('gnome-keyring did not come up')
}
