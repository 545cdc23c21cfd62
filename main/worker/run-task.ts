import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { traceOf } from '../adapters/error-trace.ts'
import { nodeDatabases } from '../adapters/node-database.ts'
import { nodeRandom } from '../adapters/node-random.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { connectorFor, local as localConnector } from '../connectors/registry.ts'
import { wipe } from '../core/crypto/bytes.ts'
import type { Logger } from '../core/ports/logger.ts'
import type { Connector, ConnectorConfig, ConnectorDeps } from '../core/remote/connector.ts'
import { openRemote } from '../core/remote/open-remote.ts'
import { RemoteError } from '../core/remote/remote-error.ts'
import { baseName, rootPath } from '../core/remote/remote-path.ts'
import type { Remote } from '../core/remote/remote.ts'
import { validateRemote } from '../core/remote/validate-remote.ts'
import { createSyncEngine } from '../core/sync/create-sync-engine.ts'
import type { SyncContext } from '../core/sync/sync-api.ts'
import { openGrant } from '../core/vault/grant.ts'
import type { OpenGrant } from '../core/vault/grant.ts'
import { AppError } from '../model/app-error.ts'
import type { FromWorker, RemoteListing, TestStep, ToWorker, WorkerTask } from '../model/worker-messages.ts'

type Start = Extract<ToWorker, { type: 'start' }>

export type TaskPorts = {
  readonly post: (message: FromWorker) => void
  readonly log: Logger
  readonly signal: AbortSignal
}

const keyFileLimit = 65_536
const entriesShown = 1_000

/** Carries out one task and posts exactly one closing message; never rejects. Wipes the grant key and every secret at its end. */
export async function runTask(start: Start, ports: TaskPorts): Promise<void> {
  let grant: OpenGrant | null = null
  try {
    grant = openGrant(start.grant, start.grantKey, systemClock.now())
    ports.post(await answer(start, grant, ports))
  } catch (error) {
    const failure = toFailure(error, grant)
    if (failure.code === 'internal') ports.log.error('task.internal', traceOf(error))
    ports.post({ type: 'failed', failure })
  } finally {
    start.grantKey.fill(0)
    if (grant !== null) wipe(...Object.values(grant.credential.secrets), grant.planKey ?? new Uint8Array())
  }
}

/** An identity that was never pinned is another matter for people than one that changed. */
function toFailure(error: unknown, grant: OpenGrant | null): { code: string; fingerprint: string | null } {
  if (error instanceof RemoteError) {
    const isUnpinned = error.code === 'untrusted-server' && grant?.credential.hostKey === null
    return { code: isUnpinned ? 'unpinned-server' : error.code, fingerprint: error.fingerprint }
  }
  return { code: error instanceof AppError ? error.code : 'internal', fingerprint: null }
}

function answer(start: Start, grant: OpenGrant, ports: TaskPorts): Promise<FromWorker> {
  const { task } = start
  switch (task.kind) {
    case 'run':
    case 'preview':
      return syncJob(start, task, { grant, ports })
    case 'test':
      return testConnection(grant, ports)
    case 'host-key':
      return fetchHostKey(grant, ports)
    case 'list':
      return withServer({ grant, ports, root: task.path }, async (remote) => ({
        type: 'listing' as const,
        listing: { path: task.path, ...(await listRoot(remote, ports.signal)) },
      }))
    case 'mkdir':
      return withServer({ grant, ports, root: task.path }, async (remote) => {
        await remote.mkdir(rootPath, ports.signal)
        return { type: 'made' as const }
      })
  }
}

/** What connectors may use in this process; temp names carry `run` so that leftovers can be told. */
function connectorDeps(grant: OpenGrant, ports: TaskPorts, run: string): ConnectorDeps {
  let count = 0
  const usesAgent = grant.credential.fields['agent'] === 'true'
  return {
    clock: systemClock,
    random: nodeRandom,
    log: ports.log,
    tempName: () => `.fernsync-${run.slice(0, 8)}-${(count += 1)}.part`,
    agentSocket: usesAgent ? (process.env['SSH_AUTH_SOCK'] ?? null) : null,
    readKeyFile,
  }
}

/** Follows no link at the last step: the path was stored, and what stands there may have changed since. */
async function readKeyFile(file: string): Promise<Uint8Array> {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    const { size } = await handle.stat()
    if (size > keyFileLimit) throw new RangeError('key file is too large')
    const bytes = new Uint8Array(size)
    await handle.read(bytes, 0, size, 0)
    return bytes
  } finally {
    await handle.close()
  }
}

function serverConfig(grant: OpenGrant, root: string): { connector: Connector; config: ConnectorConfig } {
  const { type, fields, secrets, hostKey } = grant.credential
  const connector = connectorFor(type)
  if (connector === null) throw new AppError('unsupported', 'kind without a connector')
  return { connector, config: { fields, secrets, hostKey, root } }
}

type Place = Parts & {
  /** Folder as the server takes it; empty = the login folder. */
  readonly root: string
}

async function withServer<T>(place: Place, work: (remote: Remote) => Promise<T>): Promise<T> {
  const { grant, ports, root } = place
  const { connector, config } = serverConfig(grant, root === '' ? '.' : root)
  const deps = connectorDeps(grant, ports, nodeRandom.uuid())
  // A person waits for the answer: one attempt, said at once.
  const remote = await openRemote(connector, config, deps, {
    signal: ports.signal,
    retry: { maxAttempts: 1 },
  })
  try {
    return await work(remote)
  } finally {
    await remote.close()
  }
}

type Parts = { readonly grant: OpenGrant; readonly ports: TaskPorts }
type SyncTask = Extract<WorkerTask, { kind: 'run' | 'preview' }>

async function syncJob(start: Start, task: SyncTask, { grant, ports }: Parts): Promise<FromWorker> {
  const { job } = grant
  if (job === null || grant.planKey === null) throw new AppError('no-grant', 'grant without a job')
  const id = task.kind === 'run' ? task.run : task.plan
  const deps = connectorDeps(grant, ports, id)
  const isReadOnly = task.kind === 'preview'
  const { connector, config } = serverConfig(grant, job.remote)
  const localConfig: ConnectorConfig = { fields: {}, secrets: {}, hostKey: null, root: job.local }
  const database = nodeDatabases.open(path.join(start.home, 'device', 'jobs', `${job.id}.sqlite`))
  const opened: Remote[] = []
  const keep = async (remote: Promise<Remote>): Promise<Remote> => {
    const one = await remote
    opened.push(one)
    return one
  }
  try {
    const options = { signal: ports.signal, isReadOnly }
    const openAt = (side: 'local' | 'remote', root: string): Promise<Remote> =>
      side === 'local'
        ? keep(openRemote(localConnector, { ...localConfig, root }, deps, options))
        : keep(openRemote(connector, { ...config, root }, deps, options))
    const target = job.direction === 'pull' ? 'local' : 'remote'
    const context: SyncContext = {
      job,
      local: await openAt('local', job.local),
      remote: await openAt('remote', job.remote),
      safety: job.safety === null ? null : await openAt(target, job.safety),
      database,
      clock: systemClock,
      random: nodeRandom,
      log: ports.log,
      signal: ports.signal,
      recheck: start.recheck,
      target: targetOf(grant),
      planKey: grant.planKey,
      onProgress: (progress) => {
        ports.post({ type: 'progress', progress })
      },
    }
    const engine = createSyncEngine()
    if (task.kind === 'preview') {
      return { type: 'preview', preview: await engine.previewJob(context, task.plan) }
    }
    const { summary, guards } = await engine.runJob(context, task)
    return { type: 'summary', summary, guards: [...guards] }
  } finally {
    for (const remote of opened) await remote.close()
    database.close()
  }
}

/** A path below the login folder is another one for another user. */
function targetOf({ target, credential }: OpenGrant): string {
  return `${target.protocol}://${credential.fields['user'] ?? ''}@${target.host}:${target.port}`
}

async function fetchHostKey(grant: OpenGrant, ports: TaskPorts): Promise<FromWorker> {
  const { connector, config } = serverConfig(grant, '.')
  if (connector.fetchHostKey === undefined) throw new AppError('unsupported', 'kind has no server identity')
  const deps = connectorDeps(grant, ports, nodeRandom.uuid())
  return { type: 'host-key', hostKey: await connector.fetchHostKey(config, deps, ports.signal) }
}

/** Steps in the order they happen; the first that fails is the last one told. */
async function testConnection(grant: OpenGrant, ports: TaskPorts): Promise<FromWorker> {
  const ok = (step: TestStep['step']): TestStep => ({ step, ok: true, code: null, message: null })
  const { hostKey } = grant.credential
  try {
    const checked = await withServer({ grant, ports, root: '' }, (remote) =>
      validateRemote(remote, nodeRandom, ports.signal),
    )
    return { type: 'tested', steps: [ok('connect'), ok('host-key'), ok('sign-in'), ...checked], hostKey }
  } catch (error) {
    const { code, fingerprint } = toFailure(error, grant)
    if (code === 'internal') ports.log.error('task.internal', traceOf(error))
    const order: TestStep['step'][] = ['connect', 'host-key', 'sign-in']
    const isSignIn = code === 'auth-failed' || code === 'certificate-unusable'
    const failedAt = isSignIn ? 2 : fingerprint !== null ? 1 : 0
    const before = order.slice(0, failedAt).map(ok)
    const failed = { step: order[failedAt] ?? 'connect', ok: false, code, message: null }
    return { type: 'tested', steps: [...before, failed], hostKey: fingerprint ?? hostKey }
  }
}

async function listRoot(remote: Remote, signal: AbortSignal): Promise<Omit<RemoteListing, 'path'>> {
  const entries: RemoteListing['entries'] = []
  for await (const batch of remote.list(rootPath, signal)) {
    for (const entry of batch) {
      if (entry.kind === 'invalid-name') continue
      const file =
        entry.kind === 'file' ? { size: entry.size, modTime: entry.modTime } : { size: null, modTime: null }
      entries.push({ name: baseName(entry.path), kind: entry.kind, ...file })
    }
    if (entries.length > entriesShown) break
  }
  entries.sort((a, b) => (a.kind === b.kind ? a.name.localeCompare(b.name) : a.kind === 'dir' ? -1 : 1))
  return { entries: entries.slice(0, entriesShown), truncated: entries.length > entriesShown }
}
