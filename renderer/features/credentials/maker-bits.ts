/** What a person chooses of a new password. */
export type MakerRules = {
  length: number
  lower: boolean
  upper: boolean
  digits: boolean
  symbols: boolean
  lookAlikes: boolean
}

/** Size of each class of the main side, and how many of it look like others. */
const sizes = { lower: [26, 2], upper: [26, 2], digits: [10, 2], symbols: [28, 1] } as const

export const makerClasses = ['lower', 'upper', 'digits', 'symbols'] as const

/** About how strong a password by these rules is, while they are being chosen; the made one says it exactly. */
export function expectedBits(rules: MakerRules): number {
  const alphabet = makerClasses
    .filter((name) => rules[name])
    .reduce((sum, name) => sum + sizes[name][0] - (rules.lookAlikes ? 0 : sizes[name][1]), 0)
  return alphabet === 0 ? 0 : rules.length * Math.log2(alphabet)
}
