import { describe, expect, it, onTestFinished } from 'vitest'
import { createHash } from 'node:crypto'
import { createWorld, dump, put } from './world.ts'
import type { World } from './world.ts'

/** Photos that a job has brought down from a server, ten of ten known to its baseline. */
async function pulled(): Promise<World> {
  const world = createWorld({ job: { direction: 'pull' } })
  onTestFinished(() => {
    world.close()
  })
  put(world.remote, Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`p${n}.jpg`, `photo ${n}`])))
  expect((await world.run()).summary).toMatchObject({ state: 'done', copied: 10 })
  return world
}

const ofPair = (world: World): unknown =>
  world.database.get("SELECT value FROM facts WHERE name = 'pair'")?.['value']

describe('openSession', () => {
  it('knows the place again on the next run', async () => {
    const world = await pulled()
    const before = ofPair(world)
    expect((await world.run()).summary).toMatchObject({ state: 'done', copied: 0, deleted: 0 })
    expect(ofPair(world)).toBe(before)
  })

  it.for(['sftp://ada@nas-2:22', 'sftp://ada@nas:2222', 'sftp://bob@nas:22'])(
    'deletes nothing here when the credential leads to %s, where the same path holds less',
    async (target) => {
      const world = await pulled()
      const here = dump(world.local)
      // Few enough that no limit of deletions would stop it.
      for (const name of ['p0.jpg', 'p1.jpg']) world.remote.store.take(name)
      world.context = { target }
      const { summary, guards } = await world.run()
      expect(summary).toMatchObject({ state: 'stopped', reason: 'guard-stopped', deleted: 0 })
      expect(guards.map(({ code }) => code)).toContain('first-run')
      expect(dump(world.local)).toEqual(here)
    },
  )

  it('keeps nothing from which a guess at server and folders could be checked without the key', async () => {
    const world = await pulled()
    const { id, credential, local, remote } = world.job
    const pair = ofPair(world)
    const target = 'sftp://ada@nas:22'
    for (const guess of [
      [id, credential, local, remote],
      [id, credential, target, local, remote],
    ]) {
      expect(pair).not.toBe(createHash('sha256').update(JSON.stringify(guess)).digest('hex'))
    }
    world.context = { planKey: new Uint8Array(32).fill(9) }
    await world.run()
    expect(ofPair(world)).not.toBe(pair)
  })
})
