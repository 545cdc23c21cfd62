import { describe, expect, it } from 'vitest'
import { createRunCoordinator } from '../../../../main/core/jobs/run-coordinator.ts'
import type { RunCoordinator, RunStart } from '../../../../main/core/jobs/run-coordinator.ts'
import type { JobStore } from '../../../../main/core/jobs/job-store.ts'
import { createSignInQueue } from '../../../../main/core/jobs/sign-in-queue.ts'
import { createLeases } from '../../../../main/core/jobs/lease.ts'
import type { ChildProcess } from '../../../../main/core/ports/worker-host.ts'
import type { FromWorker, ToWorker } from '../../../../main/model/worker-messages.ts'
import { createNodeProcessTable } from '../../../../main/adapters/node-process-table.ts'
import { nodeRandom } from '../../../../main/adapters/node-random.ts'
import { createFakeClock } from '../../../helpers/fake-clock.ts'
import type { FakeClock } from '../../../helpers/fake-clock.ts'
import { captureLog, here, jobDefinition, openStore, projection, runSummary, uuid } from './support.ts'

/** A child whose other end the test plays. */
type Puppet = { readonly received: ToWorker[]; say(message: FromWorker): void; die(): void; killed: boolean }

type Bench = {
  coordinator: RunCoordinator
  clock: FakeClock
  store: JobStore
  puppets: Puppet[]
  asleep: () => boolean
  /** What was told of runs, as `<last digits of the job> <what>`. */
  told: string[]
}

async function bench(): Promise<Bench> {
  const { store, database } = await openStore()
  const clock = createFakeClock()
  const puppets: Puppet[] = []
  const told: string[] = []
  let blockers = 0
  const leases = createLeases(database, createNodeProcessTable())
  const coordinator = createRunCoordinator({
    clock,
    store,
    random: nodeRandom,
    log: captureLog(),
    home: '/home-of-test',
    leases,
    signIns: createSignInQueue({ leases, clock }),
    power: {
      onEvent: () => () => {},
      idleSeconds: () => 0,
      isOnBattery: () => false,
      blockSleep: () => {
        blockers += 1
        return () => (blockers -= 1)
      },
    },
    host: { start: () => startPuppet(puppets) },
    onProgress: () => {},
    onChange: (jobId, what) => void told.push(`${Number(jobId.slice(-12))} ${what}`),
  })
  return { coordinator, clock, store, puppets, asleep: () => blockers === 0, told }
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
    die: () => {
      gone(null)
    },
  }
  puppets.push(puppet)
  return {
    pid: 1,
    post: (message) => puppet.received.push(structuredClone(message) as ToWorker),
    onMessage: (listener) => (hear = listener),
    onExit: (listener) => (gone = listener),
    kill: () => (puppet.killed = true),
  }
}

function request(n: number, change: Partial<RunStart> = {}): RunStart {
  return {
    jobId: uuid(n),
    credentialId: uuid(900),
    credentialRev: 1,
    trigger: 'manual',
    approve: null,
    grant: {
      sealed: { v: 1, vault: uuid(1), agent: here, job: uuid(n), id: uuid(77), seq: 1, salt: '', token: '' },
      grantKey: new Uint8Array(32).fill(7),
    },
    agentSocket: null,
    ...change,
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const progress = (job: number, phase: 'connecting' | 'scanning') =>
  ({
    type: 'progress',
    progress: {
      run: uuid(1),
      job: uuid(job),
      phase,
      filesDone: 0,
      filesTotal: null,
      bytesDone: 0,
      bytesTotal: null,
      current: null,
      failed: 0,
    },
  }) as const

describe('createRunCoordinator', () => {
  it('hands the grant over, records the summary and lets the machine sleep again', async () => {
    const { coordinator, store, puppets, asleep } = await bench()
    const start = request(1)
    const { run, finished } = coordinator.start(start)
    await settled()
    expect([coordinator.isRunning(uuid(1)), asleep()]).toEqual([true, false])
    puppets[0]?.say({ type: 'ready' })
    const [message] = puppets[0]?.received ?? []
    expect(message).toMatchObject({ type: 'start', home: '/home-of-test', task: { kind: 'run', run } })
    expect(message?.type === 'start' && message.grantKey).toEqual(new Uint8Array(32).fill(7))
    expect(start.grant.grantKey).toEqual(new Uint8Array(32))
    puppets[0]?.say({ type: 'summary', summary: runSummary(1, { run }), guards: [] })
    await finished
    expect([coordinator.isRunning(uuid(1)), asleep(), puppets[0]?.killed]).toEqual([false, true, true])
    expect(store.lastRun(uuid(1))?.run).toBe(run)
  })

  it('refuses a second start of the same job', async () => {
    const { coordinator } = await bench()
    coordinator.start(request(1))
    expect(() => coordinator.start(request(1))).toThrow(
      expect.objectContaining({ code: 'already-running' }) as Error,
    )
  })

  it('makes one attempt to sign in for ten jobs of one refused credential', async () => {
    const { coordinator, store, puppets } = await bench()
    const runs = Array.from({ length: 10 }, (_, n) => coordinator.start(request(n + 1)))
    await settled()
    expect(puppets.length).toBe(1)
    puppets[0]?.say({ type: 'failed', failure: { code: 'auth-failed', fingerprint: null } })
    const results = await Promise.all(runs.map((run) => run.finished))
    expect(puppets.length).toBe(1)
    expect(results.map((result) => result.summary.reason)).toEqual([
      'auth-failed',
      ...Array.from({ length: 9 }, () => 'needs-sign-in'),
    ])
    expect(store.isBlocked(uuid(900))).toBe(true)
    expect(() => coordinator.start(request(1))).toThrow(
      expect.objectContaining({ code: 'needs-sign-in' }) as Error,
    )
  })

  it('records jobs that waited behind a refused sign-in as skipped, not as failed runs', async () => {
    const { coordinator, store, puppets, told, asleep } = await bench()
    const runs = [1, 2, 3].map((n) => coordinator.start(request(n)))
    await settled()
    puppets[0]?.say({ type: 'failed', failure: { code: 'auth-failed', fingerprint: null } })
    const [, second] = await Promise.all(runs.map((run) => run.finished))
    expect(store.runs(null, 9).map(({ job, reason }) => [job, reason])).toEqual([[uuid(1), 'auth-failed']])
    const skips = store.skips(null, 9).map(({ job, reason }) => [job, reason])
    expect(skips.sort()).toEqual([
      [uuid(2), 'needs-sign-in'],
      [uuid(3), 'needs-sign-in'],
    ])
    expect(store.skips(uuid(2), 9)[0]?.at).toBe(second?.summary.started)
    expect(told.slice(3).sort()).toEqual(['1 ended', '2 skipped', '3 skipped'])
    expect([1, 2, 3].some((n) => coordinator.isRunning(uuid(n)))).toBe(false)
    expect(asleep()).toBe(true)
  })

  it('answers whoever waits although the skip could not be recorded', async () => {
    const { coordinator, store, puppets } = await bench()
    store.addSkip = () => {
      throw new Error('disk is full')
    }
    coordinator.start(request(1))
    const second = coordinator.start(request(2))
    await settled()
    puppets[0]?.say({ type: 'failed', failure: { code: 'auth-failed', fingerprint: null } })
    expect((await second.finished).summary.reason).toBe('needs-sign-in')
    expect(coordinator.isRunning(uuid(2))).toBe(false)
  })

  it('lets the next job of a credential sign in as soon as the first is in', async () => {
    const { coordinator, puppets } = await bench()
    coordinator.start(request(1))
    coordinator.start(request(2))
    await settled()
    puppets[0]?.say(progress(1, 'connecting'))
    await settled()
    expect(puppets.length).toBe(1)
    puppets[0]?.say(progress(1, 'scanning'))
    await settled()
    expect(puppets.length).toBe(2)
  })

  it('does not make jobs of other credentials wait', async () => {
    const { coordinator, puppets } = await bench()
    coordinator.start(request(1))
    coordinator.start(request(2, { credentialId: uuid(901) }))
    await settled()
    expect(puppets.length).toBe(2)
  })

  it('reports a worker that died, and has the next run look closer', async () => {
    const { coordinator, puppets } = await bench()
    const first = coordinator.start(request(1))
    await settled()
    puppets[0]?.say({ type: 'ready' })
    puppets[0]?.die()
    expect((await first.finished).summary).toMatchObject({ state: 'failed', reason: 'worker-crashed' })
    coordinator.start(request(1))
    await settled()
    puppets[1]?.say({ type: 'ready' })
    expect(puppets[1]?.received[0]).toMatchObject({ type: 'start', recheck: true })
  })

  it('still looks closer when runs in between never began', async () => {
    const { coordinator, store, puppets } = await bench()
    const died = coordinator.start(request(1))
    await settled()
    puppets[0]?.say({ type: 'ready' })
    puppets[0]?.die()
    await died.finished

    coordinator.start(request(2))
    const cancelled = coordinator.start(request(1))
    await settled()
    coordinator.cancel(uuid(1))
    expect((await cancelled.finished).summary.reason).toBe('cancelled')
    const refused = coordinator.start(request(1))
    puppets[1]?.say({ type: 'failed', failure: { code: 'auth-failed', fingerprint: null } })
    expect((await refused.finished).summary.reason).toBe('needs-sign-in')

    store.unblock(uuid(900))
    coordinator.start(request(1))
    await settled()
    puppets[2]?.say({ type: 'ready' })
    expect(puppets[2]?.received[0]).toMatchObject({ type: 'start', recheck: true })
  })

  it('does not look closer after a run that ended well', async () => {
    const { coordinator, puppets } = await bench()
    const first = coordinator.start(request(1))
    await settled()
    puppets[0]?.say({ type: 'summary', summary: runSummary(1, { run: first.run }), guards: [] })
    await first.finished
    coordinator.start(request(1))
    await settled()
    puppets[1]?.say({ type: 'ready' })
    expect(puppets[1]?.received[0]).toMatchObject({ type: 'start', recheck: false })
  })

  it('asks a cancelled run to stop and kills it only when it does not', async () => {
    const { coordinator, clock, puppets } = await bench()
    const { finished } = coordinator.start(request(1))
    await settled()
    puppets[0]?.say({ type: 'ready' })
    expect(coordinator.cancel(uuid(1))).toBe(true)
    expect(puppets[0]?.received.at(-1)).toEqual({ type: 'cancel' })
    expect(puppets[0]?.killed).toBe(false)
    await clock.advance(15_000)
    expect(puppets[0]?.killed).toBe(true)
    puppets[0]?.die()
    expect((await finished).summary).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
  })

  it('cancels a run that still waits for its turn without starting it', async () => {
    const { coordinator, puppets } = await bench()
    coordinator.start(request(1))
    const second = coordinator.start(request(2))
    await settled()
    coordinator.cancel(uuid(2))
    expect((await second.finished).summary.reason).toBe('cancelled')
    expect(puppets.length).toBe(1)
  })

  it('stops when another process of the home asks for it', async () => {
    const { coordinator, clock, store, puppets } = await bench()
    coordinator.start(request(1))
    await settled()
    puppets[0]?.say({ type: 'ready' })
    store.setFact(`cancel:${uuid(1)}`, 'requested')
    await clock.advance(1_000)
    expect(puppets[0]?.received.at(-1)).toEqual({ type: 'cancel' })
  })

  it('treats a message that is not of the protocol as a crash', async () => {
    const { coordinator, puppets } = await bench()
    const { finished } = coordinator.start(request(1))
    await settled()
    puppets[0]?.say({ type: 'secret', value: 'x' } as unknown as FromWorker)
    expect(puppets[0]?.killed).toBe(true)
    puppets[0]?.die()
    expect((await finished).summary.reason).toBe('worker-crashed')
  })

  it('leaves neither lease nor blocker behind when a start fails', async () => {
    const { coordinator, store, asleep } = await bench()
    const setFact = store.setFact.bind(store)
    store.setFact = () => {
      throw new Error('disk is full')
    }
    const start = request(1)
    expect(() => coordinator.start(start)).toThrow('disk is full')
    expect([coordinator.isRunning(uuid(1)), asleep(), start.grant.grantKey[0]]).toEqual([false, true, 0])
    store.setFact = setFact
    expect(coordinator.start(request(1)).run).toMatch(/-/)
  })

  it('answers whoever waits although the result could not be recorded', async () => {
    const { coordinator, store, puppets } = await bench()
    store.addRun = () => {
      throw new Error('disk is full')
    }
    const { run, finished } = coordinator.start(request(1))
    await settled()
    puppets[0]?.say({ type: 'summary', summary: runSummary(1, { run }), guards: [] })
    expect((await finished).summary.state).toBe('done')
    expect(coordinator.isRunning(uuid(1))).toBe(false)
  })

  it('does not block a password that was changed while the old one was refused', async () => {
    const { coordinator, store, puppets } = await bench()
    store.project(projection([jobDefinition(1)], 0))
    const { finished } = coordinator.start(request(1))
    await settled()
    store.project(projection([jobDefinition(1)], 0, { epoch: 2, credentialRevs: { [uuid(900)]: 2 } }))
    puppets[0]?.say({ type: 'failed', failure: { code: 'auth-failed', fingerprint: null } })
    await finished
    expect(store.isBlocked(uuid(900))).toBe(false)
  })

  it('ends a worker that never says a word, and lets the next of its credential in', async () => {
    const { coordinator, clock, puppets } = await bench()
    const first = coordinator.start(request(1))
    coordinator.start(request(2))
    await clock.advance(30_000)
    expect(puppets[0]?.killed).toBe(true)
    puppets[0]?.die()
    expect((await first.finished).summary.reason).toBe('timeout')
    await clock.advance(1_000)
    expect(puppets.length).toBe(2)
  })

  it('passes on the fingerprint of a server that is not trusted', async () => {
    const { coordinator, puppets } = await bench()
    const { finished } = coordinator.start(request(1))
    await settled()
    puppets[0]?.say({ type: 'failed', failure: { code: 'unpinned-server', fingerprint: 'SHA256:x' } })
    const { summary, fingerprint } = await finished
    expect([summary.reason, fingerprint]).toEqual(['unpinned-server', 'SHA256:x'])
  })
})
