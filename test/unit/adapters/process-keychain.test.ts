import { describe, expect, it } from 'vitest'
import { createProcessKeychain } from '../../../main/adapters/process-keychain.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import type { ProcessKeychainOptions } from '../../../main/adapters/process-keychain.ts'
import type { WorkerHost } from '../../../main/core/ports/worker-host.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'

/** A host whose helpers say only what the test lets them say. */
function silentHost() {
  const started: { env: Readonly<Record<string, string>>; posted: unknown[]; killed: number }[] = []
  let say: (message: unknown) => void = () => {}
  let exit: (code: number | null) => void = () => {}
  const host: WorkerHost = {
    start(_, env = {}) {
      const helper = { env, posted: [] as unknown[], killed: 0 }
      started.push(helper)
      return {
        pid: 1,
        post: (message) => helper.posted.push(message),
        onMessage: (listener) => {
          say = listener
        },
        onExit: (listener) => {
          exit = listener
        },
        kill: () => {
          helper.killed++
        },
      }
    },
  }
  return { host, started, say: (message: unknown) => say(message), exit: () => exit(null) }
}

function open(options: Partial<ProcessKeychainOptions> = {}) {
  const silent = silentHost()
  const clock = createFakeClock()
  const keychain = createProcessKeychain({
    workerHost: silent.host,
    clock,
    environment: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/bus', SECRET: 'not for the helper' },
    patience: 'background',
    platform: 'linux',
    ...options,
  })
  return { ...silent, clock, keychain }
}

describe('createProcessKeychain', () => {
  it('starts one helper per call, with the address of the bus only, and kills it after the answer', async () => {
    const { keychain, started, say, clock } = open()
    const got = keychain.get('vault-1')
    say({ state: 'ok', value: utf8('v') })
    expect(await got).toEqual({ state: 'ok', value: utf8('v') })
    expect(started).toEqual([
      {
        env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/bus' },
        posted: [{ call: 'get', service: 'Fernsync', account: 'vault-1' }],
        killed: 1,
      },
    ])
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['background', 3_000],
    ['interactive', 60_000],
  ] as const)(
    'waits %s for %i ms, then kills the helper and says unavailable',
    async (patience, deadline) => {
      const { keychain, started, clock } = open({ patience })
      const results: unknown[] = []
      void keychain.get('a').then((result) => results.push(result))
      await clock.advance(deadline - 1)
      expect(results).toEqual([])
      await clock.advance(1)
      expect(results).toEqual([{ state: 'unavailable' }])
      expect(started[0]?.killed).toBe(1)
    },
  )

  it('says unavailable when the helper ends without an answer', async () => {
    const { keychain, exit } = open()
    const removed = keychain.remove('a')
    exit()
    expect(await removed).toEqual({ state: 'unavailable' })
  })

  it.each([
    [undefined],
    ['ok'],
    [{ state: 'ok' }],
    [{ state: 'fine', value: 'x' }],
    [{ state: 'ok', value: 7 }],
  ])('says unavailable, not absent, when the helper says %j', async (message) => {
    const { keychain, say } = open()
    const got = keychain.get('a')
    say(message)
    expect(await got).toEqual({ state: 'unavailable' })
  })

  it('does not take an answer without a value for a value', async () => {
    const { keychain, say } = open()
    const got = keychain.get('a')
    say({ state: 'ok', value: null })
    expect(await got).toEqual({ state: 'unavailable' })
  })

  it.each(['absent', 'locked', 'denied'] as const)('passes %s on', async (state) => {
    const { keychain, say } = open()
    const set = keychain.set('a', utf8('v'))
    say({ state })
    expect(await set).toEqual({ state })
  })

  it("finds systemd's user bus where no address is set", async () => {
    const { keychain, say, started } = open({ environment: { XDG_RUNTIME_DIR: '/run/user/1000' } })
    const got = keychain.get('a')
    say({ state: 'absent' })
    await got
    expect(started[0]?.env).toEqual({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus' })
  })

  it('starts nothing where there is no bus, but does on macOS and Windows, which need none', async () => {
    const linux = open({ environment: {} })
    expect(await linux.keychain.get('a')).toEqual({ state: 'unavailable' })
    expect(linux.started).toHaveLength(0)
    const mac = open({ environment: {}, platform: 'darwin' })
    void mac.keychain.get('a')
    expect(mac.started).toMatchObject([{ env: {} }])
  })
})
