/** How much is done, and from which seed every random choice comes. */
export type Run = {
  readonly form: 'short' | 'full'
  /** Multiplies the amounts of the full form. */
  readonly scale: number
  readonly seed: number
  /** How long what has no natural end goes on, in the full form. */
  readonly hours: number
  /** Says what is being done, for the person who waits. */
  readonly note: (text: string) => void
}

export type Outcome = {
  /** The figures as a sentence: `10000 kills, 0 acknowledged writes lost`. */
  readonly line: string
  readonly figures: Readonly<Record<string, number>>
  /** What contradicts the claim, one sentence each with what it takes to see it again; empty = proven. */
  readonly failures: readonly string[]
}

export type Proof = {
  readonly number: number
  readonly name: string
  /** Debian packages that it needs. */
  readonly packages?: readonly string[]
  readonly run: (run: Run) => Promise<Outcome>
}

/** How often: the short number, or the full one times the scale, at least once. */
export function amount(run: Run, { short, full }: { readonly short: number; readonly full: number }): number {
  return run.form === 'short' ? short : Math.max(1, Math.round(full * run.scale))
}

/** The line that both forms print. */
export function lineOf({ number, name }: Proof, { line }: Outcome): string {
  return `proof ${number} ${name}: ${line}`
}

const MOST_TOLD = 20

/** Failures found so far; beyond twenty only their number matters. */
export function createFailures(): {
  add: (text: string) => void
  all: () => readonly string[]
  count: () => number
} {
  const told: string[] = []
  let count = 0
  return {
    add: (text) => {
      count += 1
      if (told.length < MOST_TOLD && !told.includes(text)) told.push(text)
    },
    all: () => (count > told.length ? [...told, `... and ${count - told.length} more`] : told),
    count: () => count,
  }
}

/** The code of what a call threw, null when it did not; `!` and the text for anything that is no error of ours. */
export async function codeOf(call: Promise<unknown>): Promise<string | null> {
  try {
    await call
    return null
  } catch (error) {
    return describeError(error)
  }
}

export function describeError(error: unknown): string {
  if (error instanceof Error && error.name === 'AppError' && 'code' in error) return String(error.code)
  return `!${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
