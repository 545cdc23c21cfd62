import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { MemoryPlaceOptions } from '../../../../main/connectors/memory/memory-place.ts'
import type { Database } from '../../../../main/core/ports/database.ts'
import type { Direction, SyncMode } from '../../../../main/model/job.ts'
import type { RunSummary } from '../../../../main/model/run.ts'
import { createFuse } from './fuse.ts'
import type { Blow, Fuse } from './fuse.ts'
import { createWorld, openDatabase, dump, put, safetyOf } from './world.ts'
import type { World } from './world.ts'

/** Content by path; every content of a test is unique, so that it can be found again wherever it went. */
type Tree = Readonly<Record<string, string>>

type Story = {
  /** On both sides after the first run. */
  readonly synced: Tree
  /** What the source holds then. */
  readonly source: Tree
  /** What somebody else makes of the target. */
  readonly target: Tree
  readonly mode: Exclude<SyncMode, 'two-way'>
  readonly direction: Direction
  readonly places: MemoryPlaceOptions
}

const sourcePlace = (one: World) => (one.job.direction === 'push' ? one.local : one.remote)
const targetPlace = (one: World) => (one.job.direction === 'push' ? one.remote : one.local)

function replaceTree(place: World['local'], tree: Tree, age: number): void {
  const wanted = new Set(Object.keys(tree))
  for (const path of Object.keys(dump(place))) {
    if (!wanted.has(path)) place.store.take(path.replace(/\/$/, ''))
  }
  const old = dump(place)
  const changed = Object.entries(tree).filter(([path, text]) => old[path] !== text)
  // A folder that a file takes the name of goes first, as it would on a disk.
  for (const [path] of changed) place.store.take(path)
  put(place, Object.fromEntries(changed.map(([path, text]) => [path, [text, age] as const])))
}

/** One file for thousands of worlds: making a new one is what takes time. */
const { database, close } = openDatabase()
afterAll(close)

function emptied(): Database {
  for (const { name } of database.all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")) {
    database.exec(`DELETE FROM ${String(name)}`)
  }
  return database
}

async function begin(story: Story): Promise<World> {
  const { mode, direction, places } = story
  const one = createWorld({ job: { mode, direction }, local: places, remote: places, database: emptied() })
  put(sourcePlace(one), story.synced)
  expect((await one.run()).summary.state).toBe('done')
  replaceTree(sourcePlace(one), story.source, 100)
  replaceTree(targetPlace(one), story.target, 50)
  return one
}

async function runThrough(one: World, fuse: Fuse): Promise<RunSummary> {
  const now = (): number => one.clock.now()
  one.context = {
    local: fuse.wrap(one.local.connect({ now })),
    remote: fuse.wrap(one.remote.connect({ now })),
    database: fuse.wrapDatabase(one.database),
  }
  const { summary } = await one.run()
  one.context = {}
  return summary
}

const filesOf = (tree: Record<string, string | null>): Record<string, string> =>
  Object.fromEntries(Object.entries(tree).flatMap(([path, text]) => (text === null ? [] : [[path, text]])))

/** Invariants 1 and 2: what is under each name, and that nothing is lost. Returns what is broken. */
function broken(story: Story, one: World): string[] {
  const now = filesOf(dump(targetPlace(one)))
  const kept = new Set(Object.values(safetyOf(targetPlace(one))))
  const everywhere = new Set([
    ...Object.values(filesOf(dump(targetPlace(one), { all: true }))),
    ...Object.values(filesOf(dump(sourcePlace(one)))),
  ])
  const faults: string[] = []
  for (const path of new Set([
    ...Object.keys(now),
    ...Object.keys(story.target),
    ...Object.keys(story.source),
  ])) {
    const [here, before, wanted] = [now[path], story.target[path], story.source[path]]
    if (here === before || (here !== undefined && here === wanted)) continue
    const isGone = here === undefined && before !== undefined && kept.has(before)
    const hasOtherKind = Object.keys(story.source).some(
      (other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`),
    )
    const mayBeGone = wanted === undefined || story.places.atomicWrite === false || hasOtherKind
    if (!(isGone && mayBeGone)) faults.push(`${path}: holds ${String(here)}`)
  }
  for (const text of [...Object.values(story.target), ...Object.values(story.source)]) {
    if (!everywhere.has(text)) faults.push(`lost: ${text}`)
  }
  if (JSON.stringify(filesOf(dump(sourcePlace(one)))) !== JSON.stringify(filesOf(sorted(story.source)))) {
    faults.push('the source was changed')
  }
  return faults
}

const sorted = (tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Invariant 4: the next run without a fault comes to the end, and then there is nothing to do. */
async function converges(story: Story, one: World): Promise<string[]> {
  const { summary } = await one.run()
  const faults = broken(story, one)
  if (summary.state !== 'done')
    faults.push(`next run: ${summary.state} ${String(summary.reason)} ${JSON.stringify(summary.errors)}`)
  const target = filesOf(dump(targetPlace(one)))
  for (const [path, text] of Object.entries(story.source)) {
    if (target[path] !== text) faults.push(`not converged: ${path} is ${String(target[path])}`)
  }
  if (story.mode === 'mirror' && Object.keys(target).length !== Object.keys(story.source).length) {
    faults.push(`not converged: ${Object.keys(target).join(' ')}`)
  }
  const left = (await one.preview()).items.map(({ action, path }) => `${action} ${path}`)
  if (left.length > 0) faults.push(`still to do: ${left.join(', ')}`)
  return faults
}

/** Lets step `at` go wrong and returns what is broken after it; null when the run has no such step. */
async function faultAt(story: Story, at: number, blow: Blow): Promise<string[] | null> {
  const one = await begin(story)
  try {
    const fuse = createFuse(at, blow)
    const before = Object.keys(filesOf(dump(targetPlace(one)))).length
    const summary = await runThrough(one, fuse)
    const hit = fuse.hit()
    if (hit === null) return null
    const faults = broken(story, one)
    if (
      hit.startsWith('list') &&
      (summary.deleted > 0 || Object.keys(filesOf(dump(targetPlace(one)))).length < before)
    ) {
      faults.push('deleted although a folder was not read')
    }
    faults.push(...(await converges(story, one)))
    return faults.map((fault) => `${blow} at step ${at} (${hit}): ${fault}`)
  } finally {
    one.close()
  }
}

async function faultAtEveryStep(story: Story, blow: Blow): Promise<string[]> {
  const all: string[] = []
  for (let at = 1; ; at += 1) {
    const faults = await faultAt(story, at, blow)
    if (faults === null) break
    all.push(...faults)
    expect(at).toBeLessThan(500)
  }
  return all
}

const busy = {
  synced: {
    'a.txt': 'a0',
    'b.txt': 'b0',
    'c.txt': 'c0',
    'd/e.txt': 'e0',
    'd/f.txt': 'f0',
    'k/l.txt': 'l0',
    x: 'x0',
    same: 's0',
  },
  // a changed, b deleted, d gone with what is in it, k becomes a file, x becomes a folder, n is new.
  source: { 'a.txt': 'a1', 'c.txt': 'c1', k: 'k1', 'x/y.txt': 'y1', 'n/o.txt': 'o1', same: 's0' },
  // c edited, e edited, a file nobody knows.
  target: {
    'a.txt': 'a0',
    'b.txt': 'b0',
    'c.txt': 'c9',
    'd/e.txt': 'e9',
    'd/f.txt': 'f0',
    'k/l.txt': 'l0',
    x: 'x0',
    same: 's0',
    theirs: 't9',
  },
} as const satisfies Partial<Story>

const servers: readonly { name: string; places: MemoryPlaceOptions }[] = [
  { name: 'that links and replaces in one step', places: {} },
  { name: 'without hard links', places: { methods: ['move', 'copy', 'rootIdentity'] } },
  { name: 'that can only read and write', places: { methods: [] } },
  {
    name: 'that cannot replace in one step',
    places: { atomicWrite: false, methods: ['move', 'makeDurable'] },
  },
]
const blows: readonly Blow[] = ['crash', 'crash-after', 'permission-denied', 'server-error', 'unreachable']

describe('a fault at every step in turn', () => {
  for (const { name, places } of servers) {
    it.each(blows)(`loses nothing and converges on a server ${name}: %s`, async (blow) => {
      expect(await faultAtEveryStep({ ...busy, mode: 'mirror', direction: 'push', places }, blow)).toEqual([])
    })
  }

  it.each(blows)('loses nothing and converges in copy mode, pulling: %s', async (blow) => {
    expect(await faultAtEveryStep({ ...busy, mode: 'copy', direction: 'pull', places: {} }, blow)).toEqual([])
  })
})

const paths = ['a', 'b', 'c', 'd/a', 'd/b', 'd/e/f', 'x', 'x/y'] as const

/** Some of the paths with contents that exist only once; no path is both a file and a folder. */
const treeArbitrary = (who: string): fc.Arbitrary<Tree> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...paths), fc.integer({ min: 0, max: 3 })), {
      selector: ([path]) => path,
    })
    .map((chosen) => {
      const tree: Record<string, string> = { keep: 'keep' }
      for (const [path, version] of chosen) {
        const clashes = Object.keys(tree).some(
          (other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`),
        )
        if (!clashes) tree[path] = version === 0 ? `${path} 0` : `${path} ${who} ${'+'.repeat(version)}`
      }
      return tree
    })

const storyArbitrary: fc.Arbitrary<Story> = fc.record({
  synced: treeArbitrary('synced'),
  source: treeArbitrary('source'),
  target: treeArbitrary('target'),
  mode: fc.constantFrom('copy' as const, 'mirror' as const),
  direction: fc.constantFrom('push' as const, 'pull' as const),
  places: fc.constantFrom(...servers.map(({ places }) => places)),
})

describe('for all trees', () => {
  it('applying a plan and planning again gives an empty plan, and nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(storyArbitrary, async (story) => {
        const one = await begin(story)
        try {
          expect(await converges(story, one)).toEqual([])
        } finally {
          one.close()
        }
      }),
      { numRuns: 120 },
    )
  })

  it('a fault at any step loses nothing and the next run converges', async () => {
    await fc.assert(
      fc.asyncProperty(
        storyArbitrary,
        fc.integer({ min: 1, max: 80 }),
        fc.constantFrom(...blows),
        async (story, at, blow) => {
          expect((await faultAt(story, at, blow)) ?? []).toEqual([])
        },
      ),
      { numRuns: 150 },
    )
  })
})
