import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startOpenSsh } from '../../servers/openssh.ts'
import type { OpenSshServer } from '../../servers/openssh.ts'
import type { Finished } from '../command.ts'
import { createFernsync, type Fernsync } from '../fernsync.ts'
import type { Bench, Line } from '../line.ts'
import { createPeers, type Copy, type Peers } from '../peers.ts'
import type { Row, Target } from '../report.ts'
import { duration } from '../report.ts'
import { inRounds, median, pairedRatio } from '../rounds.ts'
import { makeTree, treeHash } from '../trees.ts'

/** One transfer, whoever made it. */
type Sample = {
  /**
   * What the quotients are made of: for the others the whole process; for Fernsync the same less what `job list` takes at
   * that moment, which is the start of Node and the unlock that a person in the app has behind them. Starting the worker,
   * connecting, scanning, transferring, fsync, baseline and history are all in it.
   */
  readonly ms: number
  readonly wholeMs: number
  /** As the run's history says it; null for others. */
  readonly ownMs: number | null
  readonly peakMb: number | null
}

const whole = ({ ms }: Finished): Sample => ({ ms, wholeMs: ms, ownMs: null, peakMb: null })

/** A server, a vault and peers on one file system. */
type Stage = {
  readonly folder: string
  readonly server: OpenSshServer
  readonly fernsync: Fernsync
  readonly peers: Peers
}

async function withStage<T>(folder: string, work: (stage: Stage) => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const server = await startOpenSsh({ baseFolder: folder })
  try {
    const fernsync = await createFernsync(join(folder, 'ours'), server)
    return await work({ folder, server, fernsync, peers: createPeers(folder, server) })
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

let names = 0
const freshName = (): string => `t${(names += 1)}`

async function runJob(fernsync: Fernsync, name: string): Promise<Sample> {
  const idle = await fernsync.unlockOnly()
  const { whole: run, summary } = await fernsync.runJob(name)
  if (run.peakMb === null) throw new Error('no worker was seen')
  const ms = Math.max(1, run.ms - idle.ms)
  return { ms, wholeMs: run.ms, ownMs: summary.durationMs, peakMb: run.peakMb }
}

/** Copies into a place that is empty before and gone after, and compares both ends by hash. */
async function freshCopy(
  stage: Stage,
  task: { source: string; hash: string; direction: 'push' | 'pull' },
  work: (copy: Copy) => Promise<Sample>,
): Promise<Sample> {
  const { source, hash, direction } = task
  const name = freshName()
  const isPush = direction === 'push'
  const target = join(isPush ? stage.server.root : stage.folder, name)
  const remote = isPush ? name : source.slice(stage.server.root.length + 1)
  if (!isPush) mkdirSync(target)
  try {
    const sample = await work({ local: isPush ? source : target, remote, direction })
    if (treeHash(target) !== hash) throw new Error(`${direction}: the copy differs from the original`)
    return sample
  } finally {
    rmSync(target, { recursive: true, force: true })
    // What one contestant has left to the disk must not be written on the time of the next.
    execFileSync('sync', ['-f', stage.folder])
  }
}

type Rival = {
  readonly name: string
  readonly target: number | null
  readonly run: (peers: Peers, copy: Copy) => Promise<Finished>
}

const rsync: Rival = { name: 'rsync', target: null, run: (peers, copy) => peers.rsync(copy) }
const rclone = (target: number | null): Rival => ({
  name: 'rclone',
  target,
  run: (peers, copy) => peers.rclone(copy),
})
const tuned = (target: number | null): Rival => ({
  name: 'rclone tuned',
  target,
  run: (peers, copy) => peers.rcloneTuned(copy),
})

type Contest = {
  readonly line: string
  readonly work: string
  readonly rivals: readonly Rival[]
  readonly rounds: number
}

/** Rows of one kind of work: against each rival, and whatever the samples say beside. */
function rowsOf(
  { line, work, rivals }: Contest,
  samples: ReadonlyMap<string, readonly Sample[]>,
): readonly Row[] {
  const ours = samples.get('fernsync') ?? []
  const own = median(ours.flatMap(({ ownMs }) => ownMs ?? []))
  const mine = `${duration(median(ours.map(({ ms }) => ms)))} (whole command ${duration(median(ours.map(({ wholeMs }) => wholeMs)))}, history ${duration(own)})`
  return rivals.map(({ name, target }): Row => {
    const theirs = samples.get(name) ?? []
    const limit: Target | null = target === null ? null : { sense: 'at-most', limit: target }
    return {
      line,
      work,
      against: name,
      target: limit,
      value: pairedRatio(
        ours.map(({ ms }) => ms),
        theirs.map(({ ms }) => ms),
      ),
      unit: 'x',
      detail: `${mine} against ${duration(median(theirs.map(({ ms }) => ms)))}`,
    }
  })
}

function memoryRow(line: string, work: string, samples: readonly Sample[]): Row {
  const peaks = samples.flatMap(({ peakMb }) => peakMb ?? [])
  return {
    line,
    work,
    against: null,
    target: { sense: 'at-most', limit: 200 },
    // The worst of all runs: a promise about memory is no matter of luck.
    value: Math.max(...peaks),
    unit: 'MB',
    detail: `worst of ${peaks.length}, median ${median(peaks).toFixed(0)} MB`,
  }
}

type Task = { source: string; hash: string; direction: 'push' | 'pull' }

async function contest(
  stage: Stage,
  task: Task,
  { rivals, rounds }: Contest,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const ours = async (copy: Copy): Promise<Sample> => {
    const name = freshName()
    await stage.fernsync.addJob({ name, ...copy })
    return runJob(stage.fernsync, name)
  }
  const contestants = [
    { name: 'fernsync', measure: () => freshCopy(stage, task, ours) },
    ...rivals.map(({ name, run }) => ({
      name,
      measure: () => freshCopy(stage, task, async (copy) => whole(await run(stage.peers, copy))),
    })),
  ]
  return inRounds(contestants, rounds)
}

type Kind = {
  readonly line: string
  readonly title: string
  readonly count: number
  readonly bytes: number
  readonly rivals: readonly Rival[]
}

/** Both directions of one kind of content. */
async function bothWays(
  bench: Bench,
  stage: Stage,
  kind: Kind,
  where: { label: string; rounds: number },
): Promise<readonly Row[]> {
  const rows: Row[] = []
  const peaks: Sample[] = []
  for (const direction of ['push', 'pull'] as const) {
    const source = join(direction === 'push' ? stage.folder : stage.server.root, `source-${freshName()}`)
    makeTree(source, kind)
    const hash = treeHash(source)
    const work = `SFTP ${direction} ${kind.title}${where.label}`
    bench.note(work)
    const one = { line: kind.line, work, rivals: kind.rivals, rounds: where.rounds }
    const samples = await contest(stage, { source, hash, direction }, one)
    rmSync(source, { recursive: true })
    rows.push(...rowsOf(one, samples))
    peaks.push(...(samples.get('fernsync') ?? []))
  }
  rows.push(memoryRow(kind.line, `worker peak RSS, ${kind.title}${where.label}`, peaks))
  return rows
}

/** On the disk the figures are the disk's more than ours: fewer rounds, no targets. */
const diskRounds = 2
const withoutTarget = (row: Row): Row => ({ ...row, target: null })
const onDisk = ', real disk'

async function everywhere(bench: Bench, kind: Kind): Promise<readonly Row[]> {
  const { place, scale } = bench
  const rows: Row[] = []
  if (place.memory !== null) {
    const where = { label: '', rounds: scale.rounds }
    const folder = join(place.memory, kind.line)
    rows.push(...(await withStage(folder, (stage) => bothWays(bench, stage, kind, where))))
  }
  const where = { label: onDisk, rounds: Math.min(diskRounds, scale.rounds) }
  const disk = await withStage(join(place.disk, kind.line), (stage) => bothWays(bench, stage, kind, where))
  return [...rows, ...disk.map(withoutTarget)]
}

/** How a run that finds nothing to do compares. */
async function noChange({ scale, note }: Bench, stage: Stage): Promise<readonly Row[]> {
  const count = scale.smallFiles
  const source = join(stage.folder, `source-${freshName()}`)
  makeTree(source, { count, bytes: 4096 })
  const name = freshName()
  const copy: Copy = { local: source, remote: name, direction: 'push' }
  await stage.fernsync.addJob({ name, ...copy })
  await stage.fernsync.runJob(name)
  const one: Contest = {
    line: 'nochange',
    work: `SFTP run without a change, ${count} files`,
    rivals: [rclone(0.8), rsync],
    rounds: scale.rounds,
  }
  note(one.work)
  const samples = await inRounds(
    [
      { name: 'fernsync', measure: () => runJob(stage.fernsync, name) },
      ...one.rivals.map((rival) => ({
        name: rival.name,
        measure: async () => whole(await rival.run(stage.peers, copy)),
      })),
    ],
    one.rounds,
  )
  if (treeHash(join(stage.server.root, name)) !== treeHash(source))
    throw new Error('a run without a change changed something')
  return rowsOf(one, samples)
}

/** Memory of a file four times smaller, to see that it does not grow with the file. */
async function growth({ scale, note }: Bench, stage: Stage, big: readonly Row[]): Promise<readonly Row[]> {
  const bytes = scale.bigBytes / 4
  note('worker memory, smaller file')
  const source = join(stage.folder, `source-${freshName()}`)
  makeTree(source, { count: 1, bytes })
  const task: Task = { source, hash: treeHash(source), direction: 'push' }
  const samples = await contest(stage, task, { line: 'big', work: '', rivals: [], rounds: 1 })
  const small = median((samples.get('fernsync') ?? []).flatMap(({ peakMb }) => peakMb ?? []))
  return big.map((row) => ({
    ...row,
    work: 'worker peak RSS, growth with the file',
    against: 'a quarter of the file',
    target: { sense: 'at-most', limit: 1.25 },
    value: row.value / small,
    unit: 'x',
    detail: `${row.value.toFixed(0)} MB against ${small.toFixed(0)} MB`,
  }))
}

export const smallLine: Line = {
  name: 'small',
  measure(bench) {
    const count = bench.scale.smallFiles
    const rivals = [rclone(0.12), tuned(0.5), rsync]
    const kind: Kind = { line: 'small', title: `${count} x 4 KiB`, count, bytes: 4096, rivals }
    return everywhere(bench, kind)
  },
}

export const bigLine: Line = {
  name: 'big',
  async measure(bench) {
    const bytes = bench.scale.bigBytes
    const rivals = [tuned(1), rclone(null), rsync]
    const kind: Kind = { line: 'big', title: `${bytes / 1024 / 1024} MiB`, count: 1, bytes, rivals }
    const rows = await everywhere(bench, kind)
    if (bench.place.memory === null) return rows
    const biggest = rows.filter(({ unit, target }) => unit === 'MB' && target !== null)
    const more = await withStage(join(bench.place.memory, 'growth'), (stage) => growth(bench, stage, biggest))
    return [...rows, ...more]
  },
}

export const noChangeLine: Line = {
  name: 'nochange',
  measure(bench) {
    const folder = join(bench.place.memory ?? bench.place.disk, 'nochange')
    return withStage(folder, (stage) => noChange(bench, stage))
  },
}
