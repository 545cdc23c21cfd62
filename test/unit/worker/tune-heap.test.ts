import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const tuneHeap = resolve(import.meta.dirname, '../../../main/worker/tune-heap.ts')

/** Makes garbage of which much lives for a while, as many files in flight do; answers the young generation in MB. */
function youngMegabytes(isTuned: boolean): number {
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { setImmediate as turn } from 'node:timers/promises'
    import { tuneHeap } from ${JSON.stringify(tuneHeap)}
    if (${isTuned}) tuneHeap()
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

/** Encrypts a gigabyte in packets of 32 KiB, as a transfer does, and answers how often the whole heap was collected. */
function wholeCollections(isTuned: boolean): number {
  const program = `
    import { createCipheriv, createSecretKey } from 'node:crypto'
    import { constants, PerformanceObserver } from 'node:perf_hooks'
    import { setImmediate as turn } from 'node:timers/promises'
    import { tuneHeap } from ${JSON.stringify(tuneHeap)}
    if (${isTuned}) tuneHeap()
    let whole = 0
    new PerformanceObserver((list) => {
      for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) whole += 1
    }).observe({ entryTypes: ['gc'] })
    const key = createSecretKey(new Uint8Array(16))
    const packet = Buffer.alloc(32 * 1024)
    for (let count = 0; count < 32 * 1024; count += 1) {
      const plain = Buffer.allocUnsafe(packet.length)
      createCipheriv('aes-128-gcm', key, new Uint8Array(12)).update(plain)
      if (count % 64 === 0) await turn()
    }
    await new Promise((done) => setTimeout(done, 50))
    console.log(whole)
    process.exit(0)`
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }))
}

describe('tuneHeap', () => {
  it('keeps the young generation small under garbage that makes it grow without', { timeout: 60_000 }, () => {
    expect(youngMegabytes(true)).toBeLessThan(50)
    expect(youngMegabytes(false)).toBeGreaterThan(60)
  })

  it('does not mark the whole heap again and again while buffers come and go', { timeout: 60_000 }, () => {
    expect(wholeCollections(true)).toBeLessThan(wholeCollections(false) / 3)
  })
})
