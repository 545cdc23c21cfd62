import { parseArgs } from 'node:util'

/** How much is done: `quick` only shows that everything works, its figures mean nothing. */
export type Scale = {
  readonly isQuick: boolean
  readonly rounds: number
  readonly smallFiles: number
  readonly bigBytes: number
  readonly credentials: number
}

export type Options = {
  readonly scale: Scale
  /** Names of the lines to measure; empty = all. */
  readonly only: readonly string[]
  readonly json: string | null
}

const mebibyte = 1024 * 1024

/** Reads the command line. Throws TypeError or RangeError, with a sentence for a person, for what it does not understand. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '5' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 99) {
    throw new RangeError('--rounds takes a number from 1 to 99')
  }
  const unknown = values.only.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new RangeError(`unknown line: ${unknown.join(', ')}. There are: ${known.join(', ')}`)
  }
  const isQuick = values.quick
  const scale: Scale = isQuick
    ? { isQuick, rounds: 1, smallFiles: 300, bigBytes: 24 * mebibyte, credentials: 200 }
    : { isQuick, rounds, smallFiles: 10_000, bigBytes: 1024 * mebibyte, credentials: 10_000 }
  return { scale, only: values.only, json: values.json ?? null }
}
