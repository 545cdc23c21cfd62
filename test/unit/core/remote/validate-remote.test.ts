import { describe, expect, it } from 'vitest'
import { createMemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import { validateRemote } from '../../../../main/core/remote/validate-remote.ts'
import { TestStep } from '../../../../main/model/worker-messages.ts'
import { faultyRemote } from '../../../helpers/faulty-remote.ts'
import { at, fakeDeps, namesOf, never, sourceOf } from './fakes.ts'

const { random } = fakeDeps()
const ok = (step: string): unknown => ({ step, ok: true, code: null, message: null })
const failed = (step: string, code: string): unknown => ({ step, ok: false, code, message: null })

describe('validateRemote', () => {
  it('lists, writes, reads back, and leaves nothing', async () => {
    const { remote, calls } = faultyRemote(createMemoryPlace().connect())
    const steps = await validateRemote(remote, random, never)
    expect(steps).toEqual([ok('list'), ok('write')])
    expect(steps.map((step) => TestStep.parse(step))).toEqual(steps)
    expect(calls).toContain('write .fernsync-check-ffffffffffffffff/check.txt')
    expect(await namesOf(remote)).toEqual([])
  })

  it('works where there are no folders', async () => {
    const remote = createMemoryPlace({ directories: false }).connect()
    expect(await validateRemote(remote, random, never)).toEqual([ok('list'), ok('write')])
  })

  it('ends with the first step that fails', async () => {
    const { remote, calls } = faultyRemote(createMemoryPlace().connect(), [
      { method: 'list', effect: 'fail', code: 'permission-denied' },
    ])
    expect(await validateRemote(remote, random, never)).toEqual([failed('list', 'permission-denied')])
    expect(calls).toEqual(['list '])
  })

  for (const method of ['mkdir', 'write', 'read'] as const) {
    it(`tidies up when ${method} fails`, async () => {
      const { remote } = faultyRemote(createMemoryPlace().connect(), [
        { method, effect: 'fail', code: 'quota-exceeded' },
      ])
      expect(await validateRemote(remote, random, never)).toEqual([
        ok('list'),
        failed('write', 'quota-exceeded'),
      ])
      expect(await namesOf(remote)).toEqual([])
    })
  }

  it('notices a server that gives back other bytes', async () => {
    const inner = createMemoryPlace().connect()
    const remote = {
      ...inner,
      async *read() {
        yield await Promise.resolve(new Uint8Array(64))
      },
    }
    expect(await validateRemote(remote, random, never)).toEqual([ok('list'), failed('write', 'integrity')])
    expect(await namesOf(inner)).toEqual([])
  })

  it('tidies up when it is cancelled', async () => {
    const controller = new AbortController()
    const { remote } = faultyRemote(createMemoryPlace().connect(), [
      { method: 'read', effect: 'meanwhile', act: () => controller.abort() },
    ])
    expect(await validateRemote(remote, random, controller.signal)).toEqual([
      ok('list'),
      failed('write', 'cancelled'),
    ])
    expect(await namesOf(remote)).toEqual([])
  })

  it('says so when it cannot tidy up', async () => {
    const { remote } = faultyRemote(createMemoryPlace().connect(), [
      { method: 'remove', effect: 'fail', code: 'permission-denied' },
    ])
    expect(await validateRemote(remote, random, never)).toEqual([
      ok('list'),
      failed('write', 'permission-denied'),
    ])
  })

  it('asks for no more of a big root than the first batch', async () => {
    const inner = createMemoryPlace().connect()
    for (let index = 0; index < 1_500; index += 1)
      await inner.write(at(`f${index}`), sourceOf(''), 'create', never)
    let batches = 0
    const remote = {
      ...inner,
      async *list(...args: Parameters<typeof inner.list>) {
        for await (const batch of inner.list(...args)) {
          batches += 1
          yield batch
        }
      },
    }
    expect(await validateRemote(remote, random, never)).toEqual([ok('list'), ok('write')])
    expect(batches).toBe(1)
  })
})
