import { execFile, spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startBus as startBareBus } from '../helpers/dbus-peer.ts'
import { stop } from '../helpers/stop-process.ts'

const run = promisify(execFile)

const PROGRAMS = ['dbus-daemon', 'gnome-keyring-daemon', 'gdbus']
const INSTALL = 'apt-get install -y --no-install-recommends dbus gnome-keyring libglib2.0-bin'
const SERVICE = 'org.freedesktop.secrets'

export type SessionBus = {
  /** Value of DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string
  readonly folder: string
  /** Calls a method with gdbus and answers its output. */
  call(destination: string, path: string, method: string, ...values: readonly string[]): Promise<string>
  stop(): Promise<void>
}

export type Keyring = {
  /** The real gnome-keyring-daemon, with an unlocked keyring of its own. */
  readonly daemon: ChildProcess
  lock(): Promise<void>
  /** Object paths of what the keyring holds, also while it is locked. */
  items(): Promise<readonly string[]>
  stop(): Promise<void>
}

/** Starts a private session bus without any service; `folder` must exist and be short enough for a socket. */
export async function startBus(folder: string): Promise<SessionBus> {
  const missing = PROGRAMS.filter((program) => spawnSync('which', [program]).status !== 0)
  if (missing.length > 0) throw new Error(`needs ${missing.join(', ')}: ${INSTALL}`)
  const bus = await startBareBus(folder)
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: bus.address }
  return {
    ...bus,
    folder,
    call: async (destination, path, method, ...values) => {
      const args = ['call', '--session', '-d', destination, '-o', path, '-m', method, ...values]
      return (await run('gdbus', args, { env })).stdout.trim()
    },
  }
}

/**
 * Starts gnome-keyring on `bus`, keyring "login" unlocked. Its data is in the bus's folder: started again there after it was
 * stopped, it holds what it held.
 */
export async function startKeyring(bus: SessionBus): Promise<Keyring> {
  const runtime = join(bus.folder, 'run')
  await mkdir(runtime, { mode: 0o700, recursive: true })
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
  // Without a line feed: it would become part of the password.
  daemon.stdin.end('test-keyring-password')
  try {
    await untilUnlocked(bus)
  } catch (error) {
    await stop(daemon)
    throw error
  }
  return {
    daemon,
    lock: async () => {
      const collection = "['/org/freedesktop/secrets/collection/login']"
      await bus.call(SERVICE, '/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.Lock', collection)
    },
    items: async () => {
      const found = await bus.call(
        SERVICE,
        '/org/freedesktop/secrets/collection/login',
        'org.freedesktop.DBus.Properties.Get',
        'org.freedesktop.Secret.Collection',
        'Items',
      )
      return found.match(/\/collection\/login\/\d+/g) ?? []
    },
    stop: () => stop(daemon),
  }
}

async function untilUnlocked(bus: SessionBus): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    // Ask the bus first: a question to the service itself would wait for one that does not exist yet.
    const owner = await bus.call('org.freedesktop.DBus', '/', 'org.freedesktop.DBus.NameHasOwner', SERVICE)
    if (owner === '(true,)') {
      const property = ['org.freedesktop.Secret.Collection', 'Locked'] as const
      const locked = await bus
        .call(
          SERVICE,
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
