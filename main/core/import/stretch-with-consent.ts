import { AppError } from '../../model/app-error.ts'
import type { Stretch } from '../crypto/stretch.ts'
import { SLOW_DERIVATION_MS } from '../vault/vault-limits.ts'
import { refusedFile } from './import-errors.ts'
import type { OpenParts } from './open-rows.ts'

/**
 * Derives the one key of a file, whose numbers were held to bounds before. Throws AppError('slow-kdf') with `details.seconds` when it is
 * estimated over 5 s and nobody agreed. 32 bytes; the caller wipes them.
 */
export async function stretchWithConsent(input: Stretch, parts: OpenParts): Promise<Uint8Array> {
  if (!parts.allowSlowKdf) {
    const milliseconds = await parts.estimateStretchMs(input)
    if (milliseconds > SLOW_DERIVATION_MS)
      throw new AppError('slow-kdf', 'import: slow', {
        details: { seconds: Math.round(milliseconds / 1000) },
      })
  }
  try {
    return await parts.stretch(input)
  } catch {
    throw refusedFile('its key derivation cannot be done on this machine')
  }
}
