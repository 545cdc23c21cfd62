import { describe, expect, it } from 'vitest'
import {
  connectionErrorCode,
  describeFailure,
  statusErrorCode,
  toRemoteError,
  type Stage,
} from '../../../../main/connectors/sftp/errors.ts'
import { StatusError } from '../../../../main/connectors/sftp/session.ts'
import { ProtocolError } from '../../../../main/connectors/sftp/wire.ts'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'
import type { RemoteErrorCode } from '../../../../main/model/error-codes.ts'

describe('connectionErrorCode', () => {
  const rows: readonly [
    level: string | null,
    code: string | number | null,
    message: string,
    Stage,
    boolean,
    RemoteErrorCode,
  ][] = [
    ['client-socket', 'ECONNREFUSED', '', 'connecting', false, 'unreachable'],
    ['client-socket', 'ENOTFOUND', '', 'connecting', false, 'unreachable'],
    ['client-socket', 'EHOSTUNREACH', '', 'connecting', false, 'unreachable'],
    ['client-socket', 'ECONNRESET', '', 'open', false, 'unreachable'],
    ['client-timeout', null, 'Timed out', 'handshake', false, 'timeout'],
    [
      'handshake',
      null,
      'Handshake failed: no matching key exchange algorithm',
      'handshake',
      false,
      'unsupported',
    ],
    ['handshake', null, 'Handshake failed: no matching host key format', 'handshake', false, 'unsupported'],
    [
      'handshake',
      null,
      'Handshake failed: signature verification failed',
      'handshake',
      false,
      'untrusted-server',
    ],
    ['handshake', null, 'Host denied (verification failed)', 'handshake', false, 'untrusted-server'],
    ['handshake', null, 'Malformed packet', 'handshake', false, 'unreachable'],
    ['protocol', null, 'Connection lost before handshake', 'handshake', false, 'unreachable'],
    ['protocol', null, 'Invalid identification string', 'handshake', false, 'unsupported'],
    [
      'client-authentication',
      null,
      'All configured authentication methods failed',
      'sign-in',
      true,
      'auth-failed',
    ],
    [null, 2, 'Too many authentication failures', 'sign-in', false, 'auth-failed'],
    [null, 14, '', 'sign-in', false, 'auth-failed'],
    [null, null, '', 'sign-in', true, 'auth-failed'],
    [null, null, '', 'sign-in', false, 'unreachable'],
    [null, 12, '', 'sign-in', false, 'rate-limited'],
    [null, 8, '', 'handshake', false, 'unsupported'],
    [null, 11, '', 'open', true, 'unreachable'],
  ]
  it.each(rows)(
    'of level %s, code %s, "%s" while %s (refused: %s) is %s',
    (level, code, message, ...rest) => {
      const [stage, wasRefused, expected] = rest
      expect(connectionErrorCode({ level, code, message }, stage, wasRefused)).toBe(expected)
    },
  )
})

describe('describeFailure', () => {
  it('reads level and code where they are what they should be', () => {
    const error = Object.assign(new Error('m'), { level: 'client-socket', code: 'EPIPE' })
    expect(describeFailure(error)).toEqual({ level: 'client-socket', code: 'EPIPE', message: 'm' })
    expect(describeFailure(Object.assign(new Error('m'), { level: 7, code: {} }))).toMatchObject({
      level: null,
      code: null,
    })
    expect(describeFailure(null)).toEqual({ level: null, code: null, message: '' })
  })
})

describe('statusErrorCode', () => {
  it.each<[number, string, RemoteErrorCode]>([
    [2, '', 'not-found'],
    [3, '', 'permission-denied'],
    [4, 'Failure', 'server-error'],
    [4, 'No space left on device', 'quota-exceeded'],
    [4, 'Disk quota exceeded', 'quota-exceeded'],
    [5, '', 'server-error'],
    [6, '', 'unreachable'],
    [7, '', 'unreachable'],
    [8, '', 'unsupported'],
    [11, '', 'exists'],
    [14, '', 'quota-exceeded'],
    [15, '', 'quota-exceeded'],
    [18, '', 'not-empty'],
    [19, '', 'wrong-kind'],
    [20, '', 'invalid-name'],
    [24, '', 'wrong-kind'],
    [999, '', 'server-error'],
  ])('of %s "%s" is %s', (status, text, code) => {
    expect(statusErrorCode(status, text)).toBe(code)
  })
})

describe('toRemoteError', () => {
  it('keeps a RemoteError as it is', () => {
    const error = new RemoteError('exists', 'x')
    expect(toRemoteError(error, 'write')).toBe(error)
  })

  it('keeps the cause and shows nothing of its text', () => {
    const cause = new StatusError(4, 'secret of the server')
    const error = toRemoteError(cause, 'write')
    expect(error).toMatchObject({ code: 'server-error', cause })
    expect(error.message).not.toContain('secret')
  })

  it('says "server-error" for a broken protocol and "internal" for anything else', () => {
    expect(toRemoteError(new ProtocolError('p'), 'list').code).toBe('server-error')
    expect(toRemoteError(new TypeError('t'), 'list').code).toBe('internal')
    expect(toRemoteError('text', 'list').code).toBe('internal')
  })
})
