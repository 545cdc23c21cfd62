import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import * as z from 'zod'
import { toBase64Url, toHex, utf8 } from '../../../main/core/crypto/bytes.ts'
import { fernetDecrypt, fernetEncrypt } from '../../../main/core/crypto/fernet.ts'
import { hkdfSha256 } from '../../../main/core/crypto/hkdf.ts'
import { pbkdf2HmacSha256 } from '../../../main/core/crypto/pbkdf2.ts'
import { pythonWithCryptography } from '../../helpers/python-peer.ts'
import { createFailures } from '../proof.ts'
import { createSeeded } from './seeded-random.ts'
import type { Seeded } from './seeded-random.ts'

const script = join(import.meta.dirname, 'crypto_peer.py')
/** Asked in one go: starting Python costs more than a thousand answers. */
const BATCH = 20_000

export type PythonTally = {
  readonly trials: number
  readonly mismatches: number
  readonly failures: readonly string[]
}

type Trial = {
  readonly kind: string
  readonly ask: Readonly<Record<string, string | number>>
  /** Null when the answer is right. */
  readonly judge: (answer: string | null) => string | null
}

const expecting =
  (wanted: string): Trial['judge'] =>
  (answer) =>
    answer === wanted ? null : 'the answers differ'

/** Round trips `from` to below `to` of a seed: half of the tokens are ours and opened there, half the other way round. */
export async function pythonTrials(seed: number, from: number, to: number): Promise<PythonTally> {
  const python = pythonWithCryptography()
  const failures = createFailures()
  for (let start = from; start < to; start += BATCH) {
    const trials: Trial[] = []
    for (let n = start; n < Math.min(to, start + BATCH); n += 1)
      trials.push(await trialOf(createSeeded(seed, 'python', n), n))
    const input = trials.map(({ ask }) => `${JSON.stringify(ask)}\n`).join('')
    const child = spawnSync(python, [script], { input, encoding: 'utf8', maxBuffer: 2 ** 30 })
    if (child.status !== 0) throw new Error(child.stderr)
    const answers = child.stdout.trimEnd().split('\n')
    if (answers.length !== trials.length)
      failures.add(`${trials.length} questions, ${answers.length} answers`)
    for (const [at, { kind, judge }] of trials.entries()) {
      const wrong = judge(
        z
          .string()
          .nullable()
          .parse(JSON.parse(answers[at] ?? 'null')),
      )
      if (wrong !== null) failures.add(`${kind}: ${wrong} (--only 7 --seed ${seed}, trial ${start + at})`)
    }
  }
  return { trials: to - from, mismatches: failures.count(), failures: failures.all() }
}

async function trialOf(random: Seeded, n: number): Promise<Trial> {
  const key = random.bytes(32)
  const plaintext = random.bytes(n % 10 === 0 ? random.int(4096) : random.int(200))
  const hex = toHex(plaintext)
  switch (n % 20) {
    case 18: {
      const info = `fernsync/1\nrecord\nmeta\n${random.port.uuid()}\n${random.word(8)}`
      const salt = random.bytes(random.int(64))
      const ours = hkdfSha256({ key, salt, info: utf8(info), length: 32 })
      const ask = { secret: toHex(key), salt: toHex(salt), info }
      return { kind: 'HKDF', ask, judge: expecting(toHex(ours)) }
    }
    case 19: {
      const salt = random.bytes(16 + random.int(48))
      const iterations = 1 + random.int(50)
      const ours = await pbkdf2HmacSha256({ password: plaintext, salt, iterations, length: 32 })
      const ask = { secret: hex, salt: toHex(salt), iterations }
      return { kind: 'PBKDF2', ask, judge: expecting(toHex(ours)) }
    }
    default:
      return n % 2 === 0 ? ours(key, plaintext, random) : theirs(key, hex, random)
  }
}

function ours(key: Uint8Array, plaintext: Uint8Array, random: Seeded): Trial {
  const token = fernetEncrypt(key, plaintext, { iv: random.bytes(16), timestamp: random.int(2 ** 31) })
  return {
    kind: 'our token',
    ask: { key: toBase64Url(key), open: token },
    judge: expecting(toHex(plaintext)),
  }
}

function theirs(key: Uint8Array, hex: string, random: Seeded): Trial {
  const judge = (token: string | null): string | null => {
    try {
      return toHex(fernetDecrypt(key, token ?? '')) === hex ? null : 'it opens as something else'
    } catch {
      return 'it does not open'
    }
  }
  return { kind: 'their token', ask: { key: toBase64Url(key), seal: hex, time: random.int(2 ** 31) }, judge }
}

if (process.argv[1] === import.meta.filename) {
  const [seed = 0, from = 0, to = 0] = process.argv.slice(2).map(Number)
  console.log(JSON.stringify(await pythonTrials(seed, from, to)))
}
