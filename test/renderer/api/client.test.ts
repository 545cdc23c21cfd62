import { reactive } from 'vue'
import { describe, expect, it } from 'vitest'
import type { Api } from '../../../main/contract/api.ts'
import { ApiError } from '../../../renderer/api/api-error.ts'
import { createClient } from '../../../renderer/api/client.ts'
import { createFakeApi } from '../../../renderer/api/fake-api.ts'

function apiThatAnswers(answer: (input: unknown) => Promise<unknown>): Api {
  const real = createFakeApi({ scenario: 'filled', latencyMs: 0 })
  // Only the one call under test is replaced, by one that may answer anything.
  return { ...real, call: { ...real.call, 'jobs.remove': answer as Api['call']['jobs.remove'] } }
}

const id = 'a0000000-0000-4000-8000-000000000001'

describe('createClient', () => {
  it('answers the value of a result', async () => {
    const done = { id, name: 'Documents', rev: 2 }
    const client = createClient(apiThatAnswers(() => Promise.resolve({ ok: true, value: done })))
    await expect(client.call('jobs.remove', { id })).resolves.toEqual(done)
  })

  it('throws an error with code, sentence, help and details', async () => {
    const error = { code: 'throttled', message: 'Too many.', help: 'Wait.', details: { retryAfterMs: 4000 } }
    const client = createClient(apiThatAnswers(() => Promise.resolve({ ok: false, error })))
    const thrown = await client.call('jobs.remove', { id }).catch((each: unknown) => each)
    expect(thrown).toBeInstanceOf(ApiError)
    expect(thrown).toMatchObject(error)
  })

  it('turns a broken bridge into a sentence for people and keeps the cause', async () => {
    const cause = new Error('Error invoking remote method')
    const client = createClient(apiThatAnswers(() => Promise.reject(cause)))
    await expect(client.call('jobs.remove', { id })).rejects.toMatchObject({
      code: 'internal',
      message: 'Something failed inside Fernsync.',
      cause,
    })
  })

  it('sends plain values where the page holds reactive ones', async () => {
    let sent: unknown
    const client = createClient(
      apiThatAnswers((input) => {
        sent = structuredClone(input)
        return Promise.resolve({ ok: true, value: null })
      }),
    )
    await client.call('jobs.remove', reactive({ id }))
    expect(sent).toEqual({ id })
  })

  it('passes the very bytes of a secret, so that wiping them leaves no copy', async () => {
    const real = createFakeApi({ scenario: 'locked', latencyMs: 0 })
    const password = new Uint8Array([1, 2, 3])
    let passed: unknown
    const client = createClient({
      ...real,
      call: {
        ...real.call,
        'vault.create': (input) => {
          passed = input.password
          return real.call['vault.create'](input)
        },
      },
    })
    await client.call('vault.create', { password }).catch(() => null)
    expect(passed).toBe(password)
  })
})
