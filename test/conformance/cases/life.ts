import { expect } from 'vitest'
import { at, drain, expectCode, never, sourceOf, utf8 } from '../suite.ts'
import type { RemoteCase } from '../suite.ts'

const optional = [
  'move',
  'link',
  'copy',
  'setModTime',
  'hash',
  'usage',
  'makeDurable',
  'rootIdentity',
] as const

export const lifeCases: readonly RemoteCase[] = [
  {
    name: 'closes twice without complaint',
    group: 'A',
    async run({ remote }) {
      await remote.close()
      await remote.close()
    },
  },
  {
    name: 'answers every call after close with "closed"',
    group: 'A',
    async run({ remote }) {
      await remote.close()
      const path = at('a.txt')
      await expectCode(remote.stat(path, never), 'closed')
      await expectCode(drain(remote.list(at(''), never)), 'closed')
      await expectCode(drain(remote.read(path, 0, never)), 'closed')
      await expectCode(remote.write(path, sourceOf(utf8('x')), 'create', never), 'closed')
      await expectCode(remote.remove(path, never), 'closed')
      await expectCode(remote.mkdir(path, never), 'closed')
      await expectCode(remote.rmdir(path, never), 'closed')
    },
  },
  {
    name: 'stays open for one connection when the other closes',
    group: 'A',
    async run({ remote, second }) {
      await (await second()).close()
      expect(await remote.stat(at('a.txt'), never)).toBeNull()
    },
  },
  {
    name: 'has features that are frozen and sane',
    group: 'A',
    run({ remote: { features, kind } }) {
      expect(Object.isFrozen(features)).toBe(true)
      expect(kind).toMatch(/^[a-z0-9]+$/)
      expect(features.maxConcurrency).toBeGreaterThanOrEqual(1)
      expect(features.modTimePrecisionMs ?? 1).toBeGreaterThan(0)
      expect(features.maxFileSize ?? 1).toBeGreaterThan(0)
      return Promise.resolve()
    },
  },
  {
    name: 'has each optional method as a function or not at all',
    group: 'A',
    run({ remote }) {
      for (const method of optional) expect(['undefined', 'function']).toContain(typeof remote[method])
      return Promise.resolve()
    },
  },
  {
    name: 'does nothing when the signal has already aborted',
    group: 'A',
    async run({ remote, second }) {
      const signal = AbortSignal.abort()
      const path = at('a.txt')
      await expectCode(remote.stat(path, signal), 'cancelled')
      await expectCode(drain(remote.list(at(''), signal)), 'cancelled')
      await expectCode(drain(remote.read(path, 0, signal)), 'cancelled')
      await expectCode(remote.write(path, sourceOf(utf8('x')), 'create', signal), 'cancelled')
      await expectCode(remote.mkdir(at('dir'), signal), 'cancelled')
      const other = await second()
      expect(await other.stat(path, never)).toBeNull()
      expect(await other.stat(at('dir'), never)).toBeNull()
    },
  },
]
