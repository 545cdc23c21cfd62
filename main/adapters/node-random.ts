import { getRandomValues, randomUUID } from 'node:crypto'
import type { Random } from '../core/ports/random.ts'

/** The random generator of OpenSSL (BoringSSL in Electron), seeded by the system. */
export const nodeRandom: Random = {
  // Not randomBytes: its small results lie in a pool shared with everything else, where wiping them is not enough.
  bytes: (length) => getRandomValues(new Uint8Array(length)),
  uuid: () => randomUUID(),
}
