import { refusedFile } from './import-errors.ts'

export const MAX_IMPORT_BYTES = 16 * 1024 * 1024
export const MAX_IMPORT_ITEMS = 10_000
export const MAX_PARSE_MS = 10_000
/** Reading the clock for each step would cost more than the step. */
const STEPS_PER_LOOK = 256

/** What one file may cost. Whoever reads counts, so that no file can make a reader go on for ever. */
export type ImportBudget = {
  /** Once per line, cell or tag. Throws AppError('import-unreadable') when ten seconds are over. */
  step(): void
  /** Once per entry. Throws AppError('import-unreadable') beyond 10,000. */
  item(): void
  /** The ten seconds begin again, after a derivation that was agreed to. */
  restart(): void
}

/** `monotonic` is the clock port's. */
export function createImportBudget(monotonic: () => number): ImportBudget {
  let started = monotonic()
  let steps = 0
  let items = 0
  return {
    step() {
      steps += 1
      if (steps % STEPS_PER_LOOK === 0 && monotonic() - started > MAX_PARSE_MS)
        throw refusedFile('it takes too long to read')
    },
    item() {
      items += 1
      if (items > MAX_IMPORT_ITEMS) throw refusedFile(`more than ${MAX_IMPORT_ITEMS} entries`)
    },
    restart() {
      started = monotonic()
    },
  }
}
