import { describe, expect, it } from 'vitest'
import { remoteCases } from './cases/index.ts'
import { knownFailures } from './known-failures.ts'
import type { KnownFailure } from './known-failures.ts'
import { runCase } from './suite.ts'
import type { FailureProbes, Place } from './suite.ts'

export type DescribeRemoteOptions = {
  /** Ways to provoke failures; without one its cases are skipped. */
  readonly probes?: FailureProbes
  /** Replaces the list of known failures; for tests of the suite. */
  readonly known?: readonly KnownFailure[]
  /** Per case, in milliseconds. */
  readonly timeoutMs?: number
}

/**
 * Registers the conformance suite for one remote. `openPlace` gives a fresh, empty, existing folder per case. Cases skip
 * by features, missing optional methods and missing probes only; a connector cannot name a case to skip.
 */
export function describeRemote(
  name: string,
  openPlace: () => Promise<Place>,
  options: DescribeRemoteOptions = {},
): void {
  const { probes = {}, known = knownFailures, timeoutMs = 30_000 } = options
  describe(`remote ${name}`, () => {
    for (const testCase of remoteCases) {
      const failure = known.find((item) => item.remote === name && item.case === testCase.name)
      it(`${testCase.group}: ${testCase.name}`, { timeout: timeoutMs }, async (context) => {
        const work = runCase(testCase, openPlace, probes)
        if (failure !== undefined) {
          await expect(work, `listed as failing (${failure.reason}) and passes`).rejects.toThrow()
          return
        }
        const { ran } = await work
        context.skip(!ran, 'the remote does not have what this case is about')
      })
    }
  })
}
