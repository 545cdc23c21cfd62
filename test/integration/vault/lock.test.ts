import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openHome } from '../../../main/adapters/home-folder.ts'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import type { PowerEvent } from '../../../main/core/ports/power.ts'
import { createVaultClient } from '../../../main/core/vault/vault-client.ts'
import { VaultSettings } from '../../../main/model/vault.ts'
import { createAutoLock } from '../../../main/services/auto-lock.ts'
import { createVaultHost } from '../../../main/services/vault-host.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { isAlive } from '../../servers/processes.ts'
import { captureLog } from '../../unit/core/jobs/support.ts'

const ENTRY = join(import.meta.dirname, '../../../main/vault-process/main.ts')
const PASSWORD = 'correct horse battery'
const LOCKS = 20

/** A vault in its real process, locked by the events of a session as the desktop does it. */
async function createMachine() {
  const home = openHome(await tempFolder()).path
  const entries = { worker: '', 'vault-process': ENTRY, 'keychain-helper': '', 'import-process': '' }
  const host = createNodeWorkerHost({ entries, environment: process.env })
  const log = captureLog()
  const pids: number[] = []
  const vault = createVaultHost(createNodeVault({ home, log }), () => {
    const child = host.start('vault-process', { FERNSYNC_HOME: home })
    pids.push(child.pid ?? 0)
    const api = createVaultClient(child, log)
    return { api, end: () => api.end(), onGone: (listener) => api.onGone(listener) }
  })
  onTestFinished(() => vault.lock())
  let tell = (_event: PowerEvent): void => {}
  let locking: Promise<void> = Promise.resolve()
  const autoLock = createAutoLock({
    clock: createFakeClock(),
    power: {
      onEvent: () => () => {},
      idleSeconds: () => 0,
      isOnBattery: () => false,
      blockSleep: () => () => {},
    },
    signals: {
      watch(listener) {
        tell = listener
        return () => {}
      },
    },
    lock: () => {
      locking = vault.lock()
    },
  })
  vault.onState((state) => {
    if (state === 'unlocked') autoLock.arm(VaultSettings.parse({}))
    else autoLock.disarm()
  })
  return {
    vault,
    pids,
    /** Resolves when the lock that the event brought is done. */
    bring: (event: PowerEvent): Promise<void> => {
      tell(event)
      return locking
    },
  }
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )

describe('a lock by an event of the session', () => {
  it(`ends the process of the keys before it is done, ${LOCKS} times, whatever that process is doing`, async () => {
    const { vault, pids, bring } = await createMachine()
    await vault.init(utf8(PASSWORD), { iterations: 600_000 })
    const seen: unknown[] = []
    for (let n = 0; n < LOCKS; n += 1) {
      const pid = pids.at(-1) ?? 0
      const alive = isAlive(pid)
      // Every second time a change of the password is under way, for which no lock may wait.
      const work =
        n % 2 === 0
          ? null
          : codeOf(vault.unlocked().changePassword({ password: utf8(PASSWORD) }, utf8(PASSWORD)))
      const event = n % 3 === 0 ? 'suspend' : 'lock-screen'
      await bring(event)
      seen.push([alive, isAlive(pid), vault.isUnlocked(), (await work) ?? 'locked'])
      await vault.unlock({ password: utf8(PASSWORD) }, { allowSlowKdf: false })
    }
    expect(seen).toEqual(Array.from({ length: LOCKS }, () => [true, false, false, 'locked']))
    expect(new Set(pids).size).toBe(LOCKS + 1)
  })
})
