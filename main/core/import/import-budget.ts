import { refusedFile } from './import-errors.ts'

export const MAX_IMPORT_BYTES = 16 * 1024 * 1024
export const MAX_IMPORT_ITEMS = 10_000
export const MAX_PARSE_MS = 10_000
/** Parts of one file, a fraction of a microsecond each: ten thousand entries as KeePassXC writes them have a third of that. */
export const MAX_IMPORT_STEPS = 4_000_000
/** Of a file that is read by lines: ten thousand entries of fifty. */
export const MAX_IMPORT_LINES = 500_000
/** Reading the clock for each step would cost more than the step. */
const STEPS_PER_LOOK = 256

/** What one file may cost. Whoever reads counts, so that no file can make a reader go on for ever. */
export type ImportBudget = {
  /**
   * Once per line, cell or tag, or with `cost` for what takes as long as so many. Throws AppError('import-unreadable') beyond four million, so
   * that what a file may cost does not hang on the speed of the machine, and when ten seconds are over.
   */
  step(cost?: number): void
  /** Once per entry. Throws AppError('import-unreadable') beyond 10,000. */
  item(): void
  /** The ten seconds begin again, after a derivation that was agreed to. */
  restart(): void
}

/** `monotonic` is the clock port's. */
export function createImportBudget(monotonic: () => number): ImportBudget {
  let started = monotonic()
  let steps = 0
  let looked = 0
  let items = 0
  return {
    step(cost = 1) {
      steps += cost
      if (steps > MAX_IMPORT_STEPS) throw refusedFile('it has too many parts')
      if (steps - looked < STEPS_PER_LOOK) return
      looked = steps
      if (monotonic() - started > MAX_PARSE_MS) throw refusedFile('it takes too long to read')
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
