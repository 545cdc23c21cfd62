import { describe, expect, it } from 'vitest'
import { nodeRandom } from '../../../../main/adapters/node-random.ts'
import { entropyBits, generatePassword } from '../../../../main/core/generate/generate-password.ts'
import { PasswordRules } from '../../../../main/model/generator.ts'

const rules = (changes: Partial<PasswordRules> = {}): PasswordRules => PasswordRules.parse(changes)
const text = (changes: Partial<PasswordRules> = {}): string =>
  new TextDecoder().decode(generatePassword(rules(changes), nodeRandom).password)
const only = { lower: false, upper: false, digits: false, symbols: false }

describe('generatePassword', () => {
  it('is as long as asked for and has a character of every class', () => {
    for (const length of [12, 20, 128]) {
      for (let round = 0; round < 50; round += 1) {
        const password = text({ length })
        expect(password).toHaveLength(length)
        for (const one of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) expect(password).toMatch(one)
      }
    }
  })

  it('holds nothing but the classes that are chosen', () => {
    expect(text({ ...only, digits: true })).toMatch(/^[0-9]{20}$/)
    expect(text({ symbols: false, length: 128 })).toMatch(/^[a-zA-Z0-9]{128}$/)
  })

  it('leaves out look-alikes when asked to', () => {
    const many = Array.from({ length: 50 }, () => text({ lookAlikes: false, length: 128 })).join('')
    expect(many).not.toMatch(/[Il1|O0o]/)
  })

  it('throws away bytes that would make some characters likelier', () => {
    // 250 of 256 are the whole multiples of ten digits: 255 must be drawn again, not become a 5.
    const bytes = [255, 250, 7, ...Array.from({ length: 11 }, () => 3)]
    const random = { ...nodeRandom, bytes: () => Uint8Array.of(bytes.shift() ?? 0) }
    const { password } = generatePassword(rules({ ...only, digits: true, length: 12 }), random)
    expect(new TextDecoder().decode(password)).toBe('733333333333')
  })

  it('makes every character of an alphabet about equally often', () => {
    const counts = new Map<string, number>()
    for (let round = 0; round < 400; round += 1)
      for (const char of text({ ...only, lower: true, length: 128 }))
        counts.set(char, (counts.get(char) ?? 0) + 1)
    // 51,200 draws of 26: mean 1,969, standard deviation 44; seven of them happen to nobody.
    expect(counts.size).toBe(26)
    for (const count of counts.values()) expect(Math.abs(count - 1969)).toBeLessThan(310)
  })
})

describe('entropyBits', () => {
  it('counts the passwords that could have come out', () => {
    expect(entropyBits(rules({ ...only, digits: true, length: 12 }))).toBeCloseTo(12 * Math.log2(10), 6)
    // All 36^12 but those of letters or digits only.
    const both = Math.log2(36 ** 12 - 26 ** 12 - 10 ** 12)
    expect(entropyBits(rules({ ...only, lower: true, digits: true, length: 12 }))).toBeCloseTo(both, 6)
  })

  it('stays exact where numbers are larger than a double holds', () => {
    expect(entropyBits(rules({ ...only, lower: true, length: 128 }))).toBeCloseTo(128 * Math.log2(26), 6)
    expect(entropyBits(rules())).toBeGreaterThan(128)
  })
})

describe('PasswordRules', () => {
  it('refuses no class, and lengths below 12 and above 128', () => {
    for (const bad of [{ ...only }, { length: 11 }, { length: 129 }, { length: 20.5 }])
      expect(PasswordRules.safeParse(bad).success).toBe(false)
  })
})
