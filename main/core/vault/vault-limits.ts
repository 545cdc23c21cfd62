/**
 * Every bound of the vault format in one place (ARCHITECTURE.md, "Vault format"). All of them are checked before a key is
 * derived, so that a hostile file costs a parse and nothing more.
 */

export const FORMAT_VERSION = 1

export const MAX_FILE_BYTES = 64 * 1024 * 1024
export const MAX_HEADER_BYTES = 64 * 1024
export const MAX_RECORDS = 50_000
export const MAX_TOKEN_CHARS = 1024 * 1024
export const MAX_COUNTER = 2 ** 40
export const MAX_SLOTS = 8
export const MAX_HISTORY = 20
/** Newest entries of a history that keep their secret part; older ones keep what lists show. */
export const MAX_SECRET_HISTORY = 5
export const MAX_JSON_DEPTH = 16
/** Older copies of vault.json beside it, `.1` the newest. */
export const GENERATIONS = 3

/** So many records must have been decrypted one by one before the index of this device is written anew. */
export const INDEX_WORTH_RECORDS = 200
/** How long after that it is written: not while a person waits for a list. */
export const INDEX_DELAY_MS = 3_000

export const KEY_BYTES = 32
export const PART_SALT_BYTES = 32
export const SLOT_SALT_BYTES = 16
export const MIN_SLOT_SALT_BYTES = 16
export const MAX_SLOT_SALT_BYTES = 64
/** Payloads are padded with spaces to a multiple of this, so that lengths on disk say little. */
export const PADDING_BYTES = 256

/** What may be read: below, a thief could have weakened the file; above, opening it would be a denial of service. */
export const MIN_READ_ITERATIONS = 100_000
export const MAX_READ_ITERATIONS = 10_000_000
/** What is never gone below when writing, even when a person asks for less. */
export const MIN_WRITE_ITERATIONS = 600_000
/** What is written unless this machine is quick enough for more or a person chose a number. */
export const DEFAULT_ITERATIONS = 1_200_000
export const TARGET_DERIVATION_MS = 250

/**
 * Bounds of each derivation's numbers. `read`: below, a thief could have weakened the file; above, opening it would be a denial of
 * service. `write`: never below what OWASP's password storage sheet asks for (argon2id from 19 MiB and 2 passes, scrypt from 2^17),
 * whoever asks.
 */
export const KDF_BOUNDS = {
  read: {
    pbkdf2: { min: MIN_READ_ITERATIONS, max: MAX_READ_ITERATIONS },
    logN: { min: 14, max: 20 },
    r: { min: 8, max: 16 },
    p: { min: 1, max: 16 },
    memoryKiB: { min: 7_168, max: 1_048_576 },
    passes: { min: 1, max: 10 },
    lanes: { min: 1, max: 16 },
    cost: { min: 10, max: 16 },
  },
  write: {
    pbkdf2: { min: MIN_WRITE_ITERATIONS, max: MAX_READ_ITERATIONS },
    logN: { min: 17, max: 20 },
    memoryKiB: { min: 19_456, max: 1_048_576 },
    passes: { min: 2, max: 10 },
    lanes: { min: 1, max: 16 },
    cost: { min: 12, max: 16 },
  },
} as const
export const MAX_SCRYPT_BYTES = 2 ** 30
/** An unlock estimated above this needs consent. */
export const SLOW_DERIVATION_MS = 5_000

export const MIN_NEW_PASSWORD_BYTES = 12
export const MAX_PASSWORD_BYTES = 1024

export const MAX_GRANT_MS = 90 * 24 * 60 * 60 * 1000
/** How far a clock may be behind the moment a grant was made. */
export const GRANT_CLOCK_SKEW_MS = 10 * 60 * 1000
