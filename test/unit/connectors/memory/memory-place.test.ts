import { describe, expect, it } from 'vitest'
import { createMemoryConnector } from '../../../../main/connectors/memory/index.ts'
import { createMemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import {
  at,
  codeOf,
  emptyConfig,
  fakeDeps,
  namesOf,
  never,
  sourceOf,
  textOf,
} from '../../core/remote/fakes.ts'
import { entriesOf } from '../../../conformance/suite.ts'

describe('createMemoryPlace', () => {
  it('shows one tree through every connection, each with its own root', async () => {
    const place = createMemoryPlace()
    const [whole, part] = [place.connect(), place.connect({ root: 'jobs/one' })]
    await part.write(at('dir/a'), sourceOf('a'), 'create', never)
    expect(await textOf(whole, 'jobs/one/dir/a')).toBe('a')
    expect(await namesOf(part)).toEqual(['dir'])
  })

  it('has a root that may be missing until something is made in it', async () => {
    const part = createMemoryPlace().connect({ root: 'jobs/one' })
    expect(await part.stat(at(''), never)).toBeNull()
    expect(await codeOf(namesOf(part))).toBe('not-found')
    expect(await part.rootIdentity?.(never)).toBeNull()
    await part.mkdir(at(''), never)
    expect(await namesOf(part)).toEqual([])
  })

  it('lists links, special files and undecodable names that were planted', async () => {
    const place = createMemoryPlace()
    place.plant('dir/link', 'link')
    place.plant('dir/pipe', 'special')
    place.plant('dir/bad\ufffd', 'invalid-name')
    expect(await entriesOf(place.connect(), 'dir')).toEqual([
      { kind: 'other', path: 'dir/link', what: 'link' },
      { kind: 'other', path: 'dir/pipe', what: 'special' },
      { kind: 'invalid-name', dir: 'dir', shown: 'bad\ufffd' },
    ])
  })

  it('says "quota-exceeded" when it is full, and keeps what it has', async () => {
    const remote = createMemoryPlace({ capacity: 10 }).connect()
    await remote.write(at('a'), sourceOf('12345678'), 'create', never)
    expect(await remote.usage?.(never)).toEqual({ total: 10, free: 2 })
    expect(await codeOf(remote.write(at('b'), sourceOf('123'), 'create', never))).toBe('quota-exceeded')
    expect(await namesOf(remote)).toEqual(['a'])
  })

  it('says "too-large" for a file over the limit', async () => {
    const remote = createMemoryPlace({ maxFileSize: 3 }).connect()
    expect(await codeOf(remote.write(at('a'), sourceOf('1234'), 'create', never))).toBe('too-large')
  })

  it('keeps the first spelling where case does not count', async () => {
    const remote = createMemoryPlace({ caseInsensitive: true }).connect()
    await remote.write(at('Dir/File'), sourceOf('a'), 'create', never)
    await remote.write(at('DIR/file'), sourceOf('b'), 'replace', never)
    expect(await namesOf(remote, 'dir')).toEqual(['dir/File'])
    expect(await namesOf(remote)).toEqual(['Dir'])
  })

  it('changes the spelling by a move where case does not count', async () => {
    const remote = createMemoryPlace({ caseInsensitive: true }).connect()
    await remote.write(at('name'), sourceOf('a'), 'create', never)
    await remote.move?.(at('name'), at('Name'), 'create', never)
    expect(await namesOf(remote)).toEqual(['Name'])
  })

  it('has a moment without the file when a replacement is not atomic, and none when it is', async () => {
    for (const atomicWrite of [true, false]) {
      const place = createMemoryPlace({ atomicWrite })
      const remote = place.connect()
      await remote.write(at('a'), sourceOf('old'), 'create', never)
      let sawNone = false
      let isWriting = true
      const write = remote
        .write(at('a'), sourceOf('new'), 'replace', never)
        .finally(() => (isWriting = false))
      while (isWriting) {
        sawNone ||= place.store.find('a') === null
        await Promise.resolve()
      }
      await write
      expect(sawNone).toBe(!atomicWrite)
    }
  })

  it('has the optional methods it was given and no others', () => {
    const remote = createMemoryPlace({ methods: ['move', 'hash'] }).connect()
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
    expect(optional.filter((name) => remote[name] !== undefined)).toEqual(['move', 'hash'])
  })
})

describe('createMemoryConnector', () => {
  it('opens the root of the config', async () => {
    const place = createMemoryPlace()
    const connector = createMemoryConnector(place)
    const remote = await connector.open({ ...emptyConfig, root: 'base' }, fakeDeps(), never)
    await remote.write(at('a'), sourceOf('a'), 'create', never)
    expect(place.store.find('base/a')?.node.kind).toBe('file')
  })
})
