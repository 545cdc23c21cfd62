import { randomBytes, randomUUID } from 'node:crypto'
import type { ConnectorDeps } from '../../main/core/remote/connector.ts'
import type { Clock } from '../../main/core/ports/clock.ts'
import type { Random } from '../../main/core/ports/random.ts'

/** The real clock, for suites that talk to real servers and disks. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    return () => clearTimeout(timer)
  },
}

export const realRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  uuid: () => randomUUID(),
}

/** What a worker gives a connector, without an agent and without key files. */
export function realDeps(overrides: Partial<ConnectorDeps> = {}): ConnectorDeps {
  const run = randomBytes(4).toString('hex')
  let temps = 0
  return {
    clock: realClock,
    random: realRandom,
    log: { info() {}, warn() {}, error() {} },
    tempName: () => `.fernsync-${run}-${(temps += 1)}.part`,
    agentSocket: null,
    readKeyFile: () => Promise.reject(new Error('no key file was offered')),
    ...overrides,
  }
}
