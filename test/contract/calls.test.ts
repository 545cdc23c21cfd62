import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { callNames } from '../../main/contract/call-names.ts'
import { calls } from '../../main/contract/calls.ts'
import type { CallName, Handlers } from '../../main/contract/calls.ts'
import { eventNames } from '../../main/contract/event-names.ts'
import { events } from '../../main/contract/events.ts'
import { bindCalls } from '../../main/desktop/bind-calls.ts'
import { AppError } from '../../main/model/app-error.ts'
import { codec, createIpc } from '../standin/ipc.ts'
import { receiveFromPage } from '../standin/page-messages.ts'
import { exampleInputs, exampleOutputs } from './examples.ts'

type Listener = (event: { trusted: boolean }, input: unknown) => Promise<unknown>

function bind(handlers: Partial<Handlers>) {
  const channels = new Map<string, Listener>()
  const errors: string[] = []
  const refuse = (name: CallName) => () => Promise.reject(new Error(`not played: ${name}`))
  const all = Object.fromEntries(callNames.map((name) => [name, handlers[name] ?? refuse(name)]))
  bindCalls<{ trusted: boolean }>(
    { handle: (channel, listener) => void channels.set(channel, listener) },
    all as unknown as Handlers,
    { isTrusted: (event) => event.trusted, onError: (name, code) => errors.push(`${name} ${code}`) },
  )
  const ask = (name: string, input: unknown, trusted = true): Promise<unknown> => {
    const listener = channels.get(`call:${name}`)
    if (listener === undefined) throw new Error(`no channel ${name}`)
    return listener({ trusted }, input)
  }
  return { channels, errors, ask }
}

describe('the contract', () => {
  it('lists all calls and events, so that a new way into main is seen in review', () => {
    expect({ calls: callNames, events: eventNames }).toMatchSnapshot()
  })

  it('has one channel per call and no other', () => {
    expect([...bind({}).channels.keys()]).toEqual(callNames.map((name) => `call:${name}`))
  })

  it('names exactly the calls and events that have schemas', () => {
    expect([...callNames].sort()).toEqual(Object.keys(calls).sort())
    expect([...eventNames].sort()).toEqual(Object.keys(events).sort())
  })

  it('takes no path of this computer, operation, channel, command or address to fetch', () => {
    const text = JSON.stringify(
      callNames.map((name) => z.toJSONSchema(calls[name].input, { unrepresentable: 'any', io: 'input' })),
    )
    const fields = [...text.matchAll(/"([A-Za-z]+)":\{/g)].map((found) => found[1] ?? '')
    expect(
      fields.filter((field) =>
        /^(local|safety|file|cwd|argv?|command|exec|channel|operation|url)$/.test(field),
      ),
    ).toEqual([])
  })
})

describe.each(callNames)('%s', (name) => {
  it('refuses a sender that is not our page, before it looks at the input', async () => {
    const { ask, errors } = bind({})
    expect(await ask(name, exampleInputs[name], false)).toMatchObject({
      ok: false,
      error: { code: 'forbidden' },
    })
    expect(errors).toEqual([`${name} forbidden`])
  })

  it('refuses input that is not of its schema and says nothing of its value', async () => {
    const { ask } = bind({})
    const canary = 'canary-7f3a'
    const wrong = calls[name].input instanceof z.ZodVoid ? { canary } : [canary]
    const answer = await ask(name, wrong)
    expect(answer).toMatchObject({ ok: false, error: { code: 'bad-request' } })
    expect(JSON.stringify(answer)).not.toContain(canary)
  })

  it('strips what its output schema does not list', async () => {
    const { ask } = bind({ [name]: () => Promise.resolve(withCanary(exampleOutputs[name])) })
    const answer = await ask(name, exampleInputs[name])
    expect(answer).toMatchObject({ ok: true })
    expect(JSON.stringify(answer)).not.toContain('secret-canary')
  })

  it('turns an error into code and sentence, without a word of its message', async () => {
    const failing = () => Promise.reject(new AppError('busy', 'internal words 4711'))
    const answer = await bind({ [name]: failing }).ask(name, exampleInputs[name])
    expect(answer).toMatchObject({ ok: false, error: { code: 'busy', details: {} } })
    expect(JSON.stringify(answer)).not.toContain('4711')
  })
})

describe('bindCalls', () => {
  it('wipes byte arrays of a call when it is done, also when its input was refused', async () => {
    const password = new TextEncoder().encode('correct horse battery')
    const kept: number[] = []
    const { ask } = bind({
      'vault.unlock': (input) => {
        kept.push('password' in input ? (input.password[0] ?? 0) : 0)
        return Promise.resolve(exampleOutputs['vault.unlock'])
      },
    })
    await ask('vault.unlock', { password, allowSlowKdf: false })
    expect([kept, password.every((byte) => byte === 0)]).toEqual([['c'.charCodeAt(0)], true])
    const refused = new TextEncoder().encode('another password')
    await ask('vault.unlock', { password: refused, allowSlowKdf: 'yes' })
    expect(refused.every((byte) => byte === 0)).toBe(true)
  })

  it('sends a revealed secret whole through an ipcMain and leaves no copy of it in main', async () => {
    const value = new TextEncoder().encode('hunter2 and more')
    const before = [...value]
    const { channels } = bind({
      'credentials.reveal': () => Promise.resolve({ value, hideAfterMs: 30_000 }),
    })
    const reply = await invokeOnStandin(
      'call:credentials.reveal',
      channels.get('call:credentials.reveal'),
      exampleInputs['credentials.reveal'],
    )
    expect(reply).toMatchObject({ ok: true, value: { ok: true, value: { hideAfterMs: 30_000 } } })
    expect([...revealed(reply)]).toEqual(before)
    expect(value.every((byte) => byte === 0)).toBe(true)
  })

  it('wipes a secret that it does not send because the answer has the wrong shape', async () => {
    const value = new TextEncoder().encode('hunter2')
    const wrong = { value, hideAfterMs: 'soon' } as never
    const { ask } = bind({ 'credentials.reveal': () => Promise.resolve(wrong) })
    expect(await ask('credentials.reveal', exampleInputs['credentials.reveal'])).toMatchObject({ ok: false })
    await nextTurn()
    expect(value.every((byte) => byte === 0)).toBe(true)
  })
})

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Asks as a page of the stand-in does; answers what that page is sent. */
async function invokeOnStandin(
  channel: string,
  listener: Listener | undefined,
  input: unknown,
): Promise<unknown> {
  const ipc = createIpc('ipcMain')
  ipc.handle(channel, (_event, given) => listener?.({ trusted: true }, given))
  const sent: string[] = []
  const contents = {
    ipc,
    isDestroyed: () => false,
    mainFrame: {},
    getProcessId: () => 1,
    _page: { deliver: (text: string) => sent.push(text) },
  }
  // What a message from a page needs of its window.
  receiveFromPage(contents as never, { type: 'invoke', id: 1, channel, args: [input] })
  for (let turn = 0; turn < 5; turn += 1) await nextTurn()
  return codec.decode(sent[0] ?? 'null')
}

function revealed(reply: unknown): Uint8Array {
  const { value } = reply as { value: { value: { value: Uint8Array } } }
  return value.value.value
}

/** Maps whose keys the schemas leave open, such as a connector's own fields. */
const openMaps = new Set(['fields', 'numbers'])

/** Adds a field that no schema knows to every object in a value; open maps are left as they are. */
function withCanary(value: unknown): never {
  const walk = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(walk)
    if (typeof inner !== 'object' || inner === null || inner instanceof Uint8Array) return inner
    const entries = Object.entries(inner).map(
      ([key, one]) => [key, openMaps.has(key) && !Array.isArray(one) ? one : walk(one)] as const,
    )
    return { ...Object.fromEntries(entries), canaryField: 'secret-canary' }
  }
  return walk(value) as never
}

describe('jobs', () => {
  it('take no safety folder from the page: for a job that pulls it is a path of this computer', () => {
    const { draft, localToken } = exampleInputs['jobs.add']
    const added = calls['jobs.add'].input.parse({ draft: { ...draft, safety: '/etc' }, localToken })
    expect(added.draft).not.toHaveProperty('safety')
    const edit = { ...exampleInputs['jobs.edit'], patch: { safety: '/etc' } }
    expect(calls['jobs.edit'].input.parse(edit).patch).toEqual({})
  })
})

describe('patches', () => {
  it('leave out what was left out: a default would reset it', () => {
    expect(calls['settings.set'].input.parse({ lockOnSuspend: false })).toEqual({ lockOnSuspend: false })
    expect(calls['preferences.set'].input.parse({})).toEqual({})
    expect(calls['jobs.edit'].input.parse(exampleInputs['jobs.edit']).patch).toEqual({ name: 'docs 2' })
    expect(calls['credentials.edit'].input.parse(exampleInputs['credentials.edit']).patch).toEqual({
      name: 'nas 2',
    })
  })
})
