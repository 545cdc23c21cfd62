import type { ImportProblem } from '../../model/import.ts'
import { toBase64Url } from '../crypto/bytes.ts'
import {
  MAX_READ_ITERATIONS,
  MAX_SLOT_SALT_BYTES,
  MIN_READ_ITERATIONS,
  MIN_SLOT_SALT_BYTES,
} from '../vault/vault-limits.ts'
import { decodeBase64 } from './import-text.ts'

/** What a row says of the server besides its secret; each may be missing. */
export type RowFacts = {
  readonly name?: string | undefined
  readonly protocol?: string | undefined
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly user?: string | undefined
}

/** One secret under its own password-derived key, before anything is derived. */
export type SealedRow = {
  readonly facts: RowFacts
  /** Null when something about it is wrong: `problem` says what, and nothing is derived for it. */
  readonly lock: RowLock | null
  readonly problem: ImportProblem | null
}

export type RowLock = {
  readonly iterations: number
  /** As it is written: some feed this text to PBKDF2, others the bytes it stands for. */
  readonly saltText: string
  /** Null when the text is no base64, so that only the text can have been meant. */
  readonly salt: Uint8Array | null
  /** Canonical base64url. */
  readonly token: string
}

/** Values of a row as a file holds them. */
export type RowValues = {
  readonly algorithm: string | undefined
  readonly iterations: string | number | undefined
  readonly salt: string | undefined
  readonly token: string | undefined
}

const algorithms = ['pbkdf2sha256', 'pbkdf2hmacsha256']
const FERNET_VERSION = 0x80
const MIN_TOKEN_BYTES = 73
/** A secret of 64 KiB as a token. */
const MAX_TOKEN_CHARS = 90_000

/**
 * Checks a row before any derivation, by the bounds of a vault's own header: 100,000 to 10,000,000 iterations, 16 to 64 bytes
 * of salt. A hostile row costs its parse and nothing more.
 */
export function sealedRow(facts: RowFacts, values: RowValues): SealedRow {
  const refuse = (problem: ImportProblem): SealedRow => ({ facts, lock: null, problem })
  if (values.algorithm === undefined || values.salt === undefined || values.token === undefined)
    return refuse('bad-entry')
  if (
    !algorithms.includes(
      values.algorithm
        .slice(0, 40)
        .toLowerCase()
        .replace(/[\s_-]/g, ''),
    )
  )
    return refuse('kdf-unknown')
  const iterations = iterationsOf(values.iterations)
  const saltText = values.salt.trim()
  const salt = saltText.length > 2 * MAX_SLOT_SALT_BYTES ? null : decodeBase64(saltText)
  if (iterations === null || !isSaltInBounds(saltText, salt)) return refuse('kdf-bounds')
  const token = tokenOf(values.token)
  if (token === null) return refuse('bad-secret')
  return { facts, lock: { iterations, saltText, salt, token }, problem: null }
}

function iterationsOf(value: string | number | undefined): number | null {
  const text = String(value ?? '')
    .slice(0, 40)
    .trim()
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0
  return number >= MIN_READ_ITERATIONS && number <= MAX_READ_ITERATIONS ? number : null
}

function isSaltInBounds(text: string, salt: Uint8Array | null): boolean {
  const length = salt?.byteLength ?? text.length
  return length >= MIN_SLOT_SALT_BYTES && length <= MAX_SLOT_SALT_BYTES && text.isWellFormed()
}

/** What has the form of a Fernet token; null for the rest, which no key can open. */
function tokenOf(given: string): string | null {
  if (given.length > MAX_TOKEN_CHARS) return null
  const raw = decodeBase64(given.trim())
  if (raw === null || raw.byteLength < MIN_TOKEN_BYTES || raw[0] !== FERNET_VERSION) return null
  return toBase64Url(raw)
}
