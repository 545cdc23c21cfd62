import { toHex, wipe } from '../core/crypto/bytes.ts'
import { generatePassword } from '../core/generate/generate-password.ts'
import type { GeneratedPassword } from '../core/generate/generate-password.ts'
import { generateSshKey } from '../core/generate/generate-ssh-key.ts'
import type { GeneratedKey } from '../core/generate/generate-ssh-key.ts'
import { AppError } from '../model/app-error.ts'
import type { PasswordRules } from '../model/generator.ts'
import type { ServicePorts } from './service-ports.ts'

/**
 * Secrets made here. For a page they are kept on this side under a token until a form is stored, so that nobody sees what
 * nobody asked to see.
 */
export type GeneratorService = {
  /** The caller wipes the password. */
  password(rules: PasswordRules): GeneratedPassword
  /** The caller wipes the private key. */
  sshKey(comment: string): GeneratedKey
  /** Keeps a secret for a form that is still open, for a quarter of an hour at most. Takes it over; answers its token. */
  keep(secret: Uint8Array): string
  /** A copy, which the caller wipes; the token stays good. Throws AppError('bad-request') for one that is unknown or over. */
  redeem(token: string): Uint8Array
  /** Wipes what has been stored. */
  useUp(tokens: Iterable<string>): void
  /** Wipes all that is kept; for a lock. */
  forget(): void
}

const keptForMs = 15 * 60_000
/** Forgotten beyond this number: a form asks anew for each try. */
const maxKept = 32

export function createGeneratorService({
  random,
  clock,
}: Pick<ServicePorts, 'random' | 'clock'>): GeneratorService {
  const kept = new Map<string, { readonly secret: Uint8Array; readonly stop: () => void }>()
  const drop = (token: string): void => {
    const found = kept.get(token)
    if (found === undefined) return
    kept.delete(token)
    found.stop()
    wipe(found.secret)
  }
  return {
    password: (rules) => generatePassword(rules, random),
    sshKey: (comment) => generateSshKey(comment, random),
    keep(secret) {
      const token = toHex(random.bytes(16))
      kept.set(token, { secret, stop: clock.setTimer(keptForMs, () => drop(token)) })
      const [oldest] = kept.keys()
      if (kept.size > maxKept && oldest !== undefined) drop(oldest)
      return token
    },
    redeem(token) {
      const found = kept.get(token)
      if (found === undefined) throw new AppError('bad-request', 'unknown token of a generated secret')
      return Uint8Array.from(found.secret)
    },
    useUp(tokens) {
      for (const token of tokens) drop(token)
    },
    forget() {
      for (const token of [...kept.keys()]) drop(token)
    },
  }
}
