import { describe, expect, it } from 'vitest'
import { createMemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import { withSafeWrite } from '../../../../main/core/remote/with-safe-write.ts'
import { faultyRemote } from '../../../helpers/faulty-remote.ts'
import { at, codeOf, namesOf, never, sourceOf, textOf } from './fakes.ts'

const tempName = (): string => '.fernsync-12345678-1.part'

describe('withSafeWrite', () => {
  it('leaves a remote with atomic writes, or without move, as it is', () => {
    const atomic = createMemoryPlace().connect()
    const without = createMemoryPlace({ atomicWrite: false, methods: [] }).connect()
    expect(withSafeWrite(atomic, tempName)).toBe(atomic)
    expect(withSafeWrite(without, tempName)).toBe(without)
  })

  it('sends content to a temp name beside the target and moves it into place', async () => {
    const { remote, calls } = faultyRemote(createMemoryPlace({ atomicWrite: false }).connect())
    const safe = withSafeWrite(remote, tempName)
    await safe.write(at('dir/a'), sourceOf('old'), 'create', never)
    const entry = await safe.write(at('dir/a'), sourceOf('newer'), 'replace', never)
    expect(entry).toEqual(await safe.stat(at('dir/a'), never))
    expect(await textOf(safe, 'dir/a')).toBe('newer')
    expect(calls.filter((call) => /^(write|move)/.test(call))).toEqual([
      'write dir/.fernsync-12345678-1.part',
      'move dir/.fernsync-12345678-1.part',
      'write dir/.fernsync-12345678-1.part',
      'move dir/.fernsync-12345678-1.part',
    ])
  })

  for (const method of ['write', 'move'] as const) {
    it(`keeps the old file and removes the temp file when ${method} fails`, async () => {
      const place = createMemoryPlace({ atomicWrite: false })
      await place.connect().write(at('dir/a'), sourceOf('old'), 'create', never)
      const { remote } = faultyRemote(place.connect(), [
        { method, effect: 'fail-after', code: 'unreachable' },
      ])
      const safe = withSafeWrite(remote, tempName)
      expect(await codeOf(safe.write(at('dir/a'), sourceOf('new'), 'replace', never))).toBe('unreachable')
      expect(await namesOf(safe, 'dir')).toEqual(['dir/a'])
      expect(await textOf(safe, 'dir/a')).toBe(method === 'write' ? 'old' : 'new')
    })
  }

  it('removes the temp file when it is cancelled before the file is placed', async () => {
    const place = createMemoryPlace({ atomicWrite: false })
    const controller = new AbortController()
    const { remote } = faultyRemote(place.connect(), [
      { method: 'move', effect: 'meanwhile', act: () => controller.abort() },
    ])
    const safe = withSafeWrite(remote, tempName)
    expect(await codeOf(safe.write(at('a'), sourceOf('new'), 'create', controller.signal))).toBe('cancelled')
    expect(await namesOf(place.connect())).toEqual([])
  })
})
