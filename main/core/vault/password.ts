import { AppError } from '../../model/app-error.ts'
import { fromUtf8, utf8 } from '../crypto/bytes.ts'
import { MAX_PASSWORD_BYTES, MIN_NEW_PASSWORD_BYTES } from './vault-limits.ts'

/**
 * The bytes that are stretched: the password as NFC UTF-8, nothing trimmed. `password` is UTF-8 and stays the caller's; the
 * caller wipes the result too. Throws AppError('password-invalid') for an empty or over-long password (1024 bytes), bytes that
 * are not UTF-8 (an encoded lone surrogate included) and NUL.
 *
 * NFC needs a JavaScript string, which nobody can wipe: it exists only inside this function, and the process that holds it
 * ends with the lock.
 */
export function normalisePassword(password: Uint8Array): Uint8Array {
  if (password.byteLength === 0 || password.byteLength > MAX_PASSWORD_BYTES) throw invalid('length')
  if (password.includes(0)) throw invalid('nul')
  let normal: Uint8Array
  try {
    normal = utf8(fromUtf8(password).normalize('NFC'))
  } catch (cause) {
    throw invalid('encoding', cause)
  }
  if (normal.byteLength <= MAX_PASSWORD_BYTES) return normal
  normal.fill(0)
  throw invalid('length')
}

/** The same for a password about to be set: at least 12 bytes, else AppError('password-too-short'). */
export function normaliseNewPassword(password: Uint8Array): Uint8Array {
  if (password.byteLength === 0) throw tooShort()
  const normal = normalisePassword(password)
  if (normal.byteLength >= MIN_NEW_PASSWORD_BYTES) return normal
  normal.fill(0)
  throw tooShort()
}

function tooShort(): AppError {
  return new AppError('password-too-short', 'new password: too short', {
    details: { minBytes: MIN_NEW_PASSWORD_BYTES },
  })
}

function invalid(rule: string, cause?: unknown): AppError {
  return new AppError('password-invalid', `password: ${rule}`, { cause, details: { rule } })
}
