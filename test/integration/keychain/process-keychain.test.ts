import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import { createProcessKeychain } from '../../../main/adapters/process-keychain.ts'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import type { Keychain } from '../../../main/core/ports/keychain.ts'
import type { ChildProcess, WorkerHost } from '../../../main/core/ports/worker-host.ts'
import { startSecretService, startSessionBus } from '../../helpers/secret-service.ts'
import { stop } from '../../helpers/stop-process.ts'

const entry = (path: string): string =>
  fileURLToPath(new URL(`../../../main/${path}/main.ts`, import.meta.url))

/** The real host, which remembers the helpers it started. */
function recordingHost(): { host: WorkerHost; helpers: ChildProcess[] } {
  const helpers: ChildProcess[] = []
  const real = createNodeWorkerHost({
    entries: {
      worker: entry('worker'),
      'vault-process': entry('vault-process'),
      'keychain-helper': entry('keychain-helper'),
      'import-process': entry('keychain-helper'),
    },
    environment: process.env,
  })
  const start: WorkerHost['start'] = (kind, extraEnv) => {
    const helper = real.start(kind, extraEnv)
    helpers.push(helper)
    return helper
  }
  return { host: { start }, helpers }
}

function keychainOn(address: string | null, workerHost = recordingHost().host): Keychain {
  const environment = address === null ? {} : { DBUS_SESSION_BUS_ADDRESS: address }
  return createProcessKeychain({ workerHost, clock: systemClock, environment, patience: 'background' })
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('createProcessKeychain with a real Secret Service', () => {
  it('stores, reads, replaces and removes a value', async () => {
    const keychain = keychainOn((await startSecretService()).address)
    const account = randomUUID()
    expect(await keychain.get(account)).toEqual({ state: 'absent' })
    expect(await keychain.remove(account)).toEqual({ state: 'absent' })
    expect(await keychain.set(account, utf8('{"v":1}'))).toEqual({ state: 'ok', value: null })
    expect(await keychain.set(account, utf8('{"v":2}'))).toEqual({ state: 'ok', value: null })
    expect(await keychain.get(account)).toEqual({ state: 'ok', value: utf8('{"v":2}') })
    expect(await keychain.get(randomUUID())).toEqual({ state: 'absent' })
    expect(await keychain.remove(account)).toEqual({ state: 'ok', value: null })
    expect(await keychain.get(account)).toEqual({ state: 'absent' })
  })

  it('says locked while the keyring is locked, and loses nothing by asking', async () => {
    const service = await startSecretService()
    const keychain = keychainOn(service.address)
    await keychain.set('vault', utf8('value'))
    await service.lock()
    expect(await keychain.get('vault')).toEqual({ state: 'locked' })
    expect(await keychain.set('vault', utf8('other'))).toEqual({ state: 'locked' })
    expect(await keychain.remove('vault')).toEqual({ state: 'locked' })
    // The items are still there; only their values cannot be read.
    const items = await service.call(
      'org.freedesktop.secrets',
      '/org/freedesktop/secrets/collection/login',
      'org.freedesktop.DBus.Properties.Get',
      'org.freedesktop.Secret.Collection',
      'Items',
    )
    expect(items).toMatch(/collection\/login\/\d/)
  })

  it('says unavailable when the service hangs, within its deadline, and leaves no helper behind', async () => {
    const service = await startSecretService()
    const { host, helpers } = recordingHost()
    const keychain = keychainOn(service.address, host)
    await keychain.set('vault', utf8('value'))
    service.daemon.kill('SIGSTOP')
    expect(await keychain.get('vault')).toEqual({ state: 'unavailable' })
    expect(await keychain.remove('vault')).toEqual({ state: 'unavailable' })
    service.daemon.kill('SIGCONT')
    expect(await keychain.get('vault')).toEqual({ state: 'ok', value: utf8('value') })
    await expect.poll(() => helpers.filter(({ pid }) => pid !== null && isRunning(pid))).toEqual([])
    expect(helpers).toHaveLength(4)
  })

  it('says unavailable when the service was killed', async () => {
    const service = await startSecretService()
    const keychain = keychainOn(service.address)
    await keychain.set('vault', utf8('value'))
    await stop(service.daemon)
    expect(await keychain.get('vault')).toEqual({ state: 'unavailable' })
    expect(await keychain.set('vault', utf8('value'))).toEqual({ state: 'unavailable' })
    expect(await keychain.remove('vault')).toEqual({ state: 'unavailable' })
  })

  it('says unavailable on a bus without a Secret Service', async () => {
    const keychain = keychainOn((await startSessionBus()).address)
    expect(await keychain.get('vault')).toEqual({ state: 'unavailable' })
    expect(await keychain.set('vault', utf8('value'))).toEqual({ state: 'unavailable' })
    expect(await keychain.remove('vault')).toEqual({ state: 'unavailable' })
  })

  it('says unavailable without a session bus, and with an address where none listens', async () => {
    const { host, helpers } = recordingHost()
    expect(await keychainOn(null, host).get('vault')).toEqual({ state: 'unavailable' })
    expect(helpers).toHaveLength(0)
    const keychain = keychainOn('unix:path=/nonexistent/bus')
    expect(await keychain.get('vault')).toEqual({ state: 'unavailable' })
    expect(await keychain.set('vault', utf8('value'))).toEqual({ state: 'unavailable' })
  })
})
