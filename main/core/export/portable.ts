import { toBase64Url, wipe } from '../crypto/bytes.ts'
import { fernetEncrypt } from '../crypto/fernet.ts'
import type { Pbkdf2Input } from '../crypto/pbkdf2.ts'
import { utf8 } from '../crypto/bytes.ts'
import type { Random } from '../ports/random.ts'
import { normaliseNewPassword } from '../vault/password.ts'
import { DEFAULT_ITERATIONS, SLOT_SALT_BYTES } from '../vault/vault-limits.ts'
import { credentialJson } from './exported-credential.ts'
import type { ExportedCredential } from './exported-credential.ts'

export type PortableParts = {
  readonly random: Random
  readonly derive: (input: Pbkdf2Input) => Promise<Uint8Array>
}

/**
 * One credential under a password of its own, as scheme 1 has it: `{"v":0,"kdf":{"name","salt","iterations"},"token"}`, PBKDF2 over the
 * salt's text as its published recipe does, then Fernet. Throws AppError('password-too-short' | 'password-invalid'). The caller wipes the
 * password; the answer is no secret.
 */
export async function portableCredential(
  credential: ExportedCredential,
  password: Uint8Array,
  { random, derive }: PortableParts,
): Promise<Uint8Array> {
  const normal = normaliseNewPassword(password)
  const saltText = toBase64Url(random.bytes(SLOT_SALT_BYTES))
  const kdf = { name: 'pbkdf2-hmac-sha256', salt: saltText, iterations: DEFAULT_ITERATIONS }
  const payload = credentialJson(credential)
  try {
    const { iterations } = kdf
    const key = await derive({ password: normal, salt: utf8(saltText), iterations, length: 32 })
    try {
      const token = fernetEncrypt(key, payload, { iv: random.bytes(16), timestamp: 0 })
      return utf8(`${JSON.stringify({ v: 0, kdf, token })}\n`)
    } finally {
      wipe(key)
    }
  } finally {
    wipe(normal, payload)
  }
}
