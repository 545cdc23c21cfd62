import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import { startVaultProcess } from '../../../main/adapters/vault-process-host.ts'
import { INDEX_DELAY_MS } from '../../../main/core/vault/vault-limits.ts'
import { pbkdf2HmacSha256 } from '../../../main/core/crypto/pbkdf2.ts'
import { seededVault } from '../../fixtures/vault-seed.ts'
import { benchPassword as password, projectRoot } from '../fernsync.ts'
import type { Line } from '../line.ts'
import { duration } from '../report.ts'
import { inRounds, median, pairedDifference } from '../rounds.ts'

const iterations = 1_200_000

/** The built vault process, started as the app starts it. */
const host = createNodeWorkerHost({
  entries: {
    worker: join(projectRoot, 'out/cli/worker.js'),
    'vault-process': join(projectRoot, 'out/cli/vault-process.js'),
    'keychain-helper': join(projectRoot, 'out/cli/keychain-helper.js'),
    'import-process': join(projectRoot, 'out/cli/import-process.js'),
  },
  environment: process.env,
})
const log = { info: () => {}, warn: () => {}, error: () => {} }

async function unlockAndList(home: string, count: number, stayMs = 0): Promise<number> {
  const startedAt = performance.now()
  const vault = startVaultProcess({ host, home, log })
  try {
    await vault.unlock({ password: new TextEncoder().encode(password) }, { allowSlowKdf: true })
    const credentials = await vault.listCredentials()
    const ms = performance.now() - startedAt
    if (credentials.length !== count) throw new Error(`${credentials.length} credentials instead of ${count}`)
    if (stayMs > 0) await new Promise((resolve) => setTimeout(resolve, stayMs))
    return ms
  } finally {
    await vault.end()
  }
}

async function bareDerivation(): Promise<number> {
  const input = { password: new TextEncoder().encode(password), salt: randomBytes(16) }
  const startedAt = performance.now()
  await pbkdf2HmacSha256({ ...input, iterations, length: 32 })
  return performance.now() - startedAt
}

export const unlockLine: Line = {
  name: 'unlock',
  async measure({ scale, place, note }) {
    const count = scale.credentials
    note(`unlock and list, ${count} credentials`)
    const folder = join(place.memory ?? place.disk, 'unlock')
    mkdirSync(folder, { mode: 0o700 })
    mkdirSync(join(folder, 'device'), { mode: 0o700 })
    writeFileSync(join(folder, 'vault.json'), await seededVault(password, count, iterations), { mode: 0o600 })
    // The first unlock on a device pins the vault and leaves an index; later ones are what a person waits for each day.
    await unlockAndList(folder, count, INDEX_DELAY_MS + 3_000)
    const samples = await inRounds(
      [
        { name: 'unlock', measure: () => unlockAndList(folder, count) },
        { name: 'bare', measure: bareDerivation },
      ],
      scale.rounds,
    )
    const [unlock, bare] = ['unlock', 'bare'].map((name) => samples.get(name) ?? [])
    if (unlock === undefined || bare === undefined) throw new Error('nothing was measured')
    return [
      {
        line: 'unlock',
        work: `unlock and list ${count} credentials`,
        against: 'bare PBKDF2',
        target: { sense: 'at-most', limit: 300 },
        value: pairedDifference(unlock, bare),
        unit: 'ms',
        detail: `${duration(median(unlock))} against ${duration(median(bare))}, start of the vault process included; not the first unlock on this device`,
      },
    ]
  },
}
