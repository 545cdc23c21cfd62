import { AppError } from '../../model/app-error.ts'
import {
  DEFAULT_ITERATIONS,
  MAX_READ_ITERATIONS,
  MIN_WRITE_ITERATIONS,
  TARGET_DERIVATION_MS,
} from './vault-limits.ts'

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

/** Checks a number a person asked for: 600,000 to 10,000,000, else AppError('usage'). */
export function checkChosenIterations(iterations: number): number {
  if (
    Number.isInteger(iterations) &&
    iterations >= MIN_WRITE_ITERATIONS &&
    iterations <= MAX_READ_ITERATIONS
  ) {
    return iterations
  }
  throw new AppError('usage', 'iterations out of range', {
    details: { min: MIN_WRITE_ITERATIONS, max: MAX_READ_ITERATIONS },
  })
}
