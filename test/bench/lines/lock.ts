import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { startVaultProcess } from '../../../main/adapters/vault-process-host.ts'
import type { PowerEvent } from '../../../main/core/ports/power.ts'
import { VaultSettings } from '../../../main/model/vault.ts'
import { createAutoLock } from '../../../main/services/auto-lock.ts'
import { createVaultHost } from '../../../main/services/vault-host.ts'
import { seededVault } from '../../fixtures/vault-seed.ts'
import { benchPassword as password, projectRoot } from '../fernsync.ts'
import type { Line } from '../line.ts'
import { duration } from '../report.ts'
import { median } from '../rounds.ts'

/** The slowest of as many stands for the 99th percentile. */
const locks = 20
/** The least that may be; how long an unlock takes does not matter here. */
const iterations = 600_000

const log = { info: () => {}, warn: () => {}, error: () => {} }
const host = createNodeWorkerHost({
  entries: {
    worker: join(projectRoot, 'out/cli/worker.js'),
    'vault-process': join(projectRoot, 'out/cli/vault-process.js'),
    'keychain-helper': join(projectRoot, 'out/cli/keychain-helper.js'),
    'import-process': join(projectRoot, 'out/cli/import-process.js'),
  },
  environment: process.env,
})

/** Opens the vault and locks it by an event of the session; answers the time from the event to the end of the process. */
async function lockOnce(home: string): Promise<number> {
  const vault = createVaultHost(createNodeVault({ home, log }), () => {
    const api = startVaultProcess({ host, home, log })
    return { api, end: () => api.end(), onGone: (listener) => api.onGone(listener) }
  })
  const locked = Promise.withResolvers<void>()
  let tell = (_event: PowerEvent): void => {}
  const autoLock = createAutoLock({
    clock: systemClock,
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
      vault.lock().then(locked.resolve, locked.reject)
    },
  })
  await vault.unlock({ password: new TextEncoder().encode(password) }, { allowSlowKdf: true })
  try {
    await vault.unlocked().listCredentials()
    autoLock.arm(VaultSettings.parse({}))
    const startedAt = performance.now()
    tell('lock-screen')
    await locked.promise
    return performance.now() - startedAt
  } finally {
    autoLock.disarm()
    await vault.lock()
  }
}

export const lockLine: Line = {
  name: 'lock',
  async measure({ scale, place, note }) {
    const count = scale.credentials
    note(`lock ${locks} times, ${count} credentials`)
    const folder = join(place.memory ?? place.disk, 'lock')
    for (const each of [folder, join(folder, 'device')]) mkdirSync(each, { mode: 0o700 })
    writeFileSync(join(folder, 'vault.json'), await seededVault(password, count, iterations), { mode: 0o600 })
    const samples: number[] = []
    for (let n = 0; n < locks; n += 1) samples.push(await lockOnce(folder))
    return [
      {
        line: 'lock',
        work: `lock with ${count} credentials, from the event to keys gone`,
        against: null,
        target: { sense: 'at-most', limit: 500 },
        value: Math.max(...samples),
        unit: 'ms',
        detail: `slowest of ${locks}, median ${duration(median(samples))}`,
      },
    ]
  },
}
