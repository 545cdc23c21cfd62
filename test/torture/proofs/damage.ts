import { join } from 'node:path'
import * as z from 'zod'
import { damageTrials, salvage } from '../support/damage-trials.ts'
import type { Tally } from '../support/damage-trials.ts'
import { ranges, runScript } from '../support/spread.ts'
import { amount } from '../proof.ts'
import type { Proof } from '../proof.ts'

const script = join(import.meta.dirname, '../support/damage-trials.ts')
const count = z.number()
const Tallied: z.ZodType<Tally> = z.object({
  trials: count,
  wellFormed: count,
  detected: count,
  harmless: count,
  opened: count,
  wrong: count,
  failures: z.array(z.string()),
})

/**
 * One random damage of vault.json per trial, opened with the right key by a device that knows the vault or by one that does not:
 * refused, or the same content to the letter. Then each token on its own, past the MAC: what it always said, or nothing.
 */
export const damages: Proof = {
  number: 4,
  name: 'random damages',
  async run(run) {
    const trials = amount(run, { short: 1500, full: 100_000 })
    run.note(`damages: ${trials}`)
    const all =
      run.form === 'short'
        ? [await damageTrials(run.seed, 0, trials)]
        : await Promise.all(
            ranges(trials).map(async ([from, to]) =>
              Tallied.parse(await runScript(script, [run.seed, from, to])),
            ),
          )
    const sum = (key: Exclude<keyof Tally, 'failures'>): number =>
      all.reduce((total, tally) => total + tally[key], 0)
    const failures = all.flatMap((tally) => tally.failures)
    const wellFormed = sum('wellFormed')
    if (wellFormed * 2 < trials) failures.push(`only ${wellFormed} of ${trials} kept JSON and base64 valid`)
    const readable = salvage === null ? 'undamaged records: not measured' : 'undamaged records all readable'
    return {
      line: `${trials} damages (${Math.round((100 * wellFormed) / trials)} % valid JSON and base64), ${sum('detected')} refused, ${sum('harmless')} without any effect, ${sum('wrong')} undetected or with wrong plaintext (${sum('opened')} tokens opened past the MAC, all right); ${readable}`,
      figures: {
        trials,
        wellFormed,
        detected: sum('detected'),
        harmless: sum('harmless'),
        opened: sum('opened'),
        failures: sum('wrong'),
      },
      failures,
    }
  },
}
