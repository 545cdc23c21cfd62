import { describe, expect, it } from 'vitest'
import { createNodeProcessTable } from '../../../main/adapters/node-process-table.ts'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { createLeases } from '../../../main/core/jobs/lease.ts'
import type { RunStart } from '../../../main/core/jobs/run-coordinator.ts'
import type { Notice } from '../../../main/core/ports/notifier.ts'
import type { ChildProcess } from '../../../main/core/ports/worker-host.ts'
import { createAppServices } from '../../../main/services/app-services.ts'
import type { ServicePorts } from '../../../main/services/service-ports.ts'
import type { VaultState } from '../../../main/model/vault.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import {
  captureLog,
  here,
  jobDefinition,
  openStore,
  projection,
  runSummary,
  uuid,
} from '../core/jobs/support.ts'

type StateListener = (state: VaultState) => void

/** A worker whose server refuses the sign-in. */
function refusedWorker(): ChildProcess {
  return {
    pid: 1,
    post: () => {},
    onMessage: (listener) => {
      setImmediate(listener, { type: 'failed', failure: { code: 'auth-failed', fingerprint: null } })
    },
    onExit: () => {},
    kill: () => {},
  }
}

async function setUp() {
  const { store, database } = await openStore()
  const clock = createFakeClock(Date.UTC(2026, 0, 1, 12))
  store.project(
    projection(
      [1, 2, 3].map((n) => jobDefinition(n)),
      clock.now(),
    ),
  )
  const listeners: StateListener[] = []
  const shown: Notice[] = []
  const cleared: string[] = []
  const ports = {
    home: '/home-of-test',
    clock,
    random: nodeRandom,
    log: captureLog(),
    store,
    leases: createLeases(database, createNodeProcessTable()),
    power: { blockSleep: () => () => {} },
    notifier: {
      show: (notice: Notice) => void shown.push(notice),
      clear: (key: string) => void cleared.push(key),
    },
    workerHost: { start: refusedWorker },
    emit: () => {},
    vault: { onState: (listener: StateListener) => void listeners.push(listener) },
  }
  // reason: a run that is handed its grant needs nothing else of the home
  const services = createAppServices(ports as unknown as ServicePorts, { schedules: false })
  return { services, store, shown, cleared, listeners }
}

const start = (n: number): RunStart => ({
  jobId: uuid(n),
  credentialId: uuid(900),
  credentialRev: 1,
  trigger: 'schedule',
  approve: null,
  grant: {
    sealed: { v: 1, vault: uuid(1), agent: here, job: uuid(n), id: uuid(77), seq: 1, salt: '', token: '' },
    grantKey: new Uint8Array(32),
  },
  agentSocket: null,
})

describe('createAppServices', () => {
  it('notifies once when a refused sign-in keeps other jobs from running, and repeats nothing older', async () => {
    const { services, store, shown, cleared } = await setUp()
    // What people know already: the second job was in trouble, the third was well.
    store.addRun(runSummary(1, { job: uuid(2), state: 'failed', reason: 'unreachable' }))
    store.addRun(runSummary(2, { job: uuid(3) }))
    const runs = [1, 2, 3].map((n) => services.coordinator.start(start(n)))
    await Promise.all(runs.map(({ finished }) => finished))
    expect(store.skips(null, 9)).toHaveLength(2)
    expect(shown.map(({ key }) => key)).toEqual([uuid(1)])
    expect(cleared).toEqual([])
  })

  it('forgets generated secrets when the vault locks by itself, as when its process dies', async () => {
    const { services, listeners } = await setUp()
    const token = services.generator.keep(new Uint8Array(20))
    for (const tell of listeners) tell('unlocked')
    expect(services.generator.redeem(token)).toHaveLength(20)
    for (const tell of listeners) tell('locked')
    expect(() => services.generator.redeem(token)).toThrow()
  })
})
