import { onTestFinished } from 'vitest'
import { createNodeUserFiles } from '../../../main/adapters/node-user-files.ts'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { openNodeHome } from '../../../main/adapters/node-home.ts'
import type { NodeHome } from '../../../main/adapters/node-home.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import type { Power } from '../../../main/core/ports/power.ts'
import type { ChildProcess } from '../../../main/core/ports/worker-host.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import type { FromWorker, ToWorker } from '../../../main/model/worker-messages.ts'
import { createAppServices } from '../../../main/services/app-services.ts'
import type { AppServices } from '../../../main/services/app-services.ts'
import type { ServicePorts } from '../../../main/services/service-ports.ts'
import { createVaultHost } from '../../../main/services/vault-host.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import type { FakeClock } from '../../helpers/fake-clock.ts'
import { createNodeExportFiles } from '../../../main/adapters/node-export-files.ts'
import { inProcessImporter } from '../../helpers/in-process-importer.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { captureLog } from '../core/jobs/support.ts'
import type { CapturedLog } from '../core/jobs/support.ts'
import { quickDerive } from '../core/vault/kit.ts'

export const PASSWORD = 'correct horse battery'

/** A worker whose other end the test plays. */
export type Puppet = { readonly received: ToWorker[]; say(message: FromWorker): void; killed: boolean }

export type Bench = {
  readonly home: NodeHome
  readonly ports: ServicePorts
  readonly services: AppServices
  readonly clock: FakeClock
  readonly log: CapturedLog
  readonly puppets: Puppet[]
  /** Names of the events that were emitted. */
  readonly emitted: string[]
}

export type BenchOptions = {
  /** Stands between the services and the vault that an unlock opens. */
  readonly wrap?: (vault: VaultApi) => VaultApi
  readonly power?: Partial<Power>
}

/** The services as the desktop composes them, on a real home folder: its vault is opened and ended as an object of its own. */
export async function createBench({ wrap = (vault) => vault, power }: BenchOptions = {}): Promise<Bench> {
  const home = openNodeHome(await tempFolder(), 'app')
  onTestFinished(() => {
    home.close()
  })
  const clock = createFakeClock()
  const log = captureLog()
  const puppets: Puppet[] = []
  const emitted: string[] = []
  const vaultOf = (): VaultApi => createNodeVault({ home: home.path, log, clock, derive: quickDerive })
  const vault = createVaultHost(vaultOf(), () => {
    const api = wrap(vaultOf())
    return { api, end: () => api.lock(), onGone: () => {} }
  })
  const away = { state: 'unavailable' } as const
  const noKeychain = {
    get: () => Promise.resolve(away),
    set: () => Promise.resolve(away),
    remove: () => Promise.resolve(away),
  }
  const ports: ServicePorts = {
    home: home.path,
    version: '0.0.0',
    platform: 'linux',
    clock,
    random: nodeRandom,
    log,
    network: { isOnline: () => true },
    power: {
      onEvent: () => () => {},
      idleSeconds: () => 0,
      isOnBattery: () => false,
      blockSleep: () => () => {},
      ...power,
    },
    notifier: { show: () => {}, clear: () => {} },
    userFiles: createNodeUserFiles({ agentSocket: null, cwd: '/' }),
    importer: inProcessImporter,
    exportFiles: createNodeExportFiles({ home: home.path }),
    workerHost: { start: () => startPuppet(puppets) },
    vault,
    keychain: { interactive: noKeychain, background: noKeychain },
    store: home.store,
    leases: home.leases,
    removeJobData: (jobId) => home.removeJobData(jobId),
    emit: (name) => void emitted.push(name),
  }
  const services = createAppServices(ports, { schedules: true })
  return { home, ports, services, clock, log, puppets, emitted }
}

/** A bench with a new vault, unlocked. */
export async function createUnlockedBench(options: BenchOptions = {}): Promise<Bench> {
  const bench = await createBench(options)
  await bench.services.vault.create(utf8(PASSWORD), { iterations: 600_000 })
  return bench
}

export async function unlock({ services }: Bench): Promise<void> {
  await services.vault.unlock({ password: utf8(PASSWORD) }, { allowSlowKdf: true })
}

/** Adds a job that runs every ten minutes, locked or not, with a credential of its own; answers its id. */
export async function addJob({ services }: Bench, name: string): Promise<string> {
  const fields = { host: 'nas.example', user: 'ana' }
  const draft = { name: `server of ${name}`, type: 'sftp' as const, fields, hostKey: 'SHA256:x', tags: [] }
  const credential = await services.credentials.add(draft, { password: utf8('s3cret') })
  const job = await services.jobs.add({
    name,
    credential: credential.id,
    local: await tempFolder(),
    remote: 'backup',
    mode: 'mirror',
    direction: 'push',
    schedule: 'every:10m',
    zone: 'UTC',
    enabled: true,
    whenLocked: 'until-quit',
    filters: [],
    maxDelete: null,
    safety: null,
  })
  return job.id
}

/** Lets every promise that can go on go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

function startPuppet(puppets: Puppet[]): ChildProcess {
  let hear = (_message: unknown): void => {}
  let gone = (_code: number | null): void => {}
  const puppet: Puppet = {
    received: [],
    killed: false,
    say: (message) => {
      hear(message)
    },
  }
  puppets.push(puppet)
  return {
    pid: 1,
    // The worker reads what it parsed; the test knows what it is sent.
    post: (message) => puppet.received.push(structuredClone(message) as ToWorker),
    onMessage: (listener) => (hear = listener),
    onExit: (listener) => (gone = listener),
    kill: () => {
      puppet.killed = true
      gone(null)
    },
  }
}
