import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../main/adapters/system-clock.ts'
import { tempFolder } from '../../helpers/temp-home.ts'
import { differences, makeTree, randomTree, snapshotTree, withoutOurs } from '../../helpers/tree.ts'
import { realJob } from './real-sides.ts'
import type { RealJob } from './real-sides.ts'

const OLD = { modTime: Date.UTC(2026, 0, 1) }

const differing = (job: RealJob): readonly string[] =>
  differences(snapshotTree(job.local, { keep: withoutOurs }), snapshotTree(job.remote, { keep: withoutOurs }))

/** What safety holds below `root`, without the names of job and run. */
function safetyBelow(root: string): string[] {
  return Object.keys(snapshotTree(root))
    .flatMap((path) => /^\.fernsync\/[^/]+\/safety\/[^/]+\/(.+[^/])$/.exec(path)?.[1] ?? [])
    .sort()
}

async function job(changes: Parameters<typeof realJob>[1] = {}): Promise<RealJob> {
  const made = realJob(await tempFolder(), changes)
  mkdirSync(made.local)
  return made
}

describe('a job between two real folders', () => {
  it('mirrors a tree with odd names and any sizes, by hash', async () => {
    const one = await job()
    makeTree(
      one.local,
      randomTree({ seed: 7, files: 120, maxSize: 300_000, perFolder: 12, hasOddNames: true }),
      OLD,
    )
    makeTree(one.local, { 'empty/': '', 'zero.bin': '' }, OLD)
    const { summary } = await one.run()
    expect(summary).toMatchObject({ state: 'done', copied: 121, failed: 0 })
    expect(differing(one)).toEqual([])
    expect((await one.run()).summary).toMatchObject({
      state: 'done',
      copied: 0,
      updated: 0,
      deleted: 0,
      bytes: 0,
    })
  })

  it('pulls, and what it replaces and deletes is in safety', async () => {
    const one = await job({ direction: 'pull' })
    makeTree(one.remote, { 'a.txt': 'one', 'd/b.txt': 'two', 'c.txt': 'three' }, OLD)
    expect((await one.run()).summary).toMatchObject({ state: 'done', copied: 3 })
    makeTree(one.remote, { 'a.txt': 'one and more' })
    rmSync(join(one.remote, 'd'), { recursive: true })
    expect((await one.run()).summary).toMatchObject({ state: 'done', updated: 1, deleted: 1 })
    expect(differing(one)).toEqual([])
    expect(safetyBelow(one.local)).toEqual(['a.txt', 'd/b.txt'])
    expect(existsSync(join(one.remote, '.fernsync'))).toBe(false)
  })

  it('keeps the permissions of a file that it replaces', async () => {
    const one = await job({ direction: 'pull' })
    makeTree(one.remote, { secret: 'one' }, OLD)
    await one.run()
    chmodSync(join(one.local, 'secret'), 0o600)
    makeTree(one.remote, { secret: 'changed' })
    expect((await one.run()).summary).toMatchObject({ state: 'done', updated: 1 })
    expect(statSync(join(one.local, 'secret')).mode & 0o777).toBe(0o600)
  })

  it('does not copy again after a change of permissions or an added hard link', async () => {
    const one = await job()
    makeTree(one.local, { 'a.txt': 'same' }, OLD)
    await one.run()
    chmodSync(join(one.local, 'a.txt'), 0o600)
    chmodSync(join(one.remote, 'a.txt'), 0o600)
    expect((await one.run()).summary).toMatchObject({ state: 'done', updated: 0, bytes: 0 })
  })

  it('finds a change in place that restores size and time', async () => {
    const one = await job()
    makeTree(one.local, { 'a.txt': 'aaaa' }, OLD)
    await one.run()
    writeFileSync(join(one.local, 'a.txt'), 'bbbb')
    utimesSync(join(one.local, 'a.txt'), OLD.modTime / 1000, OLD.modTime / 1000)
    expect((await one.run()).summary).toMatchObject({ state: 'done', updated: 1 })
    expect(differing(one)).toEqual([])
  })

  it('follows no link on either side and touches nothing behind one', async () => {
    const one = await job()
    const outside = await tempFolder()
    makeTree(outside, { 'precious.txt': 'x' })
    makeTree(one.local, { 'a.txt': 'one', 'd/b.txt': 'two' }, OLD)
    symlinkSync(outside, join(one.local, 'link'))
    mkdirSync(one.remote)
    symlinkSync(outside, join(one.remote, 'd'))
    const { summary } = await one.run()
    expect(summary).toMatchObject({ state: 'done', copied: 1, skipped: 2 })
    expect(readdirSync(outside)).toEqual(['precious.txt'])
    expect(statSync(join(outside, 'precious.txt')).size).toBe(1)
  })

  it('does not write through a folder that becomes a link while the run is on', async () => {
    const one = await job()
    const outside = await tempFolder()
    makeTree(one.local, { 'd/a.txt': 'one' }, OLD)
    await one.run()
    makeTree(one.local, { 'd/new.txt': 'two' }, OLD)
    const { plan } = await one.preview()
    rmSync(join(one.remote, 'd'), { recursive: true })
    symlinkSync(outside, join(one.remote, 'd'))
    const { summary } = await one.run({ approve: plan })
    expect(summary).toMatchObject({ state: 'partial', copied: 0, failed: 1 })
    expect(readdirSync(outside)).toEqual([])
  })

  it('stops at a missing, an emptied and a swapped local folder, and deletes nothing', async () => {
    const one = await job()
    makeTree(one.local, { 'a.txt': 'one', 'b.txt': 'two' }, OLD)
    await one.run()
    const before = snapshotTree(one.remote)
    renameSync(one.local, `${one.local}-unplugged`)
    expect((await one.run()).summary).toMatchObject({ state: 'stopped', reason: 'root-missing' })
    mkdirSync(one.local)
    const { summary, guards } = await one.run()
    expect(summary).toMatchObject({ state: 'stopped', reason: 'root-replaced' })
    expect(guards.map(({ code }) => code)).toEqual(['root-replaced', 'root-empty'])
    rmSync(one.local, { recursive: true })
    renameSync(`${one.local}-unplugged`, one.local)
    rmSync(join(one.local, 'a.txt'))
    rmSync(join(one.local, 'b.txt'))
    expect((await one.run()).guards.map(({ code }) => code)).toEqual(['root-empty'])
    expect(snapshotTree(one.remote)).toEqual(before)
  })

  it('stops a mass deletion and carries it out when it is approved', async () => {
    const one = await job()
    makeTree(
      one.local,
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}`, `${index}`])),
      OLD,
    )
    await one.run()
    for (let index = 1; index < 30; index += 1) rmSync(join(one.local, `f${index}`))
    const { summary } = await one.run()
    expect(summary).toMatchObject({ state: 'stopped', reason: 'guard-stopped' })
    expect(readdirSync(one.remote)).toHaveLength(31)
    expect((await one.run({ approve: summary.plan })).summary).toMatchObject({ state: 'done', deleted: 29 })
    expect(safetyBelow(one.remote)).toHaveLength(29)
    expect(differing(one)).toEqual([])
  })

  it('ends as cancelled in the middle of a big file and leaves no part of it', async () => {
    const one = await job()
    makeTree(one.local, { 'big.bin': new Uint8Array(64 * 1024 * 1024) }, OLD)
    const stop = new AbortController()
    let ticks = 0
    const { summary } = await one.run({
      context: {
        signal: stop.signal,
        // Every report goes out, so that the first byte of the file is seen.
        clock: { ...systemClock, monotonic: () => (ticks += 1000) },
        onProgress: ({ bytesDone }) => {
          if (bytesDone > 0) stop.abort()
        },
      },
    })
    expect(summary).toMatchObject({ state: 'cancelled', copied: 0, bytes: 0 })
    expect(Object.keys(snapshotTree(one.remote)).filter((path) => /big|part/.test(path))).toEqual([])
    expect((await one.run()).summary).toMatchObject({ state: 'done', copied: 1 })
    expect(differing(one)).toEqual([])
  })
})
