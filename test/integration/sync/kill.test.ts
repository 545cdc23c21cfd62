import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../helpers/temp-home.ts'
import {
  differences,
  makeTree,
  randomTree,
  seededRandom,
  snapshotTree,
  withoutOurs,
} from '../../helpers/tree.ts'
import type { TreeSnapshot } from '../../helpers/tree.ts'
import { realJob } from './real-sides.ts'

const child = fileURLToPath(new URL('./run-child.ts', import.meta.url))
const ROUNDS = 4

/** Starts a real process that runs the job, and kills it once the target has changed, a little later. False when it was quicker. */
async function runAndKill(
  home: string,
  direction: string,
  target: string,
  delayMs: number,
): Promise<boolean> {
  const before = readdirSync(target, { recursive: true }).length
  const running = spawn(process.execPath, [child, home, direction], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => running.on('exit', () => resolve()))
  while (running.exitCode === null && readdirSync(target, { recursive: true }).length === before) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await new Promise((resolve) => setTimeout(resolve, delayMs))
  running.kill('SIGKILL')
  await ended
  return running.signalCode === 'SIGKILL'
}

/** Hashes of all files of a tree, ours included. */
const hashes = (root: string): Set<string> => new Set(Object.values(snapshotTree(root)))

function wrongFiles(target: string, old: TreeSnapshot, fresh: TreeSnapshot): string[] {
  const now = snapshotTree(target, { keep: withoutOurs })
  return Object.keys({ ...old, ...now }).filter(
    (path) => !path.endsWith('/') && now[path] !== old[path] && now[path] !== fresh[path],
  )
}

describe('a run that is killed', () => {
  it.each(['push', 'pull'] as const)(
    'leaves each file old or new, loses nothing, and the next run comes to the end: %s',
    async (direction) => {
      const home = await tempFolder()
      const job = realJob(home, { direction })
      mkdirSync(job.local)
      mkdirSync(job.remote)
      const [source, target] = direction === 'push' ? [job.local, job.remote] : [job.remote, job.local]
      const tree = randomTree({ seed: 3, files: 1500, maxSize: 20_000, perFolder: 40 })
      makeTree(source, tree, { modTime: Date.UTC(2026, 0, 1) })
      expect((await job.run()).summary).toMatchObject({ state: 'done', copied: 1500 })
      const random = seededRandom(5)
      let killed = 0
      for (let round = 1; round <= ROUNDS; round += 1) {
        const old = snapshotTree(target, { keep: withoutOurs })
        for (const path of Object.keys(tree)) {
          if (random(12) === 0)
            makeTree(source, { [path]: `round ${round} of ${path} `.repeat(1 + random(900)) })
          else if (random(40) === 0) rmSync(join(source, path), { force: true })
        }
        const fresh = snapshotTree(source, { keep: withoutOurs })
        if (await runAndKill(home, direction, target, random(60))) killed += 1
        expect(wrongFiles(target, old, fresh)).toEqual([])
        const reachable = hashes(target)
        expect(Object.values(old).filter((hash) => !reachable.has(hash))).toEqual([])
        expect(snapshotTree(source)).toEqual(fresh)
      }
      expect(killed).toBeGreaterThan(0)
      expect((await job.run()).summary).toMatchObject({ state: 'done', failed: 0 })
      const both = [source, target].map((root) => snapshotTree(root, { keep: withoutOurs }))
      expect(differences(both[0] ?? {}, both[1] ?? {})).toEqual([])
      expect(Object.keys(snapshotTree(target)).filter((path) => path.endsWith('.part'))).toEqual([])
      expect((await job.preview()).items).toEqual([])
    },
    120_000,
  )
})
