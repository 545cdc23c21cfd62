import { join } from 'node:path'
import * as z from 'zod'
import { damageTrials } from '../support/damage-trials.ts'
import type { Tally } from '../support/damage-trials.ts'
import { sumOf } from '../support/damage-salvage.ts'
import type { Salvaged } from '../support/damage-salvage.ts'
import { ranges, runScript } from '../support/spread.ts'
import { amount } from '../proof.ts'
import type { Proof } from '../proof.ts'

const script = join(import.meta.dirname, '../support/damage-trials.ts')
const count = z.number()
const Salvages: z.ZodType<Salvaged> = z.object({
  untouched: count,
  readable: count,
  touched: count,
  named: count,
  restored: count,
  untold: count,
  shut: count,
})
const Tallied: z.ZodType<Tally> = z.object({
  trials: count,
  wellFormed: count,
  detected: count,
  harmless: count,
  opened: count,
  copied: Salvages,
  alone: Salvages,
  wrong: count,
  failures: z.array(z.string()),
})

/**
 * One random damage of vault.json per trial, opened with the right key by a device that knows the vault or by one that does not:
 * refused, or the same content to the letter. Each token on its own, past the MAC, says what it always said, or nothing. Then each
 * refused file is repaired as `vault verify --repair` does, with its older copies and without: what the damage left alone is
 * readable, what it did not is named.
 */
export const damages: Proof = {
  number: 4,
  name: 'random damages',
  async run(run) {
    const trials = amount(run, { short: 500, full: 100_000 })
    run.note(`damages: ${trials}`)
    const all =
      run.form === 'short'
        ? [await damageTrials(run.seed, 0, trials)]
        : await Promise.all(
            ranges(trials).map(async ([from, to]) =>
              Tallied.parse(await runScript(script, [run.seed, from, to])),
            ),
          )
    const sum = (key: Exclude<keyof Tally, 'failures' | 'copied' | 'alone'>): number =>
      all.reduce((total, tally) => total + tally[key], 0)
    const failures = all.flatMap((tally) => tally.failures)
    const wellFormed = sum('wellFormed')
    if (wellFormed * 2 < trials) failures.push(`only ${wellFormed} of ${trials} kept JSON and base64 valid`)
    const copied = sumOf(all.map((tally) => tally.copied))
    const alone = sumOf(all.map((tally) => tally.alone))
    return {
      line: `${trials} damages (${Math.round((100 * wellFormed) / trials)} % valid JSON and base64), ${sum('detected')} refused, ${sum('harmless')} without any effect, ${sum('wrong')} undetected or with wrong plaintext (${sum('opened')} tokens opened past the MAC, all right); ${told(copied)}; without any copy ${told(alone)}`,
      figures: {
        trials,
        wellFormed,
        detected: sum('detected'),
        harmless: sum('harmless'),
        opened: sum('opened'),
        ...prefixed('copied', copied),
        ...prefixed('alone', alone),
        failures: sum('wrong'),
      },
      failures,
    }
  },
}

function told({ untouched, readable, touched, named, restored, untold, shut }: Salvaged): string {
  return `${readable} of ${untouched} undamaged records readable, ${named} of ${touched} damaged named (of ${untold} nothing can tell), ${restored} restored from copies, ${shut} files of a newer program or without a slot`
}

function prefixed(of: string, salvaged: Salvaged): Record<string, number> {
  return Object.fromEntries(Object.entries(salvaged).map(([name, value]) => [`${of}.${name}`, value]))
}
