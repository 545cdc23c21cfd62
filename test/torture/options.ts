import { parseArgs } from 'node:util'

export type Options = {
  /** Numbers of the proofs to run; empty = all. */
  readonly only: readonly number[]
  readonly scale: number
  readonly seed: number
  readonly hours: number
  readonly json: string | null
  readonly form: 'short' | 'full'
}

/** Reads the command line. Throws TypeError or RangeError, with a sentence for a person, for what it does not understand. */
export function readOptions(args: readonly string[], known: readonly number[], freshSeed: number): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      scale: { type: 'string', default: '1' },
      seed: { type: 'string' },
      hours: { type: 'string', default: '1' },
      json: { type: 'string' },
      short: { type: 'boolean', default: false },
    },
  })
  const only = values.only.flatMap((list) => list.split(',')).map(Number)
  const unknown = only.filter((number) => !known.includes(number))
  if (unknown.length > 0) throw new RangeError(`--only takes numbers of proofs: ${known.join(', ')}`)
  const scale = positive('--scale', values.scale)
  const hours = positive('--hours', values.hours)
  const seed = values.seed === undefined ? freshSeed : Number(values.seed)
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError('--seed takes the number that a run has printed')
  return { only, scale, seed, hours, json: values.json ?? null, form: values.short ? 'short' : 'full' }
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 1000)) throw new RangeError(`${option} takes a number above 0, such as 0.1`)
  return value
}
