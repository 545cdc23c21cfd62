import type { PasswordRules } from '../../model/generator.ts'
import type { Random } from '../ports/random.ts'

type ClassName = 'lower' | 'upper' | 'digits' | 'symbols'

/** Without quotes, backslash, backtick and space, which shells and forms treat in ways of their own. */
const classes: Readonly<Record<ClassName, string>> = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  symbols: '!#$%&()*+,-./:;<=>?@[]^_{|}~',
}
const lookAlikes = 'Il1|O0o'

/** `password` is ASCII, wiped by the caller. `bits` is the logarithm of how many passwords could have come out. */
export type GeneratedPassword = { readonly password: Uint8Array; readonly bits: number }

/**
 * A password by these rules, every one that fits them equally likely: characters by rejection sampling, and the whole drawn
 * anew while a class is missing (placing one of each would favour some).
 */
export function generatePassword(rules: PasswordRules, random: Random): GeneratedPassword {
  const chosen = chosenClasses(rules)
  const alphabet = new TextEncoder().encode(chosen.join(''))
  const classOf = Uint8Array.from(chosen.flatMap((text, at) => [...text].map(() => 1 << at)))
  const password = new Uint8Array(rules.length)
  for (let found = 0; found !== (1 << chosen.length) - 1;) {
    found = 0
    for (let at = 0; at < password.length; at += 1) {
      const index = pick(alphabet.length, random)
      password[at] = alphabet[index] ?? 0
      found |= classOf[index] ?? 0
    }
  }
  return { password, bits: entropyBits(rules) }
}

/** Bits of a password by these rules: log2 of the number of texts of this length in which every chosen class occurs. */
export function entropyBits(rules: PasswordRules): number {
  const sizes = chosenClasses(rules).map((text) => text.length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  // Inclusion and exclusion over the classes that do not occur.
  let count = 0n
  for (let missing = 0; missing < 1 << sizes.length; missing += 1) {
    const left = sizes.reduce((sum, size, at) => ((missing >> at) & 1 ? sum - size : sum), total)
    const sign = bitCount(missing) % 2 === 0 ? 1n : -1n
    count += sign * BigInt(left) ** BigInt(rules.length)
  }
  return log2(count)
}

function chosenClasses(rules: PasswordRules): readonly string[] {
  const names: readonly ClassName[] = ['lower', 'upper', 'digits', 'symbols']
  const texts = names.filter((name) => rules[name]).map((name) => classes[name])
  if (rules.lookAlikes) return texts
  return texts.map((text) => [...text].filter((char) => !lookAlikes.includes(char)).join(''))
}

/** A number below `limit` (at most 256), each equally likely: bytes above the last whole multiple are thrown away. */
function pick(limit: number, random: Random): number {
  const bound = Math.floor(256 / limit) * limit
  for (;;) {
    const [byte = 0] = random.bytes(1)
    if (byte < bound) return byte % limit
  }
}

function bitCount(value: number): number {
  return [...value.toString(2)].filter((digit) => digit === '1').length
}

/** Of a number too large for a double: 52 bits of it are looked at, the rest is counted. */
function log2(value: bigint): number {
  const shift = Math.max(0, value.toString(2).length - 52)
  return shift + Math.log2(Number(value >> BigInt(shift)))
}
