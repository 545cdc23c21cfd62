import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLocal, thisSystem } from '../../main/connectors/local/index.ts'
import type { LocalSystem } from '../../main/connectors/local/index.ts'
import { createMemoryConnector } from '../../main/connectors/memory/index.ts'
import { createMemoryPlace } from '../../main/connectors/memory/memory-place.ts'
import type { MemoryPlaceOptions } from '../../main/connectors/memory/memory-place.ts'
import { openRemote } from '../../main/core/remote/open-remote.ts'
import { describeRemote } from './describe-remote.ts'
import { realDeps } from './deps.ts'
import type { Place } from './suite.ts'

const memoryPlace = (options: MemoryPlaceOptions) => (): Promise<Place> => {
  const place = createMemoryPlace(options)
  return Promise.resolve({
    connect: () => Promise.resolve(place.connect()),
    cleanup: () => Promise.resolve(),
  })
}

const wrappedPlace = (options: MemoryPlaceOptions) => (): Promise<Place> => {
  const connector = createMemoryConnector(createMemoryPlace(options))
  const config = { fields: {}, secrets: {}, hostKey: null, root: '' }
  return Promise.resolve({
    connect: () => openRemote(connector, config, realDeps(), { signal: new AbortController().signal }),
    cleanup: () => Promise.resolve(),
  })
}

const localPlace = (system: LocalSystem) => async (): Promise<Place> => {
  const root = await mkdtemp(join(tmpdir(), 'fernsync-conformance-'))
  return {
    connect: () => openLocal({ root }, realDeps(), system),
    cleanup: () => rm(root, { recursive: true, force: true }),
  }
}

describeRemote('memory', memoryPlace({}))
describeRemote('memory, case-insensitive', memoryPlace({ caseInsensitive: true }))
describeRemote('memory, without atomic replace', memoryPlace({ atomicWrite: false }))
describeRemote('memory, like an object store', memoryPlace({ directories: false, modTimePrecisionMs: null }))
describeRemote(
  'memory, whole seconds, no optional methods',
  memoryPlace({ modTimePrecisionMs: 1000, methods: [] }),
)
describeRemote('memory, with server hashes', memoryPlace({ methods: ['hash', 'move'] }))
describeRemote('memory through every wrapper', wrappedPlace({}))
describeRemote('memory through every wrapper, without atomic replace', wrappedPlace({ atomicWrite: false }))
describeRemote('local', localPlace(thisSystem()))
describeRemote('local, without folder handles', localPlace({ ...thisSystem(), hasFolderHandles: false }))
