import { describe, expect, it } from 'vitest'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'
import { openRemote } from '../../../../main/core/remote/open-remote.ts'
import type { OpenRemoteOptions } from '../../../../main/core/remote/open-remote.ts'
import type { Remote } from '../../../../main/core/remote/remote.ts'
import { reactionOf } from '../../../../main/model/error-codes.ts'
import type { RemoteErrorCode } from '../../../../main/model/error-codes.ts'
import { remoteErrorTable } from '../../../../main/model/error-codes.ts'
import { faultyRemote } from '../../../helpers/faulty-remote.ts'
import type { Fault, FaultyRemote } from '../../../helpers/faulty-remote.ts'
import {
  at,
  codeOf,
  emptyConfig,
  fakeDeps,
  instantClock,
  namesOf,
  never,
  recordingLogger,
  scriptedConnector,
  sourceOf,
  stoppedClock,
  textOf,
} from './fakes.ts'

type Setup = { readonly remote: Remote; readonly faulty: FaultyRemote[]; readonly openings: () => number }

/** Opens a memory place through every wrapper; the n-th connection has the n-th list of faults. */
async function open(
  faults: readonly (readonly Fault[])[] = [],
  options: Partial<OpenRemoteOptions> = {},
): Promise<Setup> {
  const faulty: FaultyRemote[] = []
  const { connector, openings } = scriptedConnector((remote, opening) => {
    const made = faultyRemote(remote, faults[opening - 1] ?? [])
    faulty.push(made)
    return made.remote
  })
  const remote = await openRemote(connector, emptyConfig, fakeDeps(), { signal: never, ...options })
  return { remote, faulty, openings }
}

const codes = Object.keys(remoteErrorTable) as RemoteErrorCode[]
const isLoss = (code: RemoteErrorCode): boolean => code === 'closed' || code === 'unreachable'

describe('openRemote: retries', () => {
  for (const code of codes.filter((each) => each !== 'cancelled')) {
    const isRepeated = reactionOf(code) === 'retry' || isLoss(code)
    it(`${isRepeated ? 'repeats' : 'does not repeat'} a call that failed with "${code}"`, async () => {
      const { remote, faulty } = await open([[{ method: 'stat', effect: 'fail', code }]])
      expect(await codeOf(remote.stat(at('a'), never))).toBe(isRepeated ? 'resolved' : code)
      expect(faulty.flatMap(({ calls }) => calls).filter((call) => call === 'stat a')).toHaveLength(
        isRepeated ? 2 : 1,
      )
    })
  }

  it('gives up after the attempts of the policy', async () => {
    const { remote, faulty } = await open(
      [[{ method: 'stat', effect: 'fail', code: 'server-error', times: Infinity }]],
      { retry: { maxAttempts: 3 } },
    )
    expect(await codeOf(remote.stat(at('a'), never))).toBe('server-error')
    expect(faulty[0]?.calls.filter((call) => call === 'stat a')).toHaveLength(3)
  })

  it('waits twice as long each time, and at least as long as the server asks', async () => {
    const clock = instantClock()
    const { connector } = scriptedConnector(
      (remote) =>
        faultyRemote(remote, [
          { method: 'stat', effect: 'fail', code: 'timeout', times: 2 },
          { method: 'stat', effect: 'fail', code: 'rate-limited', from: 3, retryAfterMs: 7_000 },
        ]).remote,
    )
    const remote = await openRemote(connector, emptyConfig, fakeDeps({ clock }), { signal: never })
    expect(await remote.stat(at('a'), never)).toBeNull()
    expect(clock.waits).toEqual([250, 500, 7_000])
  })

  it('does not wait for a server that asks for too long', async () => {
    const { remote } = await open([
      [{ method: 'stat', effect: 'fail', code: 'rate-limited', retryAfterMs: 3_600_000 }],
    ])
    expect(await codeOf(remote.stat(at('a'), never))).toBe('rate-limited')
  })

  it('stops waiting when the signal aborts', async () => {
    const controller = new AbortController()
    const { connector } = scriptedConnector(
      (remote) => faultyRemote(remote, [{ method: 'stat', effect: 'fail', code: 'timeout' }]).remote,
    )
    const remote = await openRemote(connector, emptyConfig, fakeDeps({ clock: stoppedClock() }), {
      signal: never,
    })
    const stat = remote.stat(at('a'), controller.signal)
    setImmediate(() => controller.abort())
    expect(await codeOf(stat)).toBe('cancelled')
  })

  it('starts a write over with the source', async () => {
    const { remote } = await open([[{ method: 'write', effect: 'fail', code: 'integrity', times: 2 }]])
    const source = sourceOf('content')
    await remote.write(at('a'), source, 'create', never)
    expect(await textOf(remote, 'a')).toBe('content')
  })

  it('repeats a list that failed before its first batch, and only then', async () => {
    const { remote } = await open([
      [
        { method: 'list', effect: 'cut', after: 0, code: 'timeout' },
        { method: 'list', effect: 'cut', after: 1, code: 'timeout', from: 3 },
      ],
    ])
    await remote.write(at('a'), sourceOf('a'), 'create', never)
    await remote.write(at('b'), sourceOf('b'), 'create', never)
    expect(await namesOf(remote)).toEqual(['a', 'b'])
    expect(await codeOf(namesOf(remote))).toBe('timeout')
  })

  it('never glues a reading together from two attempts', async () => {
    const { remote, faulty } = await open([
      [{ method: 'read', effect: 'cut', after: 3, code: 'unreachable' }],
    ])
    await remote.write(at('a'), sourceOf('content'), 'create', never)
    expect(await codeOf(textOf(remote, 'a'))).toBe('unreachable')
    expect(faulty[0]?.calls.filter((call) => call === 'read a')).toHaveLength(1)
  })

  it('does not flush again after a failed flush', async () => {
    const { remote, faulty } = await open([[{ method: 'makeDurable', effect: 'fail', code: 'server-error' }]])
    expect(await codeOf(remote.makeDurable?.([at('a')], never) ?? Promise.resolve())).toBe('server-error')
    expect(faulty[0]?.calls.filter((call) => call.startsWith('makeDurable'))).toHaveLength(1)
  })

  it('turns what a connector must not throw into "internal"', async () => {
    const { connector } = scriptedConnector((remote) => ({
      ...remote,
      stat: () => Promise.reject(new TypeError('a bug with a host name in its text')),
    }))
    const remote = await openRemote(connector, emptyConfig, fakeDeps(), { signal: never })
    expect(await codeOf(remote.stat(at('a'), never))).toBe('internal')
  })
})

describe('openRemote: calls whose reply was lost', () => {
  const modTime = 1_600_000_000_000

  it('finds its own file after a create whose reply was lost', async () => {
    const { remote } = await open([[{ method: 'write', effect: 'fail-after', code: 'unreachable' }]])
    expect(await remote.write(at('a'), sourceOf('content', modTime), 'create', never)).toMatchObject({
      size: 7,
      modTime,
    })
  })

  it('does not take another file for its own', async () => {
    const { remote } = await open([[{ method: 'write', effect: 'fail-after', code: 'unreachable' }]])
    expect(await codeOf(remote.write(at('a'), sourceOf('content', null), 'create', never))).toBe('exists')
  })

  it('does not take a file for its own when nothing was lost', async () => {
    const { remote } = await open()
    await remote.write(at('a'), sourceOf('content', modTime), 'create', never)
    expect(await codeOf(remote.write(at('a'), sourceOf('content', modTime), 'create', never))).toBe('exists')
  })

  it('finds its own move and its own link', async () => {
    const { remote } = await open([
      [
        { method: 'move', effect: 'fail-after', code: 'timeout' },
        { method: 'link', effect: 'fail-after', code: 'timeout' },
      ],
    ])
    await remote.write(at('a'), sourceOf('content', modTime), 'create', never)
    await remote.move?.(at('a'), at('b'), 'create', never)
    await remote.link?.(at('b'), at('c'), never)
    expect(await namesOf(remote)).toEqual(['b', 'c'])
  })

  it('does not call a move done whose source is still there', async () => {
    const { remote } = await open([[{ method: 'move', effect: 'fail', code: 'timeout' }]])
    await remote.write(at('a'), sourceOf('mine'), 'create', never)
    await remote.write(at('b'), sourceOf('theirs'), 'create', never)
    expect(await codeOf(remote.move?.(at('a'), at('b'), 'create', never) ?? Promise.resolve())).toBe('exists')
  })
})

describe('openRemote: lost connections', () => {
  it('opens another connection once for many calls that lose theirs together', async () => {
    const { remote, openings } = await open([
      [{ method: 'stat', effect: 'fail', code: 'closed', times: Infinity }],
    ])
    await Promise.all(Array.from({ length: 20 }, (_, index) => remote.stat(at(`f${index}`), never)))
    expect(openings()).toBe(2)
  })

  it('signs in no more after "auth-failed", whatever is called', async () => {
    const { connector, openings } = scriptedConnector((remote, opening) => {
      if (opening > 1) throw new RemoteError('auth-failed', 'sign in: refused')
      return faultyRemote(remote, [{ method: 'stat', effect: 'fail', code: 'closed', times: Infinity }])
        .remote
    })
    const remote = await openRemote(connector, emptyConfig, fakeDeps(), { signal: never })
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => codeOf(remote.stat(at(`f${index}`), never))),
    )
    expect(new Set(results)).toEqual(new Set(['auth-failed']))
    expect(await codeOf(remote.mkdir(at('dir'), never))).toBe('auth-failed')
    expect(openings()).toBe(2)
  })

  for (const code of ['auth-failed', 'untrusted-server', 'unsupported'] as const) {
    it(`opens once when the answer is "${code}"`, async () => {
      const { connector, openings } = scriptedConnector(() => {
        throw new RemoteError(code, 'open: refused')
      })
      expect(await codeOf(openRemote(connector, emptyConfig, fakeDeps(), { signal: never }))).toBe(code)
      expect(openings()).toBe(1)
    })
  }

  it('tries again to open when the server cannot be reached at first', async () => {
    const { connector, openings } = scriptedConnector((remote, opening) => {
      if (opening < 3) throw new RemoteError('unreachable', 'connect: refused')
      return remote
    })
    const remote = await openRemote(connector, emptyConfig, fakeDeps(), { signal: never })
    expect(await remote.stat(at('a'), never)).toBeNull()
    expect(openings()).toBe(3)
  })

  it('ends as "closed" for every caller when the server stays away, without trying for each', async () => {
    const { connector, openings } = scriptedConnector((remote, opening) => {
      if (opening > 1) throw new RemoteError('unreachable', 'connect: refused')
      return faultyRemote(remote, [{ method: 'stat', effect: 'fail', code: 'unreachable', times: Infinity }])
        .remote
    })
    const remote = await openRemote(connector, emptyConfig, fakeDeps(), {
      signal: never,
      retry: { maxAttempts: 4 },
    })
    expect(await codeOf(remote.stat(at('a'), never))).toBe('closed')
    expect(await codeOf(remote.stat(at('b'), never))).toBe('closed')
    expect(openings()).toBe(5)
  })

  it('opens no more connections than the policy allows', async () => {
    const { connector, openings } = scriptedConnector(
      (remote) => faultyRemote(remote, [{ method: 'stat', effect: 'fail', code: 'closed' }]).remote,
    )
    const remote = await openRemote(connector, emptyConfig, fakeDeps(), {
      signal: never,
      retry: { maxReconnects: 2 },
    })
    await codeOf(remote.stat(at('a'), never))
    expect(openings()).toBe(3)
    expect(await codeOf(remote.stat(at('a'), never))).toBe('closed')
    expect(openings()).toBe(3)
  })

  it('does not replace the new connection when a call of the old one fails late', async () => {
    let failLate: () => void = () => undefined
    const isTime = new Promise<void>((resolve) => (failLate = resolve))
    const { connector, openings } = scriptedConnector((remote, opening) => {
      if (opening > 1) return remote
      return faultyRemote(remote, [
        { method: 'stat', path: 'quick', effect: 'fail', code: 'closed' },
        { method: 'stat', path: 'slow', effect: 'meanwhile', act: () => isTime.then(() => remote.close()) },
      ]).remote
    })
    const remote = await openRemote(connector, emptyConfig, fakeDeps(), { signal: never })
    const slow = remote.stat(at('slow'), never)
    await remote.stat(at('quick'), never)
    failLate()
    expect(await slow).toBeNull()
    expect(openings()).toBe(2)
  })

  it('refuses to go on when another root folder answers, and goes on when the same does', async () => {
    for (const isSame of [true, false]) {
      const { connector } = scriptedConnector((remote, opening) => ({
        ...faultyRemote(remote, opening > 1 ? [] : [{ method: 'stat', effect: 'fail', code: 'closed' }])
          .remote,
        rootIdentity: () => Promise.resolve(isSame ? 'disk' : `disk ${opening}`),
      }))
      const remote = await openRemote(connector, emptyConfig, fakeDeps(), { signal: never })
      expect(await codeOf(remote.stat(at('a'), never))).toBe(isSame ? 'resolved' : 'closed')
    }
  })

  it('does not reconnect for the trouble of a source, and starts the write over', async () => {
    const { remote, openings } = await open()
    let tries = 0
    const source = {
      size: 2,
      modTime: null,
      async *open() {
        tries += 1
        if (tries === 1) throw new RemoteError('unreachable', 'read: the other side is gone')
        yield await Promise.resolve(new Uint8Array(2))
      },
    }
    await remote.write(at('a'), source, 'create', never)
    expect({ tries, openings: openings() }).toEqual({ tries: 2, openings: 1 })
  })

  it('opens nothing after close', async () => {
    const { remote, openings } = await open()
    await remote.close()
    await remote.close()
    expect(await codeOf(remote.stat(at('a'), never))).toBe('closed')
    expect(openings()).toBe(1)
  })
})

describe('openRemote: read-only', () => {
  it('reads and refuses every change, present and optional', async () => {
    const { connector, place } = scriptedConnector()
    const seed = place.connect()
    await seed.write(at('dir/a'), sourceOf('a'), 'create', never)
    const remote = await openRemote(connector, emptyConfig, fakeDeps(), { signal: never, isReadOnly: true })
    const [a, b] = [at('dir/a'), at('b')]
    const changes: readonly (Promise<unknown> | undefined)[] = [
      remote.write(a, sourceOf('b'), 'replace', never),
      remote.remove(a, never),
      remote.mkdir(b, never),
      remote.rmdir(at('dir'), never),
      remote.move?.(a, b, 'create', never),
      remote.link?.(a, b, never),
      remote.copy?.(a, b, never),
      remote.setModTime?.(a, 0, never),
      remote.makeDurable?.([a], never),
    ]
    expect(await Promise.all(changes.map((change) => codeOf(change ?? Promise.resolve())))).toEqual(
      changes.map(() => 'internal'),
    )
    expect(await textOf(remote, 'dir/a')).toBe('a')
    expect(await namesOf(remote)).toEqual(['dir'])
  })
})

describe('openRemote: log', () => {
  it('logs failures as code, relative path and duration, and counts the rest', async () => {
    const log = recordingLogger()
    const { connector } = scriptedConnector(
      (remote) =>
        faultyRemote(remote, [{ method: 'stat', path: 'a', effect: 'fail', code: 'permission-denied' }])
          .remote,
    )
    const remote = await openRemote(connector, emptyConfig, fakeDeps({ log }), { signal: never })
    await codeOf(remote.stat(at('a'), never))
    await remote.stat(at('b'), never)
    await remote.close()
    expect(log.lines).toEqual([
      {
        level: 'info',
        event: 'remote.failed',
        fields: { call: 'stat', path: 'a', code: 'permission-denied', durationMs: 0 },
      },
      {
        level: 'info',
        event: 'remote.closed',
        fields: { kind: 'memory', calls: 2, failures: 1, durationMs: 0 },
      },
    ])
  })

  it('repeats no text of an error', async () => {
    const log = recordingLogger()
    const { connector } = scriptedConnector((remote) => ({
      ...remote,
      stat: () => Promise.reject(new RemoteError('server-error', 'CANARY', { cause: new Error('CANARY') })),
    }))
    const remote = await openRemote(connector, emptyConfig, fakeDeps({ log }), { signal: never })
    await codeOf(remote.stat(at('a'), never))
    expect(log.lines.length).toBeGreaterThan(1)
    expect(JSON.stringify(log.lines)).not.toContain('CANARY')
  })
})
