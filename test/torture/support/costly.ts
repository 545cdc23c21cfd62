import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { createNodeWorkerHost } from '../../../main/adapters/node-worker-host.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import type { ChildProcess } from '../../../main/core/ports/worker-host.ts'
import { FromImportProcess } from '../../../main/model/import-messages.ts'
import { costlyImports } from '../../helpers/costly-imports.ts'
import type { CostlyImport } from '../../helpers/costly-imports.ts'
import { kdbxPassword } from '../../helpers/kdbx-writer.ts'

const MOST_CPU_MS = 2000
const MOST_RSS_MIB = 512
/** Whatever else a machine does only adds to the time of the processor: of so many readings the least counts. */
const READINGS = 3
/** Of Linux, which counts the time of a process in hundredths of a second. */
const TICK_MS = 10

export const Costly = z.object({
  files: z.number(),
  slowestMs: z.number(),
  slowest: z.string(),
  rssMiB: z.number(),
  failures: z.array(z.string()),
})
export type Costly = z.infer<typeof Costly>

const entry = join(import.meta.dirname, '../../../main/import-process/main.ts')
const host = createNodeWorkerHost({
  entries: { worker: '', 'vault-process': '', 'keychain-helper': '', 'import-process': entry },
  environment: process.env,
})

/** Has the real process read files that are made to be costly, each of `size` bytes at most, and takes its time and memory. */
export async function readCostly(size: number, most: number, seed: number): Promise<Costly> {
  const failures: string[] = []
  let slowestMs = 0
  let slowest = ''
  let rssMiB = 0
  // What it takes to start at all is no matter of the file.
  const first: CostlyImport = { format: 'csv', name: '', make: () => utf8('host\nh\n') }
  const { cpuMs: startMs } = await readOne(first, size)
  const files = chosen(most, seed)
  for (const one of files) {
    const name = `import ${one.format}, ${one.name}`
    const { outcome, cpuMs, peakMiB } = await readWithin(one, size, startMs + MOST_CPU_MS)
    const ownMs = Math.max(0, cpuMs - startMs)
    if (ownMs > slowestMs) [slowestMs, slowest] = [ownMs, name]
    rssMiB = Math.max(rssMiB, peakMiB)
    if (outcome !== null) failures.push(`${name}: ${outcome}`)
    if (ownMs > MOST_CPU_MS) failures.push(`${name}: ${ownMs} ms of the processor`)
    if (peakMiB > MOST_RSS_MIB) failures.push(`${name}: ${peakMiB} MiB of memory`)
  }
  return { files: files.length, slowestMs, slowest, rssMiB, failures }
}

/** Read again while it takes more than it may: the reading that took least, with the most memory of all. */
async function readWithin(one: CostlyImport, size: number, mostMs: number): Promise<Measured> {
  let least = await readOne(one, size)
  for (let reading = 1; reading < READINGS && least.cpuMs > mostMs; reading += 1) {
    const next = await readOne(one, size)
    const peakMiB = Math.max(least.peakMiB, next.peakMiB)
    least = { outcome: least.outcome ?? next.outcome, cpuMs: Math.min(least.cpuMs, next.cpuMs), peakMiB }
  }
  return least
}

/** All, or so many of them, others for another seed. */
function chosen(most: number, seed: number): readonly CostlyImport[] {
  const step = Math.max(1, Math.floor(costlyImports.length / most))
  return costlyImports.filter((_, at) => at % step === seed % step).slice(0, most)
}

type Measured = { readonly outcome: string | null; readonly cpuMs: number; readonly peakMiB: number }

/** `outcome` is null for items and for a refusal that a person can understand. */
function readOne({ format, make }: CostlyImport, size: number): Promise<Measured> {
  const child = host.start('import-process')
  return new Promise((resolve) => {
    const end = (outcome: string | null): void => {
      resolve({ outcome, ...costOf(child) })
      child.kill()
    }
    child.onExit(() => resolve({ outcome: 'the process ended', cpuMs: 0, peakMiB: 0 }))
    child.onMessage((raw) => {
      const message = FromImportProcess.parse(raw)
      if (message.type === 'done') end(null)
      if (message.type !== 'failed') return
      const { code, details } = message.error
      const isOutOfMemory = String(details['why']).includes('memory')
      const isExpected = code === 'import-unreadable' || code === 'wrong-password'
      end(isExpected && !isOutOfMemory ? null : `${code} ${String(details['why'])}`)
    })
    const password = utf8(kdbxPassword)
    child.post({ format, bytes: make(size), password, keyFile: null, localUser: 'me', allowSlowKdf: true })
  })
}

/** From /proc, before the process is gone: user and system time, and the most memory it ever had. */
function costOf({ pid }: ChildProcess): { cpuMs: number; peakMiB: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return {
    cpuMs: (Number(stat[11]) + Number(stat[12])) * TICK_MS,
    peakMiB: Math.round(Number(peak) / 1024),
  }
}

if (process.argv[1] === import.meta.filename) {
  const [size, most, seed] = process.argv.slice(2).map(Number)
  console.log(JSON.stringify(await readCostly(size ?? 0, most ?? Infinity, seed ?? 0)))
}
