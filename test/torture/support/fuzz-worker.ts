import { parentPort, workerData } from 'node:worker_threads'
import fc from 'fast-check'
import * as z from 'zod'
import { inputsOf } from './fuzz-input.ts'
import { isExpected, targets } from './fuzz-targets.ts'

/** The thread that reads inputs. The other one of its process watches the time and the memory, which this one cannot. */
const { shared, seed, seconds, longest } = z
  .object({
    shared: z.instanceof(SharedArrayBuffer),
    seed: z.number(),
    seconds: z.number(),
    longest: z.number(),
  })
  .parse(workerData)
const clock = new Float64Array(shared, 0, 4)
const input = new Uint8Array(shared, 32)
const RUNS = 50

const deadline = performance.now() + seconds * 1000
let inputs = 0
let slowestMs = 0
let slowest = ''

for (let cycle = 0; performance.now() < deadline; cycle += 1) {
  for (const [index, target] of targets.entries()) {
    if (performance.now() >= deadline) break
    const property = fc.asyncProperty(inputsOf(target, longest), async (bytes) => {
      input.set(bytes)
      clock[1] = bytes.byteLength
      clock[2] = index
      clock[0] = performance.timeOrigin + performance.now()
      const started = performance.now()
      try {
        await target.read(bytes)
      } catch (error) {
        if (!isExpected(error)) throw error
      } finally {
        clock[0] = 0
      }
      inputs += 1
      const tookMs = performance.now() - started
      if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, target.name]
    })
    const result = await fc.check(property, { seed: (seed + cycle * 1000 + index) | 0, numRuns: RUNS })
    if (!result.failed) continue
    const [bytes] = result.counterexample ?? []
    const error: unknown = result.errorInstance
    const why = error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error)
    parentPort?.postMessage({ type: 'failed', target: target.name, why, bytes: bytes ?? new Uint8Array() })
  }
}
parentPort?.postMessage({ type: 'done', inputs, targets: targets.length, slowestMs, slowest })
