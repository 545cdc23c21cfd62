import { DEFAULT_ITERATIONS, MAX_READ_ITERATIONS, TARGET_DERIVATION_MS } from './vault-limits.ts'

const ROUND_TO = 10_000

/**
 * The iterations to write on a machine where `iterations` took `elapsedMs`: about 250 ms of work, at least 1,200,000, at most
 * 10,000,000. A slow machine is never a reason to write fewer.
 */
export function calibratedIterations(iterations: number, elapsedMs: number): number {
  // A clock without resolution would ask for infinitely many.
  const wanted = elapsedMs > 0 ? (iterations * TARGET_DERIVATION_MS) / elapsedMs : DEFAULT_ITERATIONS
  const rounded = Math.ceil(wanted / ROUND_TO) * ROUND_TO
  return Math.min(MAX_READ_ITERATIONS, Math.max(DEFAULT_ITERATIONS, rounded))
}
