import type { RemoteErrorCode } from '../../model/error-codes.ts'
import { RemoteError } from '../../core/remote/remote-error.ts'
import { StatusError } from './session.ts'

/** How far a connection had come when it failed; the same broken pipe means something else in each. */
export type Stage = 'connecting' | 'handshake' | 'sign-in' | 'open'

/** The parts of an error of ssh2 or of a socket that tell what happened. */
export type ConnectionFailure = {
  readonly level: string | null
  /** A system error name (`ECONNREFUSED`) or an SSH disconnect reason (RFC 4253 section 11.1). */
  readonly code: string | number | null
  readonly message: string
}

export function describeFailure(error: unknown): ConnectionFailure {
  if (!(error instanceof Error)) return { level: null, code: null, message: '' }
  const level = 'level' in error && typeof error.level === 'string' ? error.level : null
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : null
  return { level, code, message: error.message }
}

const disconnect = { tooManyConnections: 12, tooManyFailures: 2, noMoreMethods: 14, badVersion: 8 } as const

/**
 * The code for a connection that could not be made or was lost. A server that hangs up while we sign in, after it has refused
 * something, counts as a refusal: trying again would be a second attempt with the same password.
 */
export function connectionErrorCode(
  failure: ConnectionFailure,
  stage: Stage,
  wasRefused: boolean,
): RemoteErrorCode {
  if (failure.level === 'client-authentication') return 'auth-failed'
  if (failure.level === 'client-timeout') return 'timeout'
  if (failure.level === 'handshake') return handshakeErrorCode(failure.message)
  if (failure.code === disconnect.tooManyConnections) return 'rate-limited'
  if (failure.code === disconnect.badVersion) return 'unsupported'
  if (stage === 'sign-in') {
    const saysRefused =
      failure.code === disconnect.tooManyFailures || failure.code === disconnect.noMoreMethods
    if (wasRefused || saysRefused) return 'auth-failed'
  }
  if (failure.level === 'protocol' && stage !== 'open' && !/connection lost/i.test(failure.message)) {
    return 'unsupported'
  }
  return 'unreachable'
}

/** ssh2 tells the reasons of a failed handshake by text only. */
function handshakeErrorCode(message: string): RemoteErrorCode {
  if (/no matching/i.test(message)) return 'unsupported'
  if (/signature|host denied/i.test(message)) return 'untrusted-server'
  return 'unreachable'
}

/**
 * Version 3 knows 0..8; what is above comes from servers that send codes of later versions (draft-ietf-secsh-filexfer-13,
 * section 9.1).
 */
const statusCodes: Readonly<Record<number, RemoteErrorCode>> = {
  2: 'not-found',
  3: 'permission-denied',
  6: 'unreachable',
  7: 'unreachable',
  8: 'unsupported',
  10: 'not-found',
  11: 'exists',
  12: 'permission-denied',
  14: 'quota-exceeded',
  15: 'quota-exceeded',
  18: 'not-empty',
  19: 'wrong-kind',
  20: 'invalid-name',
  24: 'wrong-kind',
}

/** The code for a status reply. "Failure" (4) says nothing unless its text does: callers look further. */
export function statusErrorCode(status: number, text = ''): RemoteErrorCode {
  if (status === 4 && /no space|quota|disk (is )?full/i.test(text)) return 'quota-exceeded'
  return statusCodes[status] ?? 'server-error'
}

/** Any error as a RemoteError about `operation`; one that already is stays itself. */
export function toRemoteError(error: unknown, operation: string): RemoteError {
  if (error instanceof RemoteError) return error
  if (error instanceof StatusError) {
    return new RemoteError(statusErrorCode(error.status, error.text), `${operation} was refused`, {
      cause: error,
    })
  }
  if (error instanceof Error && error.name === 'ProtocolError') {
    return new RemoteError('server-error', `${operation} got an answer that makes no sense`, { cause: error })
  }
  return new RemoteError('internal', `${operation} failed`, { cause: error })
}

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof StatusError && error.status === status
}
