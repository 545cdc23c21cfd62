import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDatabases } from '../../../main/adapters/node-database.ts'
import type { Database } from '../../../main/core/ports/database.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { makeTree } from '../../helpers/tree.ts'
import { realJob } from './real-sides.ts'

const FILES = 10_000

/** Counts transactions: the cause of the time that recording takes. */
function counted(inner: Database): { readonly database: Database; readonly transactions: () => number } {
  let transactions = 0
  const database: Database = {
    ...inner,
    transaction: (work) => {
      transactions += 1
      return inner.transaction(work)
    },
  }
  return { database, transactions: () => transactions }
}

describe('10,000 files of 4 KiB', () => {
  it('are recorded in batches, and a second run only looks', async () => {
    const home = await tempFolder()
    const job = realJob(home)
    const content = new Uint8Array(4096).fill(65)
    const tree = Object.fromEntries(
      Array.from({ length: FILES }, (_, index) => [`d${index % 100}/f${index}`, content] as const),
    )
    makeTree(job.local, tree, { modTime: Date.UTC(2026, 0, 1) })
    const file = nodeDatabases.open(join(home, 'counted.sqlite'))
    try {
      const first = counted(file)
      const { summary } = await job.run({ context: { database: first.database } })
      expect(summary).toMatchObject({ state: 'done', copied: FILES, bytes: FILES * 4096 })
      // 256 to a batch, and one each for schema and run; a slow disk makes batches of 250 ms, which are smaller.
      expect(first.transactions()).toBeLessThan(FILES / 20)
      const second = counted(file)
      const again = await job.run({ context: { database: second.database } })
      expect(again.summary).toMatchObject({ state: 'done', copied: 0, updated: 0 })
      expect(second.transactions()).toBeLessThan(5)
      const [copied, looked] = [summary.durationMs, again.summary.durationMs]
      process.stdout.write(`10,000 x 4 KiB local to local: ${copied} ms, no change: ${looked} ms\n`)
      expect(readdirSync(job.remote)).toHaveLength(101)
    } finally {
      file.close()
    }
  })
})
