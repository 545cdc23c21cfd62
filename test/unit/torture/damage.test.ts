import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { damage, isWellFormed } from '../../torture/support/damage.ts'
import { createSeeded } from '../../torture/support/seeded-random.ts'

const current = Uint8Array.from(readFileSync(join(import.meta.dirname, '../../fixtures/vault-1/vault.json')))
const older = Buffer.from(Buffer.from(current).toString().replaceAll('"rev":2', '"rev":3'))
const material = { current, older: [older], foreign: current }

describe('damage', () => {
  it('is the same for the same seed and another for another', () => {
    const of = (seed: number): string =>
      Buffer.from(damage(material, createSeeded(seed), true).bytes).toString('hex')
    expect(of(1)).toBe(of(1))
    expect(new Set([1, 2, 3, 4].map(of)).size).toBe(4)
  })

  it('always damages, leaves most files valid JSON with valid base64, and uses every kind', () => {
    const made = Array.from({ length: 600 }, (_, n) =>
      damage(material, createSeeded(n, 'kinds'), n % 2 === 0),
    )
    expect(made.every(({ bytes }) => Buffer.compare(bytes, current) !== 0)).toBe(true)
    expect(made.filter(({ bytes }) => isWellFormed(bytes)).length).toBeGreaterThan(300)
    expect(new Set(made.map(({ kind }) => kind)).size).toBeGreaterThan(35)
  })

  it('never gives a device that has seen nothing the vault as it once was', () => {
    const made = Array.from({ length: 300 }, (_, n) => damage(material, createSeeded(n, 'fresh'), false))
    expect(made.some(({ bytes }) => Buffer.compare(bytes, older) === 0)).toBe(false)
  })
})
