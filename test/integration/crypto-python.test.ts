import { spawnSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { fromBase64Url, toBase64Url, toHex } from '../../main/core/crypto/bytes.ts'
import { fernetDecrypt, fernetEncrypt } from '../../main/core/crypto/fernet.ts'
import { pythonWithCryptography } from '../helpers/python-peer.ts'

const ROUNDS = 2000
const script = fileURLToPath(new URL('fernet-peer.py', import.meta.url))

type Ask = { key: string; seal: string; time: number } | { key: string; open: string }

/** One process for all questions: starting Python costs more than ten thousand answers. */
function askPython(asks: readonly Ask[]): (string | null)[] {
  const input = asks.map((ask) => `${JSON.stringify(ask)}\n`).join('')
  const child = spawnSync(pythonWithCryptography(), [script], {
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  if (child.status !== 0) throw new Error(child.stderr)
  const lines = child.stdout.trimEnd().split('\n')
  return lines.map((line) => z.string().nullable().parse(JSON.parse(line)))
}

const own = (length: number): Uint8Array => Uint8Array.from(randomBytes(length))
const samples = Array.from({ length: ROUNDS }, (_, round) => ({
  key: own(32),
  plaintext: own(round < 64 ? round : randomInt(2000)),
}))

describe("Python's cryptography", () => {
  it(`opens ${ROUNDS} tokens that we wrote`, () => {
    const answers = askPython(
      samples.map(({ key, plaintext }) => ({
        key: toBase64Url(key),
        open: fernetEncrypt(key, plaintext, { iv: own(16), timestamp: 0 }),
      })),
    )
    expect(answers).toEqual(samples.map(({ plaintext }) => toHex(plaintext)))
  })

  it(`writes ${ROUNDS} tokens that we open`, () => {
    const tokens = askPython(
      samples.map(({ key, plaintext }) => ({
        key: toBase64Url(key),
        seal: toHex(plaintext),
        time: randomInt(2 ** 40),
      })),
    )
    const opened = samples.map(({ key }, at) => toHex(fernetDecrypt(key, tokens[at] ?? '')))
    expect(opened).toEqual(samples.map(({ plaintext }) => toHex(plaintext)))
  })

  it('accepts every damaged token that we accept: we are stricter, never laxer', () => {
    const damaged = samples.map(({ key, plaintext }) => {
      const token = fernetEncrypt(key, plaintext, { iv: own(16), timestamp: 0 })
      const at = randomInt(token.length)
      const inserted = ['', '\n', '=', 'A', '/', '%'][randomInt(6)] ?? ''
      return { key, token: token.slice(0, at) + inserted + token.slice(at + randomInt(3)) }
    })
    const theirs = askPython(damaged.map(({ key, token }) => ({ key: toBase64Url(key), open: token })))
    let accepted = 0
    damaged.forEach(({ key, token }, at) => {
      let ours: string
      try {
        ours = toHex(fernetDecrypt(key, token))
      } catch {
        return
      }
      accepted++
      expect(theirs[at]).toBe(ours)
      expect(toBase64Url(fromBase64Url(token))).toBe(token)
    })
    expect(accepted).toBeLessThan(ROUNDS / 2)
  })
})
