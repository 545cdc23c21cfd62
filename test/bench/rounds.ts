/** Something that is measured in turn with its rivals. */
export type Contestant<T> = {
  readonly name: string
  /** One measurement; whatever it needs before and after is its own business and is not counted. */
  readonly measure: () => Promise<T>
}

/** The middle value, or the mean of the two in the middle. Throws for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  if (upper === undefined || lower === undefined) throw new RangeError('median of nothing')
  return (lower + upper) / 2
}

/**
 * Measures all contestants once per round, in reversed order every other round: a machine that gets slower or faster
 * meanwhile then favours nobody. Answers the samples by name, one per round and in the order of rounds.
 */
export async function inRounds<T>(
  contestants: readonly Contestant<T>[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly T[]>> {
  const samples = new Map<string, T[]>(contestants.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, measure } of round % 2 === 0 ? contestants : [...contestants].reverse()) {
      samples.get(name)?.push(await measure())
    }
  }
  return samples
}

/** Ours against theirs, round by round, so that what slowed a whole round slows both sides of one quotient. */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
  const pairs = ours.flatMap((value, round) => {
    const other = theirs[round]
    return other === undefined ? [] : [value / other]
  })
  return median(pairs)
}

/** The same as a difference. */
export function pairedDifference(ours: readonly number[], theirs: readonly number[]): number {
  const pairs = ours.flatMap((value, round) => {
    const other = theirs[round]
    return other === undefined ? [] : [value - other]
  })
  return median(pairs)
}
