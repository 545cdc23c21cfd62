import { describe, expect, it } from 'vitest'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { PasswordRules } from '../../../main/model/generator.ts'
import { createGeneratorService } from '../../../main/services/generator-service.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function setUp() {
  const clock = createFakeClock()
  return { clock, generator: createGeneratorService({ random: nodeRandom, clock }) }
}

describe('createGeneratorService', () => {
  it('hands out copies of a kept secret until it has been stored, then wipes it', () => {
    const { generator } = setUp()
    const { password } = generator.password(PasswordRules.parse({}))
    const token = generator.keep(password)
    const [first, again] = [generator.redeem(token), generator.redeem(token)]
    expect([text(first), first === password]).toEqual([text(again), false])
    generator.useUp([token])
    expect(password.every((byte) => byte === 0)).toBe(true)
    expect(() => generator.redeem(token)).toThrow(AppError)
    expect(first.some((byte) => byte !== 0)).toBe(true)
  })

  it('wipes what no form has stored within a quarter of an hour', async () => {
    const { generator, clock } = setUp()
    const { privateKey } = generator.sshKey('mira')
    const token = generator.keep(privateKey)
    await clock.advance(15 * 60_000 - 1)
    expect(text(generator.redeem(token))).toContain('OPENSSH PRIVATE KEY')
    await clock.advance(1)
    expect(privateKey.every((byte) => byte === 0)).toBe(true)
  })

  it('wipes all of it at a lock', () => {
    const { generator, clock } = setUp()
    const secrets = [1, 2, 3].map(() => generator.password(PasswordRules.parse({})).password)
    for (const secret of secrets) generator.keep(secret)
    generator.forget()
    expect(secrets.every((secret) => secret.every((byte) => byte === 0))).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('keeps a bounded number', () => {
    const { generator } = setUp()
    const tokens = Array.from({ length: 33 }, () => generator.keep(Uint8Array.of(7)))
    expect(() => generator.redeem(tokens[0] ?? '')).toThrow(AppError)
    expect(generator.redeem(tokens[1] ?? '')).toEqual(Uint8Array.of(7))
  })
})
