import { deriveKey } from '../../main/core/crypto/kdf.ts'
import type { KdfInput } from '../../main/core/crypto/kdf.ts'

/** About one thousandth of the work: the rules under test do not depend on the number, and the whole set stays quick. */
export function quickDerive(input: KdfInput): Promise<Uint8Array> {
  switch (input.name) {
    case 'pbkdf2-hmac-sha256':
      return deriveKey({ ...input, iterations: Math.ceil(input.iterations / 1000) })
    case 'scrypt':
      return deriveKey({ ...input, logN: input.logN - 10 })
    case 'argon2id':
      return deriveKey({ ...input, memoryKiB: Math.ceil(input.memoryKiB / 500), iterations: 1 })
    case 'bcrypt':
      return deriveKey({ ...input, cost: input.cost - 8 })
  }
}
