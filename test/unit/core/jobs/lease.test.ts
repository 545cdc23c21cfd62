import { describe, expect, it } from 'vitest'
import { createLeases } from '../../../../main/core/jobs/lease.ts'
import type { ProcessIdentity, ProcessTable } from '../../../../main/core/ports/process-table.ts'
import { openStore } from './support.ts'

function processes(pid: number, alive: ReadonlySet<number>): ProcessTable {
  const self: ProcessIdentity = { pid, startedAt: `start-${pid}`, bootId: 'boot' }
  return { self: () => self, isAlive: (other) => other.bootId === 'boot' && alive.has(other.pid) }
}

describe('createLeases', () => {
  it('refuses a second holder while the first lives, itself included', async () => {
    const { database } = await openStore()
    const alive = new Set([1, 2])
    const first = createLeases(database, processes(1, alive))
    const second = createLeases(database, processes(2, alive))
    first.acquire('job:a')
    expect(() => second.acquire('job:a')).toThrow(
      expect.objectContaining({ code: 'already-running' }) as Error,
    )
    expect(() => first.acquire('job:a')).toThrow(
      expect.objectContaining({ code: 'already-running' }) as Error,
    )
    expect(second.isHeld('job:a')).toBe(true)
    expect(second.isHeld('job:b')).toBe(false)
  })

  it('takes over from a holder that died', async () => {
    const { database } = await openStore()
    const alive = new Set([1, 2])
    createLeases(database, processes(1, alive)).acquire('job:a')
    alive.delete(1)
    const second = createLeases(database, processes(2, alive))
    expect(second.isHeld('job:a')).toBe(false)
    second.acquire('job:a')
    expect(second.isHeld('job:a')).toBe(true)
  })

  it('is free again once released, and a late second release takes nothing from the next holder', async () => {
    const { database } = await openStore()
    const alive = new Set([1, 2])
    const release = createLeases(database, processes(1, alive)).acquire('job:a')
    release()
    const second = createLeases(database, processes(2, alive))
    second.acquire('job:a')
    release()
    expect(second.isHeld('job:a')).toBe(true)
  })
})
