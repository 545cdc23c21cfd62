import { describe, expect, it } from 'vitest'
import { createNodeProcessTable } from '../../../main/adapters/node-process-table.ts'
import { nodeRandom } from '../../../main/adapters/node-random.ts'
import { createGrantBook } from '../../../main/core/jobs/grant-book.ts'
import type { JobStore } from '../../../main/core/jobs/job-store.ts'
import { createLeases } from '../../../main/core/jobs/lease.ts'
import { createSignInQueue } from '../../../main/core/jobs/sign-in-queue.ts'
import type { ChildProcess } from '../../../main/core/ports/worker-host.ts'
import type { Credential } from '../../../main/model/credential.ts'
import type { RunProgress } from '../../../main/model/run.ts'
import type { FromWorker, ToWorker } from '../../../main/model/worker-messages.ts'
import type { ServicePorts } from '../../../main/services/service-ports.ts'
import { createWorkerTasks } from '../../../main/services/worker-tasks.ts'
import type { WorkerTasks } from '../../../main/services/worker-tasks.ts'
import { certificateFile } from '../../helpers/certificates.ts'
import { createFakeClock } from '../../helpers/fake-clock.ts'
import type { FakeClock } from '../../helpers/fake-clock.ts'
import { captureLog, here, openStore, uuid } from '../core/jobs/support.ts'

/** A worker whose other end the test plays; it dies when it is killed. */
type Puppet = { readonly received: ToWorker[]; say(message: FromWorker): void; killed: boolean }

type Bench = {
  readonly tasks: WorkerTasks
  readonly clock: FakeClock
  readonly store: JobStore
  readonly puppets: Puppet[]
  /** Grants that the vault sealed. */
  readonly sealed: string[]
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

async function bench(): Promise<Bench> {
  const { store, database } = await openStore()
  const clock = createFakeClock()
  const puppets: Puppet[] = []
  const sealed: string[] = []
  const log = captureLog()
  const seal = (what: string) => () => {
    sealed.push(what)
    const id = nodeRandom.uuid()
    const salt = Buffer.alloc(32).toString('base64')
    return Promise.resolve({ v: 1, vault: uuid(1), agent: here, job: uuid(1), id, seq: 1, salt, token: '' })
  }
  const vault = { grantCredential: seal('credential'), grantDraft: seal('draft'), grantJob: seal('job') }
  const ports = {
    clock,
    store,
    log,
    random: nodeRandom,
    home: '/home-of-test',
    vault: { unlocked: () => vault },
    userFiles: { agentSocket: () => '/run/agent' },
    workerHost: { start: () => startPuppet(puppets) },
  }
  const leases = createLeases(database, createNodeProcessTable())
  const grants = createGrantBook({ clock, log, random: nodeRandom })
  // The tasks use only these parts of the ports.
  const some = ports as unknown as ServicePorts
  return {
    tasks: createWorkerTasks(some, grants, createSignInQueue({ leases, clock })),
    clock,
    store,
    puppets,
    sealed,
  }
}

const credential: Credential = {
  id: uuid(900),
  rev: 1,
  name: 'nas',
  type: 'sftp',
  fields: { host: 'nas', user: 'ada' },
  secrets: ['password'],
  hostKey: 'SHA256:x',
  tags: [],
  expires: null,
  needsSignInHere: false,
  lastUsed: null,
  usedBy: [],
  created: '2026-01-01T00:00:00.000Z',
  changed: '2026-01-01T00:00:00.000Z',
  blocked: null,
}
const draft = {
  name: 'nas',
  type: 'sftp' as const,
  fields: { host: 'nas', user: 'ada' },
  hostKey: null,
  tags: [],
}
const refused: FromWorker = { type: 'failed', failure: { code: 'auth-failed', fingerprint: null } }
const listing: FromWorker = { type: 'listing', listing: { path: '', entries: [], truncated: false } }
const progress = (phase: RunProgress['phase']): FromWorker => ({
  type: 'progress',
  progress: {
    run: uuid(1),
    job: uuid(1),
    phase,
    filesDone: 0,
    filesTotal: null,
    bytesDone: 0,
    bytesTotal: null,
    current: null,
    failed: 0,
  },
})
/** Lets every promise that can go on go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
const codes = (results: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  results.map((result) =>
    result.status === 'rejected' ? (result.reason as { code: unknown }).code : 'fulfilled',
  )

describe('createWorkerTasks', () => {
  it('makes one attempt for ten previews of a refused credential', async () => {
    const { tasks, puppets, store } = await bench()
    const previews = Array.from({ length: 10 }, (_, n) => tasks.preview(uuid(n + 1), credential))
    const all = Promise.allSettled(previews)
    await settled()
    expect(puppets).toHaveLength(1)
    puppets[0]?.say(refused)
    expect(codes(await all)).toEqual(['auth-failed', ...Array.from({ length: 9 }, () => 'needs-sign-in')])
    expect([puppets.length, store.isBlocked(credential.id)]).toEqual([1, true])
  })

  it('lets the next one in as soon as a preview has signed in', async () => {
    const { tasks, puppets } = await bench()
    const all = Promise.allSettled([tasks.preview(uuid(1), credential), tasks.list(credential, '')])
    await settled()
    puppets[0]?.say(progress('connecting'))
    await settled()
    expect(puppets).toHaveLength(1)
    puppets[0]?.say(progress('scanning'))
    await settled()
    expect(puppets).toHaveLength(2)
    tasks.killAll()
    await all
  })

  it('lets the next one in after any answer that is no refusal', async () => {
    const { tasks, puppets } = await bench()
    const first = tasks.list(credential, 'a')
    const second = tasks.list(credential, 'b')
    await settled()
    puppets[0]?.say({ type: 'failed', failure: { code: 'not-found', fingerprint: null } })
    await expect(first).rejects.toMatchObject({ code: 'not-found' })
    await settled()
    puppets[1]?.say(listing)
    expect(await second).toEqual({ path: '', entries: [], truncated: false })
  })

  it('tests a blocked credential when a person asks, and what waits behind it goes on when it is well', async () => {
    const { tasks, puppets, store } = await bench()
    store.block(credential.id, 'auth-failed', '2026-01-01T00:00:00.000Z')
    await expect(tasks.list(credential, '')).rejects.toMatchObject({ code: 'needs-sign-in' })
    const test = tasks.test(credential)
    await settled()
    puppets[0]?.say({
      type: 'tested',
      steps: [{ step: 'sign-in', ok: true, code: null, message: null }],
      hostKey: null,
    })
    expect((await test).ok).toBe(true)
    expect(store.isBlocked(credential.id)).toBe(false)
  })

  it('blocks a credential that a test found refused, before the next in the queue may try', async () => {
    const { tasks, puppets } = await bench()
    const test = tasks.test(credential)
    const behind = Promise.allSettled([tasks.list(credential, '')])
    await settled()
    const step = { step: 'sign-in' as const, ok: false, code: 'auth-failed', message: null }
    puppets[0]?.say({ type: 'tested', steps: [step], hostKey: null })
    expect((await test).ok).toBe(false)
    expect(codes(await behind)).toEqual(['needs-sign-in'])
    expect(puppets).toHaveLength(1)
  })

  it.each([
    ['ended-cert.pub', '2026-06-01', 'The SSH certificate ended on 2020-02-01.'],
    ['user-rsa-cert.pub', '2025-12-31', 'The SSH certificate is valid from 2026-01-01 only.'],
    ['user-rsa-cert.pub', '2026-06-01', null],
    ['forever-cert.pub', '2026-06-01', null],
    ['user-rsa.pub', '2026-06-01', null],
  ])('says of %s on %s what its dates tell of a refusal', async (file, day, message) => {
    const { tasks, puppets, clock } = await bench()
    clock.setWallClock(Date.parse(day))
    const fields = { ...draft.fields, certificate: certificateFile(file) }
    const test = tasks.test({ ...credential, fields: { ...credential.fields, ...fields } })
    const drafted = tasks.testDraft({ ...draft, fields }, {}, null)
    await settled()
    const step = { step: 'sign-in' as const, ok: false, code: 'auth-failed', message: null }
    for (const puppet of puppets) puppet.say({ type: 'tested', steps: [step], hostKey: null })
    expect([(await test).steps, (await drafted).steps]).toEqual([
      [{ ...step, message }],
      [{ ...step, message }],
    ])
  })

  it('kills a worker that says nothing for two minutes', async () => {
    const { tasks, puppets, clock } = await bench()
    const all = Promise.allSettled([tasks.list(credential, ''), tasks.fetchHostKey(draft)])
    await settled()
    for (const puppet of puppets) puppet.say({ type: 'ready' })
    await clock.advance(119_000)
    expect(puppets.map(({ killed }) => killed)).toEqual([false, false])
    await clock.advance(1_000)
    expect(codes(await all)).toEqual(['timeout', 'timeout'])
    expect(puppets.map(({ killed }) => killed)).toEqual([true, true])
    expect(clock.pending).toBe(0)
  })

  it('leaves a preview of a large folder its time while it tells how far it is', async () => {
    const { tasks, puppets, clock } = await bench()
    const all = Promise.allSettled([tasks.preview(uuid(1), credential)])
    await settled()
    puppets[0]?.say({ type: 'ready' })
    for (let minute = 0; minute < 10; minute += 1) {
      puppets[0]?.say(progress('scanning'))
      await clock.advance(60_000)
    }
    expect(puppets[0]?.killed).toBe(false)
    await clock.advance(60_000)
    expect(codes(await all)).toEqual(['timeout'])
  })

  it('ends all tasks on demand, those that wait for their turn too, and takes new ones', async () => {
    const { tasks, puppets, sealed } = await bench()
    const all = Promise.allSettled([
      tasks.list(credential, ''),
      tasks.makeFolder(credential, 'new'),
      tasks.test(credential),
      tasks.testDraft(draft, {}, null),
      tasks.fetchHostKey(draft),
      tasks.preview(uuid(1), credential),
    ])
    await settled()
    tasks.killAll()
    expect(codes(await all)).toEqual(Array.from({ length: 6 }, () => 'cancelled'))
    expect(puppets.map(({ killed }) => killed)).toEqual([true, true, true])
    // What waited never asked the vault.
    expect([...sealed].sort()).toEqual(['credential', 'draft', 'draft'])
    const next = tasks.list(credential, '')
    await settled()
    puppets[3]?.say(listing)
    await next
  })

  it.for([
    ['a secret among the fields', { fields: { host: 'nas', password: 'hunter2' } }, {}, 'password'],
    ['an unknown field', { fields: { hots: 'nas' } }, {}, 'hots'],
    ['an unknown secret', {}, { pasword: new Uint8Array() }, 'pasword'],
  ] as const)('sends no draft with %s on', async ([, change, secrets, field]) => {
    const { tasks, sealed, puppets } = await bench()
    const testing = tasks.testDraft({ ...draft, ...change }, secrets, null)
    await expect(testing).rejects.toMatchObject({ code: 'bad-request', details: { field } })
    if (Object.keys(secrets).length === 0)
      await expect(tasks.fetchHostKey({ ...draft, ...change })).rejects.toMatchObject({ code: 'bad-request' })
    expect([sealed, puppets]).toEqual([[], []])
  })
})
