/**
 * `node fuzz.ts SEED SECONDS LONGEST`: reads generated inputs with every parser and prints what came of it as JSON.
 * `node fuzz.ts replay TARGET FILE`: reads one input again, in sight of a debugger.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import * as z from 'zod'
import { targets } from './fuzz-targets.ts'

const MOST_MS = 2000
const MOST_BYTES = 512 * 1024 * 1024
const LOOK_MS = 20
const MOST_FAILURES = 20

const Message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('failed'),
    target: z.string(),
    why: z.string(),
    bytes: z.instanceof(Uint8Array),
  }),
  z.object({
    type: z.literal('done'),
    inputs: z.number(),
    targets: z.number(),
    slowestMs: z.number(),
    slowest: z.string(),
  }),
])

export const Fuzzed = z.object({
  inputs: z.number(),
  targets: z.number(),
  slowestMs: z.number(),
  slowest: z.string(),
  rssBytes: z.number(),
  failures: z.array(z.string()),
})
export type Fuzzed = z.infer<typeof Fuzzed>

/** Keeps an input that broke something, and says where. */
function saved(target: string, why: string, bytes: Uint8Array, seed: number): string {
  const name = target.replace(/[^A-Za-z0-9]+/g, '-')
  const path = join(tmpdir(), `fernsync-fuzz-${name}-${seed}-${process.pid}.bin`)
  writeFileSync(path, bytes)
  return `${target}: ${why}; the input is ${path}, again with: node test/torture/support/fuzz.ts replay '${target}' ${path}`
}

function run(seed: number, seconds: number, longest: number): Promise<Fuzzed> {
  const shared = new SharedArrayBuffer(32 + longest + 1024 * 1024)
  const clock = new Float64Array(shared, 0, 4)
  const worker = new Worker(join(import.meta.dirname, 'fuzz-worker.ts'), {
    workerData: { shared, seed, seconds, longest },
    // Else what is measured is how long V8 puts off collecting on a machine with memory to spare.
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
  })
  const failures: string[] = []
  let rssBytes = 0
  return new Promise((resolve) => {
    const end = (rest: Omit<Fuzzed, 'rssBytes' | 'failures'>): void => {
      clearInterval(watch)
      void worker.terminate()
      resolve({ ...rest, rssBytes, failures: failures.slice(0, MOST_FAILURES) })
    }
    const stop = (why: string): void => {
      const bytes = Uint8Array.from(new Uint8Array(shared, 32, clock[1] ?? 0))
      failures.push(saved(targets[clock[2] ?? 0]?.name ?? '', why, bytes, seed))
      end({ inputs: 0, targets: targets.length, slowestMs: MOST_MS, slowest: '' })
    }
    const watch = setInterval(() => {
      rssBytes = Math.max(rssBytes, process.memoryUsage.rss())
      const started = clock[0] ?? 0
      if (started !== 0 && performance.timeOrigin + performance.now() - started > MOST_MS)
        stop(`not read in ${MOST_MS} ms`)
      else if (rssBytes > MOST_BYTES) stop(`the process takes ${rssBytes} bytes of memory`)
    }, LOOK_MS)
    worker.on('error', (error: unknown) =>
      stop(`ends the thread: ${error instanceof Error ? error.stack : String(error)}`),
    )
    worker.on('message', (raw) => {
      const message = Message.parse(raw)
      if (message.type === 'failed') failures.push(saved(message.target, message.why, message.bytes, seed))
      else end(message)
    })
  })
}

if (process.argv[1] === import.meta.filename) {
  const [first = '', second = '', third = ''] = process.argv.slice(2)
  if (first === 'replay')
    await targets.find(({ name }) => name === second)?.read(Uint8Array.from(readFileSync(third)))
  else console.log(JSON.stringify(await run(Number(first), Number(second), Number(third))))
}
