import type { Connector } from '../../core/remote/connector.ts'
import { createMemoryPlace } from './memory-place.ts'
import type { MemoryPlace } from './memory-place.ts'

/** A connector whose connections all lead to `place`; the root of a config is a folder in it. */
export function createMemoryConnector(place: MemoryPlace): Connector {
  return {
    kind: 'memory',
    fields: [],
    open: (config, deps) =>
      Promise.resolve(
        place.connect({ root: config.root, tempName: deps.tempName, now: () => deps.clock.now() }),
      ),
  }
}

/** The reference implementation as a connector: one tree per process, gone with it. */
export const memory = createMemoryConnector(createMemoryPlace())
