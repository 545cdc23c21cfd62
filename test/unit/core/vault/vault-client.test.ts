import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../main/core/crypto/bytes.ts'
import type { ChildProcess } from '../../../../main/core/ports/worker-host.ts'
import { createVaultClient } from '../../../../main/core/vault/vault-client.ts'
import { codeOf, credential } from './kit.ts'

/** A child whose messages and end the test decides. Posted messages are copied, as the channel does. */
function createChild() {
  const posted: unknown[] = []
  const lines: string[] = []
  let say: (message: unknown) => void = () => {}
  let exit: (code: number | null) => void = () => {}
  const child: ChildProcess = {
    pid: 1,
    post: (message) => void posted.push(structuredClone(message)),
    onMessage: (listener) => (say = listener),
    onExit: (listener) => (exit = listener),
    kill: () => exit(null),
  }
  const note = (event: string): void => void lines.push(event)
  const client = createVaultClient(child, { info: note, warn: note, error: note })
  return { client, posted, lines, say: (message: unknown) => say(message), end: () => exit(null) }
}

describe('createVaultClient', () => {
  it('sends secrets once and wipes its own copy at once', () => {
    const { client, posted } = createChild()
    const secret = utf8('s3cret')
    void client.addCredential(credential('nas'), { password: secret }).catch(() => null)
    expect([posted, [...secret]]).toEqual([
      [{ id: 1, method: 'addCredential', args: [credential('nas'), { password: utf8('s3cret') }] }],
      [0, 0, 0, 0, 0, 0],
    ])
  })

  it('gathers the parts of a list in order', async () => {
    const { client, say } = createChild()
    const listed = client.listCredentials()
    const item = (name: string) => ({
      id: '11111111-1111-4111-8111-111111111111',
      rev: 1,
      ...credential(name),
      secrets: [],
      expires: null,
      needsSignInHere: false,
      lastUsed: null,
      usedBy: [],
      created: '2026-01-02T03:04:05.000Z',
      changed: '2026-01-02T03:04:05.000Z',
      blocked: null,
    })
    say({ type: 'part', id: 1, items: [item('a'), item('b')] })
    say({ type: 'part', id: 1, items: [item('c')] })
    say({ type: 'result', id: 1, value: null })
    expect((await listed).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })

  it.each([
    ['a result of another shape', { type: 'result', id: 1, value: { state: 'open' } }],
    [
      'a code that does not exist',
      { type: 'error', id: 1, error: { code: 'nope', message: 'm', details: {} } },
    ],
  ])('rejects on %s', async (_fact, answer) => {
    const { client, say } = createChild()
    const status = client.status()
    say(answer)
    await expect(status).rejects.toThrow()
  })

  it('passes on code, message and details of an error', async () => {
    const { client, say } = createChild()
    const status = client.unlock({ password: utf8('x') }, {})
    const error = { code: 'throttled', message: 'too soon', details: { retryAfterMs: 5 } }
    say({ type: 'error', id: 1, error })
    await expect(status).rejects.toMatchObject(error)
  })

  it('logs what the process logs, and messages it does not understand without their content', () => {
    const { lines, say } = createChild()
    say({ type: 'log', level: 'info', event: 'vault.restored', fields: {} })
    say({ type: 'surprise', secret: 's3cret' })
    say({ type: 'result', id: 99, value: 'nobody asked' })
    expect(lines).toEqual(['vault.restored', 'vault-client.bad-message'])
  })

  it('answers locked to what is in flight and to what comes later, once the process has ended', async () => {
    const { client, end, posted } = createChild()
    const inFlight = codeOf(client.settings())
    let gone = 0
    client.onGone(() => (gone += 1))
    end()
    end()
    const password = utf8('later')
    expect([await inFlight, await codeOf(client.unlock({ password }, {})), posted.length]).toEqual([
      'locked',
      'locked',
      1,
    ])
    expect([gone, password.every((byte) => byte === 0)]).toEqual([1, true])
  })
})
