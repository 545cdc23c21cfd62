import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const tuneHeap = resolve(import.meta.dirname, '../../../main/worker/tune-heap.ts')
const systemClock = resolve(import.meta.dirname, '../../../main/adapters/system-clock.ts')

/** Makes garbage of which much lives for a while, as many files in flight do; answers the young generation in MB. */
function youngMegabytes(isTuned: boolean): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { setImmediate as turn } from 'node:timers/promises'
    import { systemClock } from ${JSON.stringify(systemClock)}
    import { tuneHeap } from ${JSON.stringify(tuneHeap)}
    if (${isTuned}) tuneHeap(systemClock)
    const alive = []
    for (let round = 0; round < 1500; round += 1) {
      for (let count = 0; count < 1000; count += 1) alive.push({ round, count, text: 'x' + count, list: [round, count] })
      if (alive.length > 200_000) alive.splice(0, 100_000)
      await turn()
    }
    console.log(getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_size / 1e6)
    process.exit(0)`
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }))
}

describe('tuneHeap', () => {
  it('keeps the young generation small under garbage that makes it grow without', { timeout: 60_000 }, () => {
    expect(youngMegabytes(true)).toBeLessThan(50)
    expect(youngMegabytes(false)).toBeGreaterThan(60)
  })
})
