import type { Clock } from '../core/ports/clock.ts'
import type { Keychain, KeychainResult } from '../core/ports/keychain.ts'
import type { ChildProcess, WorkerHost } from '../core/ports/worker-host.ts'
import { FromKeychainHelper } from '../model/keychain-messages.ts'
import type { ToKeychainHelper } from '../model/keychain-messages.ts'

const SERVICE = 'Fernsync'
/** `interactive` when a person has just asked for it and may be answering a prompt; `background` for everything else. */
const DEADLINE_MS = { background: 3_000, interactive: 60_000 } as const

export type ProcessKeychainOptions = {
  readonly workerHost: WorkerHost
  readonly clock: Clock
  /** Where the address of the session bus is found (Linux). */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly patience: keyof typeof DEADLINE_MS
  readonly platform?: NodeJS.Platform
}

/**
 * The keychain of the operating system, one helper process per call, which is killed after the answer or the deadline: a hung,
 * locked or crashing service can neither block nor end this process. Whatever goes wrong is a result, never an exception and
 * never `absent`; no error deletes anything.
 */
export function createProcessKeychain(options: ProcessKeychainOptions): Keychain {
  const { workerHost, clock, environment, patience, platform = process.platform } = options

  const call = (request: ToKeychainHelper): Promise<FromKeychainHelper> => {
    const env = helperEnvironment(platform, environment)
    if (env === null) return Promise.resolve({ state: 'unavailable' })
    const helper = workerHost.start('keychain-helper', env)
    return askOnce(helper, request, { clock, deadlineMs: DEADLINE_MS[patience] })
  }

  return {
    async get(account) {
      const result = await call({ call: 'get', service: SERVICE, account })
      if (result.state !== 'ok') return { state: result.state }
      return result.value === null ? { state: 'unavailable' } : { state: 'ok', value: result.value }
    },
    async set(account, value) {
      try {
        return withoutValue(await call({ call: 'set', service: SERVICE, account, value }))
      } finally {
        value.fill(0)
      }
    },
    async remove(account) {
      return withoutValue(await call({ call: 'remove', service: SERVICE, account }))
    },
  }
}

/** What the helper gets beside the usual; null when there cannot be a keychain. */
function helperEnvironment(
  platform: NodeJS.Platform,
  environment: ProcessKeychainOptions['environment'],
): Readonly<Record<string, string>> | null {
  if (platform === 'win32' || platform === 'darwin') return {}
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtime } = environment
  if (address !== undefined && address !== '') return { DBUS_SESSION_BUS_ADDRESS: address }
  // systemd's user bus, for an agent started without a login shell.
  if (runtime !== undefined && runtime !== '') return { DBUS_SESSION_BUS_ADDRESS: `unix:path=${runtime}/bus` }
  return null
}

function askOnce(
  helper: ChildProcess,
  request: ToKeychainHelper,
  { clock, deadlineMs }: { clock: Clock; deadlineMs: number },
): Promise<FromKeychainHelper> {
  return new Promise((resolve) => {
    const end = (result: FromKeychainHelper): void => {
      cancelDeadline()
      helper.kill()
      resolve(result)
    }
    const cancelDeadline = clock.setTimer(deadlineMs, () => end({ state: 'unavailable' }))
    helper.onMessage((raw) => {
      const parsed = FromKeychainHelper.safeParse(raw)
      end(parsed.success ? parsed.data : { state: 'unavailable' })
    })
    helper.onExit(() => end({ state: 'unavailable' }))
    helper.post(request)
  })
}

function withoutValue(result: FromKeychainHelper): KeychainResult<null> {
  return result.state === 'ok' ? { state: 'ok', value: null } : { state: result.state }
}
