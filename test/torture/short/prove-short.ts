import { randomInt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { lineOf } from '../proof.ts'
import type { Proof } from '../proof.ts'

/** A run of the same seed makes the same choices: `TORTURE_SEED=N npm test -- torture`. */
const seed = Number(process.env['TORTURE_SEED'] ?? randomInt(2 ** 31))
/** Against hangs only: these tests share their machine. */
const LIMIT_MS = 600_000

/** The short form of a proof as a test: prints the line of figures that the full form prints. */
export function proveShort(proof: Proof): void {
  describe(`proof ${proof.number}`, () => {
    it(
      `holds: ${proof.name}`,
      async () => {
        const outcome = await proof.run({ form: 'short', scale: 1, hours: 1, seed, note: () => {} })
        console.log(`${lineOf(proof, outcome)} (seed ${seed})`)
        expect(outcome.failures).toEqual([])
      },
      LIMIT_MS,
    )
  })
}
