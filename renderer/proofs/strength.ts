/** What a meter shows: 0 (very weak) to 4 (strong), and the kind of weakness when there is one. */
export type Strength = {
  readonly score: 0 | 1 | 2 | 3 | 4
  readonly hint: 'common' | 'repeat' | 'sequence' | 'dates' | 'more' | null
}

export type StrengthMeter = (password: string) => Strength

const hintOf: Readonly<Record<string, Strength['hint']>> = {
  dictionary: 'common',
  repeat: 'repeat',
  sequence: 'sequence',
  spatial: 'sequence',
  date: 'dates',
  regex: 'dates',
}

/** Beyond this a guess takes no longer, but the estimate does: its time grows with the square of the length. */
const LONGEST = 100

/** Loads the estimator, about a megabyte of word lists, only when a password is being chosen. */
export async function loadStrengthMeter(): Promise<StrengthMeter> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ])
  const estimator = new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  })
  return (password) => {
    const { score, sequence } = estimator.check(password.slice(0, LONGEST))
    if (score >= 3) return { score, hint: null }
    const longest = sequence.toSorted((a, b) => b.token.length - a.token.length)[0]
    return { score, hint: hintOf[longest?.pattern ?? ''] ?? 'more' }
  }
}
