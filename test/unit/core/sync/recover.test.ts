import { afterEach, describe, expect, it } from 'vitest'
import { createFuse } from './fuse.ts'
import { createWorld, dump, put, safetyOf } from './world.ts'
import type { World } from './world.ts'

const open: World[] = []

afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

/** A world whose server replaces in two steps, and whose run died between them: `a.txt` has no content under its name. */
async function torn(): Promise<World> {
  for (let at = 1; ; at += 1) {
    const one = createWorld({ job: { mode: 'copy' }, remote: { atomicWrite: false, methods: ['move'] } })
    open.push(one)
    put(one.local, { 'a.txt': 'old', 'b.txt': 'other' })
    await one.run()
    put(one.local, { 'a.txt': ['newer', 10] })
    const fuse = createFuse(at)
    one.context = {
      remote: fuse.wrap(one.remote.connect({ now: () => one.clock.now() })),
      database: fuse.wrapDatabase(one.database),
    }
    await one.run()
    one.context = {}
    if (fuse.hit() === null) throw new Error('no run died between the two moves')
    if (!('a.txt' in dump(one.remote))) return one
  }
}

const temps = (one: World): string[] =>
  Object.keys(dump(one.remote, { all: true })).filter((path) => path.endsWith('.part'))

describe('recoverReplacements', () => {
  it('gives the name to the new content when it is complete, even if the source is gone by now', async () => {
    const one = await torn()
    expect([dump(one.remote), safetyOf(one.remote), temps(one).length]).toEqual([
      { 'b.txt': 'other' },
      { 'a.txt': 'old' },
      1,
    ])
    one.local.store.take('a.txt')
    expect((await one.run()).summary.state).toBe('done')
    expect(dump(one.remote)).toEqual({ 'a.txt': 'newer', 'b.txt': 'other' })
    expect(one.database.all('SELECT * FROM journal')).toEqual([])
  })

  it('gives the name back to the old content when the new one is not there', async () => {
    const one = await torn()
    one.local.store.take('a.txt')
    one.remote.store.take(String(temps(one)[0]))
    expect((await one.run()).summary.state).toBe('done')
    expect(dump(one.remote)).toEqual({ 'a.txt': 'old', 'b.txt': 'other' })
  })

  it('leaves alone what somebody has put there since', async () => {
    const one = await torn()
    put(one.remote, { 'a.txt': ['theirs', 1] })
    one.local.store.take('a.txt')
    expect((await one.run()).summary.state).toBe('done')
    expect(dump(one.remote)).toEqual({ 'a.txt': 'theirs', 'b.txt': 'other' })
    expect([safetyOf(one.remote), temps(one)]).toEqual([{ 'a.txt': 'old' }, []])
  })

  it('is left for a run: a preview only looks', async () => {
    const one = await torn()
    const before = dump(one.remote, { all: true })
    await one.preview()
    expect(dump(one.remote, { all: true })).toEqual(before)
  })
})
