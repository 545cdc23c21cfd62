/**
 * Every error code of the product with what the engine does about it and how the CLI ends.
 * One table, so that a new code cannot exist without a reaction and an exit code; the sentence for people is in
 * `messages/en/errors.ts`, typed over these keys.
 */

/** What a run does next. `retry` ends as `skip` when the attempts run out. */
export type Reaction = 'retry' | 'skip' | 'stop'

/** Exit codes of the CLI. Several reasons in one run: the first of 7, 5, 4, 3, 6, 11, 8, 10, 1 wins. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 130 | 143

type Row = { readonly reaction: Reaction; readonly exit: ExitCode }

const row = (reaction: Reaction, exit: ExitCode): Row => ({ reaction, exit })

/** Codes a connector may report. */
export const remoteErrorTable = {
  'not-found': row('skip', 1),
  'wrong-kind': row('skip', 1),
  exists: row('skip', 1),
  'not-empty': row('skip', 1),
  'invalid-name': row('skip', 1),
  'too-large': row('skip', 1),
  'source-changed': row('skip', 1),
  'permission-denied': row('skip', 1),
  integrity: row('retry', 1),
  unreachable: row('retry', 8),
  timeout: row('retry', 8),
  'rate-limited': row('retry', 8),
  'server-error': row('retry', 1),
  'auth-failed': row('stop', 4),
  'certificate-unusable': row('stop', 4),
  'untrusted-server': row('stop', 5),
  'quota-exceeded': row('stop', 11),
  unsupported: row('stop', 2),
  closed: row('stop', 8),
  cancelled: row('stop', 130),
  internal: row('stop', 10),
} as const satisfies Record<string, Row>

/** Codes of everything that is not a connector. */
export const appErrorTable = {
  usage: row('stop', 2),
  'unknown-name': row('stop', 2),
  'name-taken': row('stop', 2),
  'bad-request': row('stop', 2),
  forbidden: row('stop', 10),
  'no-vault': row('stop', 2),
  'vault-exists': row('stop', 2),
  'password-too-short': row('stop', 2),
  'password-invalid': row('stop', 2),
  'in-use': row('stop', 2),
  'other-device': row('stop', 2),
  'unsafe-root': row('stop', 2),
  'limit-reached': row('stop', 2),
  'home-unusable': row('stop', 10),
  locked: row('stop', 3),
  'wrong-password': row('stop', 3),
  throttled: row('stop', 3),
  'key-file-needed': row('stop', 3),
  'key-file-invalid': row('stop', 2),
  'recovery-key-invalid': row('stop', 2),
  'recovery-key-mistyped': row('stop', 2),
  'slot-missing': row('stop', 2),
  'last-slot': row('stop', 2),
  'slots-left': row('stop', 2),
  'slow-kdf': row('stop', 3),
  'no-grant': row('stop', 3),
  'needs-sign-in': row('stop', 4),
  'unpinned-server': row('stop', 5),
  'guard-stopped': row('stop', 6),
  'root-missing': row('stop', 6),
  'root-replaced': row('stop', 6),
  'unread-folder': row('skip', 1),
  'twin-names': row('skip', 1),
  'stale-item': row('skip', 1),
  'conflict-kept': row('skip', 1),
  'vault-damaged': row('stop', 7),
  'vault-missing': row('stop', 7),
  'vault-changed': row('stop', 7),
  'vault-newer': row('stop', 7),
  busy: row('stop', 9),
  'already-running': row('stop', 9),
  'worker-crashed': row('stop', 10),
  'no-space': row('stop', 11),
  'import-unreadable': row('stop', 2),
  'keychain-unavailable': row('stop', 3),
  'keychain-locked': row('stop', 3),
  'keychain-denied': row('stop', 3),
} as const satisfies Record<string, Row>

export type RemoteErrorCode = keyof typeof remoteErrorTable
export type AppErrorCode = keyof typeof appErrorTable
export type ErrorCode = RemoteErrorCode | AppErrorCode

const table: Readonly<Record<ErrorCode, Row>> = { ...remoteErrorTable, ...appErrorTable }

export const errorCodes = Object.keys(table) as readonly ErrorCode[]

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(table, value)
}

export function reactionOf(code: ErrorCode): Reaction {
  return table[code].reaction
}

export function exitCodeOf(code: ErrorCode): ExitCode {
  return table[code].exit
}

const severity: readonly ExitCode[] = [143, 130, 9, 2, 7, 5, 4, 3, 6, 11, 8, 10, 1, 0]

/** The exit code of several ends at once; 0 for none. */
export function mostSerious(exits: Iterable<ExitCode>): ExitCode {
  const all = new Set(exits)
  return severity.find((exit) => all.has(exit)) ?? 0
}

/** The exit code of several reasons at once; 0 for none. */
export function worstExitCode(codes: Iterable<ErrorCode>): ExitCode {
  return mostSerious([...codes].map(exitCodeOf))
}
