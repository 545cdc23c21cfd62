import { createHash } from 'node:crypto'
import type { Random } from '../../../main/core/ports/random.ts'

/** Random numbers that are the same for the same seed and labels on every machine. */
export type Seeded = {
  /** An integer from 0 to below `below`. */
  int(below: number): number
  chance(probability: number): boolean
  pick<T>(values: readonly T[]): T
  bytes(length: number): Uint8Array
  /** Lower-case letters and digits. */
  word(length: number): string
  /** The same generator as the product's port. */
  readonly port: Random
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `labels` give each trial a generator of its own, so that one can be repeated without those before it. */
export function createSeeded(seed: number, ...labels: readonly (string | number)[]): Seeded {
  const digest = createHash('sha256')
    .update([seed, ...labels].join('/'))
    .digest()
  let state = [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [number, number, number, number]
  // xoshiro128**, https://prng.di.unimi.it/: for choices of tests, not for keys.
  const next = (): number => {
    const [a, b, c, d] = state
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const third = c ^ a
    const fourth = d ^ b
    state = [a ^ fourth, b ^ third, third ^ (b << 9), rotate(fourth, 11)]
    return result
  }
  const int = (below: number): number => Math.floor((next() / 2 ** 32) * below)
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => next() >>> 24)
  return {
    int,
    chance: (probability) => next() / 2 ** 32 < probability,
    pick(values) {
      const picked = values[int(values.length)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
    bytes,
    word: (length) => Array.from({ length }, () => LETTERS[int(LETTERS.length)]).join(''),
    port: { bytes, uuid: () => uuidOf(bytes(16)) },
  }
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function uuidOf(bytes: Uint8Array): string {
  const raw = Buffer.from(bytes)
  raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x40
  raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80
  return raw.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
