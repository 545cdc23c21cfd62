import { AppError } from '../model/app-error.ts'
import type { SecretValues } from '../model/credential.ts'
import { readSecretFile } from './password-source.ts'

/**
 * Secret fields as one JSON object of texts on stdin, as UTF-8 bytes that the receiver wipes. The texts between are
 * strings, which cannot be wiped; this process ends right after.
 */
export function readSecretsFromStdin(maxBytes: number): SecretValues {
  const bytes = readSecretFile('-', maxBytes)
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      throw new TypeError('not an object')
    const secrets: SecretValues = {}
    for (const [field, value] of Object.entries(parsed)) {
      if (typeof value !== 'string') throw new TypeError('not a text')
      secrets[field] = new TextEncoder().encode(value)
    }
    return secrets
  } catch {
    // No cause: a parser's message may quote the secret.
    throw new AppError('usage', 'stdin is not a JSON object of texts', { details: { option: '--stdin' } })
  } finally {
    bytes.fill(0)
  }
}
