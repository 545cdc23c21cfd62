import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as z from 'zod'
import { fernetDecrypt, fernetEncrypt } from '../../../main/core/crypto/fernet.ts'
import type { Line } from '../line.ts'
import type { Row } from '../report.ts'
import { inRounds, median, pairedRatio } from '../rounds.ts'

const sizes = [64, 1024] as const
const operations = ['encrypt', 'decrypt'] as const
/** Of each operation in one measurement. */
const counts = { ours: 20_000, python: 20_000, npm: 2_000 } as const
const quickShare = 0.05

/** Seconds per operation. */
const Speed = z.object({ encrypt: z.number(), decrypt: z.number() })
type Speed = z.infer<typeof Speed>
const PythonAnswer = Speed.extend({ token: z.string() })

/** The part of npm's fernet that is measured; the package has no types. */
type NpmFernet = {
  Secret: new (key: string) => object
  Token: new (options: object) => { encode(message: string): string; decode(): string }
}

/** Collects garbage now. */
const collect = ((): (() => void) => {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  return typeof gc === 'function' ? () => void Reflect.apply(gc, undefined, []) : () => {}
})()

/** In one process nobody is to pay for the garbage of who was measured before. */
function timed(count: number, work: () => void): number {
  collect()
  const startedAt = performance.now()
  for (let number = 0; number < count; number += 1) work()
  return (performance.now() - startedAt) / 1000 / count
}

function measureOurs(key: Uint8Array, bytes: number, count: number): Speed {
  const message = randomBytes(bytes)
  const seal = (): string => fernetEncrypt(key, message, { iv: randomBytes(16), timestamp: 0 })
  const token = seal()
  if (!Buffer.from(fernetDecrypt(key, token)).equals(message))
    throw new Error('our Fernet does not round trip')
  return { encrypt: timed(count, seal), decrypt: timed(count, () => fernetDecrypt(key, token)) }
}

function measureNpm(key: Uint8Array, bytes: number, count: number): Speed {
  // Reason: an untyped CommonJS package; only the two classes above are used.
  const fernet = createRequire(import.meta.url)('fernet') as NpmFernet
  const secret = new fernet.Secret(Buffer.from(key).toString('base64url'))
  const message = randomBytes(bytes / 2).toString('hex')
  const seal = (): string => new fernet.Token({ secret }).encode(message)
  const token = seal()
  const open = (): string => new fernet.Token({ secret, token, ttl: 0 }).decode()
  if (open() !== message) throw new Error("npm's fernet does not round trip")
  return { encrypt: timed(count, seal), decrypt: timed(count, open) }
}

/** One Python for all measurements, so that neither its start nor its imports are counted. */
function startPython(): { ask(key: Uint8Array, bytes: number, count: number): Promise<Speed>; stop(): void } {
  const script = join(import.meta.dirname, 'fernet_peer.py')
  const child = spawn('python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(key, bytes, count) {
      child.stdin.write(
        `${JSON.stringify({ key: Buffer.from(key).toString('base64url') + '=', bytes, count })}\n`,
      )
      const { value } = await answers.next()
      const { token, ...speed } = PythonAnswer.parse(JSON.parse(String(value)))
      if (fernetDecrypt(key, token).length !== bytes) throw new Error("Python's token does not open here")
      return speed
    },
    stop: () => child.stdin.end(),
  }
}

const micro = (seconds: readonly number[]): string => `${(median(seconds) * 1e6).toFixed(2)} µs`

function rowsOf(bytes: number, samples: ReadonlyMap<string, readonly Speed[]>): readonly Row[] {
  const size = bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`
  return operations.flatMap((operation) => {
    const of = (name: string): number[] => (samples.get(name) ?? []).map((speed) => speed[operation])
    const row = (against: string, name: string, limit: number): Row => ({
      line: 'fernet',
      work: `Fernet ${size}, ${operation}`,
      against,
      target: { sense: 'at-least', limit },
      // How many times as fast we are: their time over ours.
      value: pairedRatio(of(name), of('ours')),
      unit: 'x',
      detail: `${micro(of('ours'))} against ${micro(of(name))}`,
    })
    return [
      row('Python cryptography', 'python', operation === 'encrypt' ? 1 : 1.5),
      row('npm fernet', 'npm', 8),
    ]
  })
}

export const fernetLine: Line = {
  name: 'fernet',
  async measure({ scale, note }) {
    const share = scale.isQuick ? quickShare : 1
    const key = randomBytes(32)
    const python = startPython()
    const rows: Row[] = []
    try {
      // Both run-times compile while they work: the first calls are nobody's speed.
      measureOurs(key, 64, counts.ours * share)
      measureNpm(key, 64, counts.npm * share)
      await python.ask(key, 64, 1000)
      for (const bytes of sizes) {
        note(`Fernet, ${bytes} bytes`)
        const contestants = [
          { name: 'ours', measure: () => Promise.resolve(measureOurs(key, bytes, counts.ours * share)) },
          { name: 'python', measure: () => python.ask(key, bytes, counts.python * share) },
          { name: 'npm', measure: () => Promise.resolve(measureNpm(key, bytes, counts.npm * share)) },
        ]
        rows.push(...rowsOf(bytes, await inRounds(contestants, scale.rounds)))
      }
    } finally {
      python.stop()
    }
    return rows
  },
}
