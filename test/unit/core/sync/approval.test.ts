import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryPlace } from '../../../../main/connectors/memory/memory-place.ts'
import { Preview } from '../../../../main/model/run.ts'
import { createWorld, dump, put, safetyOf } from './world.ts'
import type { World, WorldOptions } from './world.ts'

const open: World[] = []
const DAY = 86_400_000

function world(options?: WorldOptions): World {
  const made = createWorld(options)
  open.push(made)
  return made
}

const many = (count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`f${String(index).padStart(4, '0')}`, `x${index}`]),
  )

async function synced(files: Parameters<typeof put>[1], options?: WorldOptions): Promise<World> {
  const made = world(options)
  put(made.job.direction === 'pull' ? made.remote : made.local, files)
  expect((await made.run()).summary.state).toBe('done')
  return made
}

/** A synced world whose source has lost all but one of 20 files. */
async function emptied(): Promise<World> {
  const one = await synced(many(20))
  for (let index = 1; index < 20; index += 1) one.local.store.take(`f${String(index).padStart(4, '0')}`)
  return one
}

afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

describe('a run that a guard stops', () => {
  it('changes nothing and names the plan', async () => {
    const one = await emptied()
    const before = dump(one.remote, { all: true })
    const { summary, guards } = await one.run()
    expect(summary).toMatchObject({ state: 'stopped', reason: 'guard-stopped', deleted: 0 })
    expect(summary.plan).toMatch(/^[0-9a-f-]{36}$/)
    expect(guards.map(({ code }) => code)).toEqual(['delete-share'])
    expect(dump(one.remote, { all: true })).toEqual(before)
  })

  it('is carried out by its approval, exactly', async () => {
    const one = await emptied()
    const { plan } = (await one.run()).summary
    put(one.local, { 'new.txt': 'not in the plan' })
    const { summary } = await one.run({ approve: plan })
    expect(summary).toMatchObject({ state: 'done', deleted: 19, copied: 0, plan })
    expect(dump(one.remote)).toEqual({ f0000: 'x0' })
    expect(Object.keys(safetyOf(one.remote))).toHaveLength(19)
    expect((await one.run()).summary).toMatchObject({ state: 'done', copied: 1, deleted: 0 })
  })

  it('is stopped again when it is only started again', async () => {
    const one = await emptied()
    await one.run()
    expect((await one.run()).summary).toMatchObject({ state: 'stopped', deleted: 0 })
  })

  it('leaves items alone that have changed since, and says so', async () => {
    const one = await emptied()
    const { plan } = (await one.run()).summary
    put(one.remote, { f0001: ['edited', 1] })
    put(one.local, { f0002: ['back again', 1] })
    const { summary } = await one.run({ approve: plan })
    expect(summary).toMatchObject({ state: 'partial', reason: 'stale-item', deleted: 17, failed: 2 })
    expect(summary.errors.map(({ path, code }) => `${path} ${code}`)).toEqual([
      'f0001 stale-item',
      'f0002 stale-item',
    ])
    expect(dump(one.remote)).toMatchObject({ f0001: 'edited', f0002: 'x2' })
  })

  it('is not carried out twice', async () => {
    const one = await emptied()
    const { plan } = (await one.run()).summary
    await one.run({ approve: plan })
    expect((await one.run({ approve: plan })).summary).toMatchObject({
      state: 'failed',
      reason: 'unknown-name',
    })
  })

  it('cannot be approved after seven days', async () => {
    const one = await emptied()
    const { plan } = (await one.run()).summary
    one.clock.set(one.clock.now() + 7 * DAY)
    expect((await one.run({ approve: plan })).summary).toMatchObject({
      state: 'failed',
      reason: 'unknown-name',
    })
    expect(Object.keys(dump(one.remote))).toHaveLength(20)
  })

  it.each([
    ['mode', { mode: 'copy' as const }],
    ['filters', { filters: ['*.tmp'] }],
    ['remote folder', { remote: 'elsewhere' }],
  ])('cannot be approved after the %s of the job has changed', async (_, change) => {
    const one = await emptied()
    const { plan } = (await one.run()).summary
    one.job = { ...one.job, ...change }
    expect((await one.run({ approve: plan })).summary).toMatchObject({
      state: 'failed',
      reason: 'unknown-name',
    })
    expect(Object.keys(dump(one.remote))).toHaveLength(20)
  })

  it.each([
    ['a step', "UPDATE plan_parts SET steps = replace(steps, 'f0001', 'f0000')"],
    ['the header', 'UPDATE plans SET header = replace(header, \'"steps":19\', \'"steps":18\')'],
    ['a missing part', 'DELETE FROM plan_parts'],
  ])('is refused when %s was forged', async (_, sql) => {
    const one = await emptied()
    const { plan } = (await one.run()).summary
    one.database.exec(sql)
    expect((await one.run({ approve: plan })).summary).toMatchObject({
      state: 'failed',
      reason: 'bad-request',
    })
    expect(Object.keys(dump(one.remote))).toHaveLength(20)
  })

  it('is refused with another key', async () => {
    const one = await emptied()
    const { plan } = (await one.run()).summary
    one.context = { planKey: new Uint8Array(32).fill(8) }
    expect((await one.run({ approve: plan })).summary).toMatchObject({
      state: 'failed',
      reason: 'unknown-name',
    })
  })

  it('is kept beside the four before it', async () => {
    const one = await emptied()
    for (let count = 0; count < 7; count += 1) await one.run()
    expect(one.database.all('SELECT id FROM plans')).toHaveLength(5)
    expect(one.database.all('SELECT DISTINCT plan FROM plan_parts')).toHaveLength(5)
  })
})

describe('a preview', () => {
  it('touches neither side and shows what the run does', async () => {
    const one = await synced({ 'a.txt': 'old', 'b.txt': 'gone', 'c.txt': 'same' })
    put(one.local, { 'a.txt': ['newer', 10], 'n/d.txt': 'four' })
    one.local.store.take('b.txt')
    const sides = [dump(one.local, { all: true }), dump(one.remote, { all: true })]
    const preview = Preview.parse(await one.preview())
    expect([dump(one.local, { all: true }), dump(one.remote, { all: true })]).toEqual(sides)
    expect(preview).toMatchObject({
      counts: { copy: 1, update: 1, delete: 1, mkdir: 1, rmdir: 0, skip: 0, move: 0, unchanged: 1 },
      bytes: 9,
      guards: [],
      itemsTotal: 4,
    })
    expect(preview.items.map(({ action, path, side }) => `${action} ${side} ${path}`)).toEqual([
      'mkdir remote n',
      'update remote a.txt',
      'copy remote n/d.txt',
      'delete remote b.txt',
    ])
    expect((await one.run()).summary).toMatchObject({ copied: 1, updated: 1, deleted: 1, bytes: 9 })
  })

  it('can be run as it was shown', async () => {
    const one = await synced({ 'a.txt': 'one' })
    put(one.local, { 'b.txt': 'two' })
    const { plan } = await one.preview()
    put(one.local, { 'c.txt': 'three' })
    expect((await one.run({ approve: plan })).summary).toMatchObject({ state: 'done', copied: 1, plan })
    expect(dump(one.remote)).toEqual({ 'a.txt': 'one', 'b.txt': 'two' })
  })

  it('shows at most 5,000 items and tells how many there are', async () => {
    const one = world()
    put(one.local, many(5001))
    const { items, itemsTotal, counts } = await one.preview()
    expect([items.length, itemsTotal, counts.copy]).toEqual([5000, 5001, 5001])
  })

  it('shows a missing root as a guard', async () => {
    const one = world({ job: { direction: 'pull' } })
    one.context = { remote: createMemoryPlace().connect({ root: 'nowhere' }) }
    expect((await one.preview()).guards.map(({ code }) => code)).toEqual(['root-missing'])
  })
})

describe('roots', () => {
  it('the first push makes the remote folder, a later run never again', async () => {
    const one = world()
    const place = createMemoryPlace()
    one.context = { remote: place.connect({ root: 'backup/photos', now: () => one.clock.now() }) }
    put(one.local, { 'a.txt': 'one' })
    expect((await one.run()).summary.state).toBe('done')
    expect(dump(place)).toEqual({ 'backup/photos/a.txt': 'one' })
    place.store.take('backup')
    expect((await one.run()).summary).toMatchObject({ state: 'stopped', reason: 'root-missing', plan: null })
    expect(dump(place)).toEqual({})
  })

  it.each(['push', 'pull'] as const)(
    'a missing local folder stops a %s and deletes nothing',
    async (direction) => {
      const one = await synced({ 'a.txt': 'one' }, { job: { direction } })
      one.context = { local: createMemoryPlace().connect({ root: 'nowhere' }) }
      const { summary, guards } = await one.run()
      expect(summary).toMatchObject({ state: 'stopped', reason: 'root-missing', deleted: 0 })
      expect(guards.map(({ code }) => code)).toEqual(['root-missing'])
      expect(dump(one.remote)).toEqual({ 'a.txt': 'one' })
    },
  )

  it('a pull with a missing remote folder stops', async () => {
    const one = world({ job: { direction: 'pull' } })
    one.context = { remote: createMemoryPlace().connect({ root: 'nowhere' }) }
    expect((await one.run()).summary).toMatchObject({ state: 'stopped', reason: 'root-missing' })
  })

  it('an emptied source stops, in copy mode too', async () => {
    const one = await synced({ 'a.txt': 'one' }, { job: { mode: 'copy' } })
    one.local.store.take('a.txt')
    const { guards, summary } = await one.run()
    expect(summary).toMatchObject({ state: 'stopped', reason: 'guard-stopped' })
    expect(guards.map(({ code }) => code)).toEqual(['root-empty'])
  })

  it('another disk behind the source stops until a person accepts it', async () => {
    const one = await synced({ 'a.txt': 'one' })
    const other = createMemoryPlace({ identity: 'disk-2' })
    put(other, { 'b.txt': 'two' })
    one.context = { local: other.connect() }
    const { guards, summary } = await one.run()
    expect(summary).toMatchObject({ state: 'stopped', reason: 'root-replaced' })
    expect(guards.map(({ code }) => code)).toEqual(['root-replaced'])
    expect((await one.run({ approve: summary.plan })).summary).toMatchObject({
      state: 'done',
      copied: 1,
      deleted: 1,
    })
    expect((await one.run()).summary.state).toBe('done')
  })

  it('an approval for one disk does not hold for the next', async () => {
    const one = await emptied()
    const { plan } = (await one.run()).summary
    one.context = { local: createMemoryPlace({ identity: 'disk-2' }).connect() }
    expect((await one.run({ approve: plan })).summary).toMatchObject({
      state: 'failed',
      reason: 'root-replaced',
    })
    expect(Object.keys(dump(one.remote))).toHaveLength(20)
  })

  it.each([
    ['has lost its marker', null],
    [
      'bears a marker of another place',
      JSON.stringify({
        format: 'fernsync-root/1',
        job: '11111111-0000-4000-8000-000000000000',
        root: '33333333-0000-4000-8000-000000000000',
      }),
    ],
    ['bears an empty marker, as forums advise', ''],
  ])('a target that %s stops', async (_, marker) => {
    const one = await synced({ 'a.txt': 'one' })
    const path = `.fernsync/${one.job.id}/root.json`
    if (marker === null) one.remote.store.take(path)
    else put(one.remote, { [path]: marker })
    expect((await one.run()).summary).toMatchObject({ state: 'stopped', reason: 'root-replaced' })
  })

  it('a first run that would delete or replace stops, and copies alone do not', async () => {
    const one = world()
    put(one.remote, { 'theirs.txt': 'precious', 'both.txt': 'other' })
    put(one.local, { 'both.txt': 'mine', 'new.txt': 'new' })
    const { guards } = await one.run()
    expect(guards.map(({ code, count }) => `${code} ${count}`)).toEqual(['first-run 2'])
    one.job = { ...one.job, mode: 'copy' }
    one.local.store.take('both.txt')
    expect((await one.run()).summary).toMatchObject({ state: 'done', copied: 1 })
    one.job = { ...one.job, mode: 'mirror' }
    expect((await one.run()).guards.map(({ code, count }) => `${code} ${count}`)).toEqual(['first-run 2'])
  })

  it('a lost database never deletes: equal files are taken over, the rest waits for a person', async () => {
    const one = await synced({ 'a.txt': 'one', 'b.txt': 'two' })
    const fresh = world()
    one.database = fresh.database
    expect((await one.run()).summary).toMatchObject({ state: 'done', copied: 0, deleted: 0 })
    put(one.remote, { 'theirs.txt': 'x' })
    one.database = world().database
    expect((await one.run()).guards.map(({ code }) => code)).toEqual(['first-run'])
  })

  it('a job that points to another folder starts over instead of deleting there', async () => {
    const one = await synced({ 'a.txt': 'one' })
    const other = createMemoryPlace()
    put(other, { 'precious.txt': 'x' })
    one.job = { ...one.job, remote: 'other' }
    one.context = { remote: other.connect() }
    expect((await one.run()).guards.map(({ code }) => code)).toEqual(['first-run'])
    expect(dump(other)).toEqual({ 'precious.txt': 'x' })
  })
})

describe('a clock that is off', () => {
  it('stops a run when this clock went back, again and again, until a person accepts', async () => {
    const one = await synced({ 'a.txt': 'one' })
    put(one.local, { 'b.txt': 'two' })
    one.clock.set(one.clock.now() - 3 * DAY)
    const first = await one.run()
    expect(first.guards.map(({ code }) => code)).toEqual(['clock-off'])
    expect((await one.run()).guards.map(({ code }) => code)).toEqual(['clock-off'])
    expect((await one.run({ approve: first.summary.plan })).summary).toMatchObject({
      state: 'done',
      copied: 1,
    })
  })

  it('stops a run when the target writes with another time, before anything is changed', async () => {
    const one = world()
    put(one.local, { 'a.txt': 'one' })
    const skewed = one.remote.connect({ now: () => one.clock.now() + 30 * DAY })
    one.context = { remote: skewed }
    const { summary, guards } = await one.run()
    expect(guards.map(({ code }) => code)).toEqual(['clock-off'])
    expect(dump(one.remote)).toEqual({})
    expect((await one.run({ approve: summary.plan })).summary).toMatchObject({ state: 'done', copied: 1 })
  })
})
