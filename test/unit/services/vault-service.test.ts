import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { noSessionSignals } from '../../../main/core/ports/session-signals.ts'
import type { VaultApi } from '../../../main/core/vault/vault-api.ts'
import { AppError } from '../../../main/model/app-error.ts'
import { VaultSettings } from '../../../main/model/vault.ts'
import { createAutoLock } from '../../../main/services/auto-lock.ts'
import type { ServicePorts } from '../../../main/services/service-ports.ts'
import { createVaultService } from '../../../main/services/vault-service.ts'
import type { VaultService, VaultServiceParts } from '../../../main/services/vault-service.ts'
import { runSummary, uuid } from '../core/jobs/support.ts'
import { addJob, createBench, createUnlockedBench, PASSWORD, settled, unlock } from './support.ts'
import type { Bench } from './support.ts'

const noGrant: unknown = expect.objectContaining({ code: 'no-grant' })
const byHand = { approve: null, trigger: 'manual' } as const

describe('an unlock whose vault cannot be read', () => {
  /** Automatic locking as the desktop sets it up, on a machine that nobody touches. */
  function watch({ ports, services, clock }: Bench) {
    const machine = { idle: 0, locks: new Array<Promise<unknown>>() }
    const autoLock = createAutoLock({
      clock,
      power: { ...ports.power, idleSeconds: () => machine.idle },
      signals: noSessionSignals,
      lock: () => void machine.locks.push(services.vault.lock({ stopJobs: false })),
    })
    services.vault.onSettings((settings) => {
      autoLock.arm(settings)
    })
    return Object.assign(machine, { autoLock })
  }
  const broken = (): Promise<never> => Promise.reject(new AppError('vault-damaged', 'broken'))
  const unreadable = (vault: VaultApi): VaultApi => ({ ...vault, settings: broken, listJobs: broken })

  it.for(['create', 'unlock'] as const)(
    'is watched with the default settings after %s: it locks when it is left alone for as long as they say',
    async (way) => {
      const bench = await createBench({ wrap: unreadable })
      const { services, ports, clock, log } = bench
      const machine = watch(bench)
      await services.vault.create(utf8(PASSWORD), { iterations: 600_000 })
      if (way === 'unlock') {
        await services.vault.lock({ stopJobs: false })
        await unlock(bench)
      }
      expect(log.events).toContain('jobs.not-refreshed')
      const limit = (VaultSettings.parse({}).lockAfterIdleMs ?? 0) / 1000
      machine.idle = limit - 1
      await clock.advance(5_000)
      expect(ports.vault.isUnlocked()).toBe(true)
      machine.idle = limit
      await clock.advance(5_000)
      await Promise.all(machine.locks)
      expect(ports.vault.isUnlocked()).toBe(false)
    },
  )

  it.for([
    ['12 hours have passed', 'lockAfterSessionMs', true],
    ['no window has been open for 5 minutes', 'lockAfterClosedMs', false],
  ] as const)('locks when %s', async ([, limit, isWindowOpen]) => {
    const bench = await createBench({ wrap: unreadable })
    const { services, ports, clock } = bench
    const machine = watch(bench)
    machine.autoLock.noteWindow(isWindowOpen)
    await services.vault.create(utf8(PASSWORD), { iterations: 600_000 })
    await clock.advance((VaultSettings.parse({})[limit] ?? 0) - 1)
    expect(ports.vault.isUnlocked()).toBe(true)
    await clock.advance(1)
    await Promise.all(machine.locks)
    expect(ports.vault.isUnlocked()).toBe(false)
  })
})

describe('lock', () => {
  type Step = 'vault' | 'tasks' | 'grants' | 'runs'

  /** Steps of a lock that only note that they were taken; `failing` throws or rejects. */
  function bench(failing: Step | null, how: 'throws' | 'rejects'): { service: VaultService; done: Step[] } {
    const done: Step[] = []
    const take = (step: Step): Promise<void> => {
      done.push(step)
      if (step !== failing) return Promise.resolve()
      const error = new AppError('internal', `${step} failed`)
      if (how === 'throws') throw error
      return Promise.reject(error)
    }
    const ports = {
      log: { info: () => {}, warn: () => {}, error: () => {} },
      vault: { lock: () => take('vault'), status: () => Promise.resolve({ state: 'locked' }) },
    }
    const parts = {
      grants: { forget: () => void take('grants') },
      tasks: { killAll: () => void take('tasks') },
      coordinator: { cancelAll: () => take('runs') },
      keyCache: { state: () => 'off' },
    }
    // A lock uses only these parts.
    const service = createVaultService(
      ports as unknown as ServicePorts,
      parts as unknown as VaultServiceParts,
    )
    return { service, done }
  }

  it.for([
    ['tasks', 'throws'],
    ['grants', 'throws'],
    ['runs', 'throws'],
    ['runs', 'rejects'],
  ] as const)('with its jobs stopped goes through although a step fails: %s %s', async ([step, how]) => {
    const { service, done } = bench(step, how)
    expect(await service.lock({ stopJobs: true })).toMatchObject({ state: 'locked' })
    expect([...done].sort()).toEqual(['grants', 'runs', 'tasks', 'vault'])
  })

  it.for(['throws', 'rejects'] as const)(
    'says that the vault is not locked, and has stopped everything else: vault %s',
    async (how) => {
      const { service, done } = bench('vault', how)
      await expect(service.lock({ stopJobs: true })).rejects.toThrow('vault failed')
      expect([...done].sort()).toEqual(['grants', 'runs', 'tasks', 'vault'])
    },
  )

  it('leaves grants and runs alone unless jobs are to stop', async () => {
    const { service, done } = bench(null, 'rejects')
    await service.lock({ stopJobs: false })
    expect([...done].sort()).toEqual(['tasks', 'vault'])
  })
})

describe('restore', () => {
  it('ends the grants of the vault that it replaces; those of the restored one come with its unlock', async () => {
    const bench = await createUnlockedBench()
    const { services, ports } = bench
    const id = await addJob(bench, 'docs')
    await addJob(bench, 'photos')
    await services.vault.lock({ stopJobs: false })
    const run = await services.jobs.run(id, byHand)
    services.jobs.cancel(id)
    await run.finished
    await services.vault.restore(1)
    expect(ports.vault.isUnlocked()).toBe(false)
    await expect(services.jobs.run(id, byHand)).rejects.toEqual(noGrant)
    await unlock(bench)
    await services.vault.lock({ stopJobs: false })
    await services.jobs.run(id, byHand)
    await services.vault.lock({ stopJobs: true })
  })

  it('lets the scheduler know the jobs of the restored vault, and no others', async () => {
    const bench = await createUnlockedBench()
    const { services, ports } = bench
    const id = await addJob(bench, 'docs')
    await services.jobs.edit(id, { schedule: 'every:1h' })
    await services.vault.restore(1)
    await unlock(bench)
    expect(ports.store.jobs()).toMatchObject([{ name: 'docs', schedule: 'every:10m' }])
  })
})

describe('startOver', () => {
  it('stops the runs of the old vault and forgets all it knew of it', async () => {
    const bench = await createUnlockedBench()
    const { services, ports, puppets } = bench
    const id = await addJob(bench, 'docs')
    ports.store.addRun(runSummary(1, { job: id }))
    ports.store.block(uuid(900), 'auth-failed', '2026-01-01T00:00:00.000Z')
    const run = await services.jobs.run(id, byHand)
    await settled()
    puppets[0]?.say({ type: 'ready' })
    let isOver = false
    const startingOver = services.vault.startOver().finally(() => (isOver = true))
    await settled()
    // The run is at its clean point only when its worker says so.
    expect([puppets[0]?.received.at(-1), isOver, ports.store.jobs().length]).toEqual([
      { type: 'cancel' },
      false,
      1,
    ])
    puppets[0]?.say({ type: 'failed', failure: { code: 'cancelled', fingerprint: null } })
    const { status, keptAs } = await startingOver
    expect((await run.finished).summary.state).toBe('cancelled')
    expect(keptAs).toMatch(/^old-vaults\//)
    expect({
      state: status.state,
      jobs: ports.store.jobs(),
      runs: ports.store.runs(null, 10),
      blocks: ports.store.blocks(),
    }).toEqual({ state: 'no-vault', jobs: [], runs: [], blocks: [] })
    await expect(services.jobs.run(id, byHand)).rejects.toMatchObject({ code: 'unknown-name' })
  })

  it('knows no device until there is a vault again, and then that one, with its jobs', async () => {
    const bench = await createUnlockedBench()
    const { services, ports, emitted } = bench
    await addJob(bench, 'docs')
    expect(ports.vault.device()).toMatch(/^d/)
    emitted.length = 0
    await services.vault.startOver()
    expect([ports.vault.device(), emitted]).toEqual(['', ['jobs.changed']])
    await services.vault.create(utf8(PASSWORD), { iterations: 600_000 })
    expect(ports.vault.device()).toMatch(/^d/)
    const id = await addJob(bench, 'photos')
    expect(ports.store.jobs()).toMatchObject([{ id, device: ports.vault.device() }])
  })

  it('switches keeping a key in the keychain off: that was said of the old vault', async () => {
    const bench = await createUnlockedBench()
    bench.ports.store.setFact('keychain-days', '30')
    expect((await bench.services.vault.status()).keychain).toBe('on')
    const { status } = await bench.services.vault.startOver()
    expect(status.keychain).toBe('off')
  })
})
