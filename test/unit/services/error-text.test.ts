import { describe, expect, it } from 'vitest'
import { RemoteError } from '../../../main/core/remote/remote-error.ts'
import { errorMessages } from '../../../main/messages/en/errors.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { describeError, toWireError } from '../../../main/services/error-text.ts'

describe('toWireError', () => {
  it('carries code, sentence, cure and facts, and not the words for the log', () => {
    const error = new AppError('throttled', 'unlock: too soon', { details: { retryAfterMs: 900 } })
    expect(toWireError(error)).toEqual({
      code: 'throttled',
      message: errorMessages.throttled.sentence,
      help: errorMessages.throttled.cure,
      details: { retryAfterMs: 900 },
    })
  })

  it('carries the fingerprint of a server that is not trusted', () => {
    const error = new RemoteError('untrusted-server', 'other key', { fingerprint: 'SHA256:x' })
    expect(toWireError(error)).toMatchObject({
      code: 'untrusted-server',
      details: { fingerprint: 'SHA256:x' },
    })
    expect(toWireError(new RemoteError('timeout', 'x')).details).toEqual({})
  })

  it.for([new Error('password=hunter2'), 'hunter2', null, { code: 'auth-failed', message: 'hunter2' }])(
    'says of %j only that something failed inside',
    (thrown) => {
      const wire = toWireError(thrown)
      expect(wire.code).toBe('internal')
      expect(JSON.stringify(wire)).not.toContain('hunter2')
    },
  )
})

describe('describeError', () => {
  it('keeps the code of our errors', () => {
    expect(describeError(new AppError('busy', 'x', { details: { pid: 7 } }))).toEqual({
      code: 'busy',
      details: { pid: 7 },
    })
  })
})
