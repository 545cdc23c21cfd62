import { afterEach, describe, expect, it } from 'vitest'
import { RunProgress, RunSummary } from '../../../../main/model/run.ts'
import { createWorld, dump, put, safetyOf, START } from './world.ts'
import type { World, WorldOptions } from './world.ts'

const open: World[] = []

function world(options?: WorldOptions): World {
  const made = createWorld(options)
  open.push(made)
  return made
}

/** A world whose first run is done: `files` are on both sides. */
async function synced(files: Parameters<typeof put>[1], options?: WorldOptions): Promise<World> {
  const made = world(options)
  put(made.job.direction === 'push' ? made.local : made.remote, files)
  expect((await made.run()).summary.state).toBe('done')
  return made
}

const many = (count: number, text = 'x'): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`f${String(index).padStart(4, '0')}`, `${text}${index}`]),
  )

afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

describe('createSyncEngine: a run', () => {
  it('brings files and folders over and reports them exactly', async () => {
    const it_ = world()
    put(it_.local, { 'a.txt': 'one', 'docs/b.txt': 'second', 'empty/': null })
    const { summary, guards } = await it_.run()
    expect(dump(it_.remote)).toEqual({ 'a.txt': 'one', 'docs/b.txt': 'second', 'empty/': null })
    expect(guards).toEqual([])
    expect(RunSummary.parse(summary)).toMatchObject({
      state: 'done',
      reason: null,
      copied: 2,
      updated: 0,
      deleted: 0,
      bytes: 9,
      failed: 0,
      plan: null,
      errors: [],
    })
  })

  it('does nothing the second time', async () => {
    const one = await synced({ 'a.txt': 'one' })
    const before = dump(one.remote, { all: true })
    const { summary } = await one.run()
    expect(summary).toMatchObject({ state: 'done', copied: 0, updated: 0, bytes: 0 })
    expect(dump(one.remote, { all: true })).toEqual(before)
  })

  it('pulls from the server into the local folder', async () => {
    const one = await synced({ 'a.txt': 'one' }, { job: { direction: 'pull' } })
    expect(dump(one.local)).toEqual({ 'a.txt': 'one' })
    expect(dump(one.remote, { all: true })).toEqual({ 'a.txt': 'one' })
  })

  it('keeps what it replaces and deletes in safety', async () => {
    const one = await synced({ 'a.txt': 'old', 'docs/b.txt': 'gone', 'c.txt': 'same' })
    put(one.local, { 'a.txt': ['newer', 10] })
    one.local.store.take('docs/b.txt')
    one.local.store.take('docs')
    const { summary } = await one.run()
    expect(summary).toMatchObject({ state: 'done', updated: 1, deleted: 1, bytes: 5 })
    expect(dump(one.remote)).toEqual({ 'a.txt': 'newer', 'c.txt': 'same' })
    expect(safetyOf(one.remote)).toEqual({ 'a.txt': 'old', 'docs/b.txt': 'gone' })
  })

  it('copy mode deletes nothing', async () => {
    const one = await synced({ 'a.txt': 'one', 'b.txt': 'two' }, { job: { mode: 'copy' } })
    one.local.store.take('b.txt')
    expect((await one.run()).summary).toMatchObject({ state: 'done', deleted: 0 })
    expect(dump(one.remote)).toEqual({ 'a.txt': 'one', 'b.txt': 'two' })
  })

  it('lets the source win over a newer target and keeps the target in safety', async () => {
    const one = await synced({ 'a.txt': 'mine' })
    put(one.remote, { 'a.txt': ['theirs', 1] })
    expect((await one.run()).summary).toMatchObject({ updated: 1 })
    expect(dump(one.remote)).toEqual({ 'a.txt': 'mine' })
    expect(safetyOf(one.remote)).toEqual({ 'a.txt': 'theirs' })
  })

  it('sets the time only, when a touched file has the same content', async () => {
    const one = await synced({ 'a.txt': 'same' })
    put(one.local, { 'a.txt': ['same', 5] })
    expect((await one.run()).summary).toMatchObject({ state: 'done', updated: 0, bytes: 0 })
    const entry = one.remote.store.find('a.txt')?.node
    expect(entry).toMatchObject({ modTime: START - 5000 })
    expect((await one.preview()).items).toEqual([])
  })

  it('finds a change that bears the same size and time as long as the first was made right before the scan', async () => {
    const one = world()
    one.clock.set(START)
    put(one.local, { 'a.txt': ['aaaa', -60] }) // written at the very moment of the run
    await one.run()
    put(one.local, { 'a.txt': ['bbbb', -60] })
    const node = one.local.store.find('a.txt')?.node
    if (node?.kind === 'file') node.version = 1
    expect((await one.run()).summary).toMatchObject({ updated: 1 })
    expect(dump(one.remote)).toEqual({ 'a.txt': 'bbbb' })
  })

  it('hashes what the last run recorded again after an unclean boot', async () => {
    const one = await synced({ 'a.txt': 'good' }, { job: { direction: 'pull' } })
    const node = one.local.store.find('a.txt')?.node
    if (node?.kind === 'file') node.content = new TextEncoder().encode('torn')
    expect((await one.run()).summary).toMatchObject({ updated: 0 })
    one.context = { recheck: true }
    expect((await one.run()).summary).toMatchObject({ updated: 1 })
    expect(dump(one.local)).toEqual({ 'a.txt': 'good' })
  })

  it('answers unsupported for a two-way job', async () => {
    const one = world({ job: { mode: 'two-way', direction: null } })
    expect((await one.run()).summary).toMatchObject({ state: 'failed', reason: 'unsupported' })
    await expect(one.preview()).rejects.toMatchObject({ code: 'unsupported' })
  })

  it('answers unsupported when the job names a safety folder that was not opened', async () => {
    const one = world({ job: { safety: '/srv/safety' } })
    expect((await one.run()).summary).toMatchObject({ state: 'failed', reason: 'unsupported' })
  })

  it('keeps old files in the place that the job names', async () => {
    const one = await synced({ 'a.txt': 'old', 'b.txt': 'gone' })
    const elsewhere = world().remote
    one.job = { ...one.job, safety: '/srv/safety' }
    one.context = { safety: elsewhere.connect() }
    put(one.local, { 'a.txt': ['newer', 10] })
    one.local.store.take('b.txt')
    expect((await one.run()).summary).toMatchObject({ state: 'done', updated: 1, deleted: 1 })
    expect(safetyOf(one.remote)).toEqual({})
    expect(
      Object.entries(dump(elsewhere)).map(([path, text]) => [path.replace(/^[^/]+\//, ''), text]),
    ).toEqual([
      ['a.txt', 'old'],
      ['b.txt', 'gone'],
    ])
  })

  it('removes safety folders after 30 days and nothing younger', async () => {
    const one = await synced({ 'a.txt': '1', 'b.txt': '1', 'keep.txt': '1' })
    put(one.local, { 'a.txt': ['22', 10] })
    await one.run()
    one.clock.set(one.clock.now() + 20 * 86_400_000)
    put(one.local, { 'b.txt': ['22', 10] })
    await one.run()
    one.clock.set(one.clock.now() + 11 * 86_400_000)
    await one.run()
    expect(safetyOf(one.remote)).toEqual({ 'b.txt': '1' })
  })

  it('removes temp files of its own earlier runs and of nobody else', async () => {
    const one = await synced({ 'a.txt': '1' })
    const run = (await one.run()).summary.run.slice(0, 8)
    put(one.remote, { [`.fernsync-${run}-3.part`]: 'half', [`docs/.fernsync-${run}-r4.part`]: 'half' })
    put(one.remote, { '.fernsync-99999999-1.part': 'in use' })
    await one.run()
    expect(Object.keys(dump(one.remote, { all: true })).filter((path) => path.endsWith('.part'))).toEqual([
      '.fernsync-99999999-1.part',
    ])
  })

  it('reports progress that ends at the totals', async () => {
    const one = await synced(many(30))
    const last = RunProgress.parse(one.progress.at(-1))
    expect(last).toMatchObject({
      phase: 'finishing',
      filesDone: 30,
      filesTotal: 30,
      bytesTotal: 80,
      failed: 0,
    })
    expect(last.bytesDone).toBe(80)
  })
})
