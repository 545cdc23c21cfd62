import { afterEach, describe, expect, it } from 'vitest'
import { RemoteError } from '../../../../main/core/remote/remote-error.ts'
import type { Remote } from '../../../../main/core/remote/remote.ts'
import { withThrottle } from '../../../../main/core/remote/with-throttle.ts'
import { wrapRemote } from '../../../../main/core/remote/wrap-remote.ts'
import { createWorld, createWorldClock, dump, put, safetyOf } from './world.ts'
import type { World, WorldOptions } from './world.ts'

const open: World[] = []

function world(options?: WorldOptions): World {
  const made = createWorld(options)
  open.push(made)
  return made
}

/** A world whose first run is done: `files` are on both sides. */
async function synced(files: Parameters<typeof put>[1], options?: WorldOptions): Promise<World> {
  const made = world(options)
  put(made.job.direction === 'push' ? made.local : made.remote, files)
  expect((await made.run()).summary.state).toBe('done')
  return made
}

const many = (count: number, text = 'x'): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`f${String(index).padStart(4, '0')}`, `${text}${index}`]),
  )

afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

describe('createSyncEngine: concurrency', () => {
  const throttled = (side: Remote): Remote =>
    withThrottle(side, { clock: createWorldClock(), bytesPerSecond: null })
  const big = (letter: string): string => letter.repeat(4 * 1024 * 1024 + 1)

  it.each([1, 2, 3, 64])(
    'replaces files large and small over %i calls at a time without waiting for itself',
    async (maxConcurrency) => {
      for (const methods of [undefined, ['move'] as const, [] as const]) {
        const place = methods === undefined ? { maxConcurrency } : { maxConcurrency, methods }
        const one = world({ local: place, remote: place, wrapLocal: throttled, wrapRemote: throttled })
        put(one.local, { ...many(90, 'old'), 'big-1': big('a'), 'big-2': big('b') })
        expect((await one.run()).summary).toMatchObject({ state: 'done', copied: 92 })
        for (const [path, text] of Object.entries({
          ...many(90, 'newer'),
          'big-1': big('c'),
          'big-2': big('d'),
        })) {
          put(one.local, { [path]: [text, 10] })
        }
        expect((await one.run()).summary).toMatchObject({ state: 'done', updated: 92 })
        expect(dump(one.remote)).toEqual(dump(one.local))
        expect(Object.keys(safetyOf(one.remote))).toHaveLength(92)
      }
    },
  )

  it('never has more calls in flight than the side allows', async () => {
    let most = 0
    let active = 0
    const counted = (side: Remote): Remote =>
      wrapRemote(side, {
        async call(_call, work) {
          active += 1
          most = Math.max(most, active)
          try {
            return await work(side)
          } finally {
            active -= 1
          }
        },
        stream: (_call, start) => start(side),
        close: () => side.close(),
      })
    const one = world({ remote: { maxConcurrency: 5 }, wrapRemote: counted })
    put(one.local, many(50))
    await one.run()
    put(
      one.local,
      Object.fromEntries(Object.entries(many(50, 'newer')).map(([path, text]) => [path, [text, 5] as const])),
    )
    expect((await one.run()).summary).toMatchObject({ state: 'done', updated: 50 })
    expect(most).toBeLessThanOrEqual(5)
    expect(most).toBeGreaterThan(2)
  })
})

describe('createSyncEngine: trouble', () => {
  const failing = (
    method: 'read' | 'write',
    path: string,
    code: RemoteError['code'],
  ): WorldOptions['wrapLocal'] => {
    return (side) => ({
      ...side,
      read: (at, offset, signal) => {
        if (method === 'read' && at === path) throw new RemoteError(code, `read ${at}`)
        return side.read(at, offset, signal)
      },
      write: (at, source, mode, signal) => {
        if (method === 'write' && at === path) return Promise.reject(new RemoteError(code, `write ${at}`))
        return side.write(at, source, mode, signal)
      },
    })
  }

  it('skips a file that cannot be read, copies the rest, and deletes nothing', async () => {
    const one = world({ wrapLocal: failing('read', 'b.txt', 'permission-denied') })
    put(one.local, { 'a.txt': 'one' })
    await one.run()
    put(one.local, { 'b.txt': 'two', 'c.txt': 'three' })
    one.local.store.take('a.txt')
    const { summary } = await one.run()
    expect(summary).toMatchObject({
      state: 'partial',
      reason: 'permission-denied',
      copied: 1,
      failed: 1,
      deleted: 0,
    })
    expect(summary.errors).toEqual([
      { path: 'b.txt', code: 'permission-denied', message: 'Access was denied.' },
    ])
    expect(dump(one.remote)).toEqual({ 'a.txt': 'one', 'c.txt': 'three' })
  })

  it('ends the run at a code that no other file can survive', async () => {
    const one = world({
      wrapRemote: failing('write', 'f0003', 'quota-exceeded'),
      remote: { maxConcurrency: 1 },
    })
    put(one.local, many(50))
    const { summary } = await one.run()
    expect(summary).toMatchObject({ state: 'failed', reason: 'quota-exceeded', copied: 3 })
    expect(Object.keys(dump(one.remote))).toHaveLength(3)
  })

  it('gives up after many retried failures in a row', async () => {
    const one = world({
      remote: { maxConcurrency: 1 },
      wrapRemote: (side) => ({
        ...side,
        write: (at, source, mode, signal) =>
          at.startsWith('.fernsync')
            ? side.write(at, source, mode, signal)
            : Promise.reject(new RemoteError('server-error', 'write')),
      }),
    })
    put(one.local, many(200))
    expect((await one.run()).summary).toMatchObject({ state: 'failed', reason: 'server-error', failed: 20 })
  })

  it('keeps at most 100 errors and counts all', async () => {
    const one = world({
      wrapLocal: (side) => ({
        ...side,
        read: (at) => {
          throw new RemoteError('permission-denied', `read ${at}`)
        },
      }),
    })
    put(one.local, many(150))
    const { summary } = await one.run()
    expect([summary.failed, summary.errors.length, summary.state]).toEqual([150, 100, 'partial'])
  })

  it('does not place a file that changes while it is read', async () => {
    const one: World = world({
      wrapLocal: (side) => ({
        ...side,
        async *read(at, offset, signal) {
          for await (const chunk of side.read(at, offset, signal)) {
            yield chunk
            put(one.local, { 'a.txt': ['ABC', 1] })
          }
        },
      }),
    })
    put(one.local, { 'a.txt': 'abc' })
    expect((await one.run()).summary).toMatchObject({ state: 'partial', reason: 'source-changed', copied: 0 })
    expect(dump(one.remote)).toEqual({})
  })

  it('leaves a target alone that changes between scan and replacement', async () => {
    const one: World = world({
      wrapRemote: (side) => ({
        ...side,
        link: async (from, to, signal) => {
          put(one.remote, { 'a.txt': ['theirs!', 1] })
          await side.link?.(from, to, signal)
        },
      }),
    })
    put(one.local, { 'a.txt': 'old' })
    await one.run()
    put(one.local, { 'a.txt': ['newer', 10] })
    expect((await one.run()).summary).toMatchObject({ state: 'partial', reason: 'stale-item', updated: 0 })
    expect(dump(one.remote)).toEqual({ 'a.txt': 'theirs!' })
    expect(Object.keys(dump(one.remote, { all: true })).some((path) => path.endsWith('.part'))).toBe(false)
  })

  it('never overwrites what appears on the target after the scan', async () => {
    const one: World = world({
      wrapRemote: (side) => ({
        ...side,
        write: (at, source, mode, signal) => {
          if (at === 'a.txt') put(one.remote, { 'a.txt': ['theirs', 1] })
          return side.write(at, source, mode, signal)
        },
      }),
    })
    put(one.local, { 'a.txt': 'mine!!' })
    expect((await one.run()).summary).toMatchObject({ state: 'partial', reason: 'stale-item', copied: 0 })
    expect(dump(one.remote)).toEqual({ 'a.txt': 'theirs' })
  })

  it('does not keep a file under its name that the target stored with another size', async () => {
    const one = world({
      wrapRemote: (side) => ({
        ...side,
        write: async (at, source, mode, signal) => {
          const entry = await side.write(at, source, mode, signal)
          return at === 'a.txt' ? { ...entry, size: entry.size - 1 } : entry
        },
      }),
    })
    put(one.local, { 'a.txt': 'abc' })
    expect((await one.run()).summary).toMatchObject({ state: 'partial', reason: 'integrity', copied: 0 })
    expect(dump(one.remote)).toEqual({})
  })

  it('ends as cancelled, with what is complete recorded', async () => {
    const stop = new AbortController()
    const one: World = world({ remote: { maxConcurrency: 1 } })
    put(one.local, many(20))
    one.context = {
      signal: stop.signal,
      onProgress: ({ filesDone, phase }) => {
        if (phase === 'transferring' && filesDone >= 1) stop.abort()
      },
      clock: { ...one.clock, monotonic: () => (ticks += 1000) },
    }
    let ticks = 0
    const { summary } = await one.run()
    expect(summary.state).toBe('cancelled')
    expect(summary.reason).toBe('cancelled')
    expect(summary.failed).toBe(0)
    expect(summary.copied).toBeGreaterThan(0)
    expect(summary.copied).toBeLessThan(20)
    one.context = {}
    expect((await one.run()).summary).toMatchObject({ state: 'done', copied: 20 - summary.copied })
  })

  it('fails with the code of a root that cannot be listed', async () => {
    const one = await synced({ 'a.txt': 'one' })
    one.context = {
      local: {
        ...one.local.connect(),
        // eslint-disable-next-line require-yield -- it fails before the first batch
        async *list() {
          await Promise.resolve()
          throw new RemoteError('permission-denied', 'list')
        },
      },
    }
    expect((await one.run()).summary).toMatchObject({
      state: 'failed',
      reason: 'permission-denied',
      deleted: 0,
    })
    expect(dump(one.remote)).toEqual({ 'a.txt': 'one' })
  })
})
