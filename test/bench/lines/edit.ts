import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { seededVault } from '../../fixtures/vault-seed.ts'
import { benchPassword as password } from '../fernsync.ts'
import type { Line } from '../line.ts'
import { duration } from '../report.ts'
import type { Row } from '../report.ts'
import { median } from '../rounds.ts'

const iterations = 600_000
const edits = 20
/** Every delay contains it: it is how often the loop is asked whether it is free. */
const resolutionMs = 1
const log = { info: () => {}, warn: () => {}, error: () => {} }
const bytes = (): Uint8Array => new TextEncoder().encode(password)

/** The vault in this process, whose event loop is then the one of the vault process; opened and listed once. */
async function opened(folder: string, count: number): Promise<VaultApi> {
  for (const each of [folder, join(folder, 'device')]) mkdirSync(each, { mode: 0o700 })
  writeFileSync(join(folder, 'vault.json'), await seededVault(password, count, iterations), { mode: 0o600 })
  const vault = createNodeVault({ home: folder, log })
  await vault.unlock({ password: bytes() }, { allowSlowKdf: true })
  await vault.listCredentials()
  return vault
}

/** Longest time in milliseconds for which the event loop was held while `work` ran. */
async function longestHold(work: () => Promise<void>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  await work()
  histogram.disable()
  return histogram.max / 1e6
}

function held(work: string, ms: number): Row {
  return {
    line: 'edit',
    work: `event loop of the vault process during ${work}`,
    against: null,
    target: { sense: 'at-most', limit: 50 },
    value: ms,
    unit: 'ms',
    detail: 'longest hold',
  }
}

export const editLine: Line = {
  name: 'edit',
  async measure({ scale, place, note }) {
    const count = scale.credentials
    note(`${edits} edits and ${scale.rounds} rotations, ${count} credentials`)
    // On the disk, since fsync is most of what is waited for.
    const vault = await opened(join(place.disk, 'edit'), count)
    const credentials = await vault.listCredentials()
    const samples: number[] = []
    const edit = async (n: number): Promise<void> => {
      const startedAt = performance.now()
      await vault.editCredential(credentials[n]?.id ?? '', { tags: [`edit ${n}`] }, {})
      samples.push(performance.now() - startedAt)
    }
    const editHold = await longestHold(async () => {
      for (let n = 0; n < edits; n += 1) await edit(n)
    })
    const rotations: number[] = []
    const rotateHold = await longestHold(async () => {
      for (let n = 0; n < scale.rounds; n += 1) {
        const startedAt = performance.now()
        await vault.rotateKey({ proofs: [{ password: bytes() }], dropSlots: [] })
        rotations.push(performance.now() - startedAt)
      }
    })
    await vault.lock()
    return [
      {
        line: 'edit',
        work: `one edit on disk among ${count} credentials`,
        against: null,
        target: { sense: 'at-most', limit: 120 },
        value: median(samples),
        unit: 'ms',
        detail: `slowest of ${edits} ${duration(Math.max(...samples))}`,
      },
      held('edits', editHold),
      {
        line: 'edit',
        work: `new vault key for ${count} credentials`,
        against: null,
        target: { sense: 'at-most', limit: 6000 },
        value: median(rotations),
        unit: 'ms',
        detail: 'two derivations and the copies included',
      },
      held('rotation', rotateHold),
    ]
  },
}
