import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openHome } from '../../../main/adapters/home-folder.ts'
import { quickPlace } from '../support/lab.ts'
import { after, isSameModel, modelOf, planOf } from '../support/plan.ts'
import type { Change, Model } from '../support/plan.ts'
import { createSeeded } from '../support/seeded-random.ts'
import type { Seeded } from '../support/seeded-random.ts'
import { furnishHome, warm, writers } from '../support/writers.ts'
import type { Writer, WriterHome } from '../support/writers.ts'
import { amount, createFailures, describeError } from '../proof.ts'
import type { Proof, Run } from '../proof.ts'

const FIRST_PASSWORD = 'correct horse battery'
/** Kills before a writer has begun to write, while it starts and unlocks. */
const EARLY = 0.1
const EARLIEST_MS = 150

type Tally = { kills: number; acknowledged: number; inFlight: number; lost: number; shut: number }

/**
 * Real processes that write as fast as they can, killed at a random moment. The home is then opened as it is and must hold
 * exactly the acknowledged changes, or these and the one that was under way.
 */
export const kills: Proof = {
  number: 1,
  name: 'kill -9',
  async run(run) {
    const total = amount(run, { short: 300, full: 10_000 })
    const failures = createFailures()
    const lanes = await Promise.all(
      writers.map((writer) =>
        runLane(run, writer, {
          kills: Math.max(1, Math.round((total * writer.share) / 100)),
          fail: failures.add,
        }),
      ),
    )
    const sum = (key: keyof Tally): number => lanes.reduce((all, lane) => all + lane[key], 0)
    const each = lanes.map((lane, n) => `${writers[n]?.name} ${lane.kills}`).join(', ')
    return {
      line: `${sum('kills')} kills (${each}), ${sum('acknowledged')} writes acknowledged, ${sum('lost')} acknowledged writes lost, ${sum('shut')} vaults that do not open`,
      figures: {
        kills: sum('kills'),
        acknowledged: sum('acknowledged'),
        finishedUnacknowledged: sum('inFlight'),
        lost: sum('lost'),
        shut: sum('shut'),
      },
      failures: failures.all(),
    }
  },
}

type Lane = { readonly kills: number; readonly fail: (text: string) => void }

/** All kills of one kind of writer, one after the other, on one home. */
async function runLane(run: Run, writer: Writer, { kills: wanted, fail }: Lane): Promise<Tally> {
  const { path, remove } = quickPlace()
  const tally: Tally = { kills: 0, acknowledged: 0, inFlight: 0, lost: 0, shut: 0 }
  try {
    const home = await makeHome(writer, path)
    let model: Model = { ...(await read(writer, home, FIRST_PASSWORD)), password: FIRST_PASSWORD }
    for (let round = 0; round < wanted; round += 1) {
      if (round % 200 === 0) run.note(`kills: ${writer.name} ${round} of ${wanted}`)
      const random = createSeeded(run.seed, 'kills', writer.name, round)
      const changes = planOf(model, writer.verbs, writer.length, random)
      const acknowledged = await killOne(writer, home, { password: model.password, changes, random })
      tally.kills += 1
      tally.acknowledged += acknowledged
      const expected = possible(model, changes, acknowledged)
      const found = await find(writer, home, expected)
      if (typeof found === 'string') {
        tally.shut += 1
        fail(`${writer.name}, kill ${round}: ${found} (--only 1 --seed ${run.seed})`)
        break
      }
      const at = expected.findIndex((one) => isSameModel(one, found))
      if (at === -1) {
        tally.lost += 1
        fail(
          `${writer.name}, kill ${round} after ${acknowledged} changes: ${difference(expected, found)} (--only 1 --seed ${run.seed})`,
        )
      }
      if (at === 1) tally.inFlight += 1
      model = found
    }
    const left = readdirSync(home.path, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))
    if (left.length > 0) fail(`${writer.name}: left behind ${left.join(', ')}`)
    return tally
  } finally {
    remove()
  }
}

async function makeHome(writer: Writer, place: string): Promise<WriterHome> {
  const beside = join(place, 'beside')
  mkdirSync(beside)
  const path = openHome(join(place, 'home')).path
  const home = { path, beside, key: new Uint8Array() }
  await warm(writer, home)
  return { ...home, key: await furnishHome(writer.open(home), FIRST_PASSWORD) }
}

type Round = { readonly password: string; readonly changes: readonly Change[]; readonly random: Seeded }

/** Lets a process write, kills it and answers how many changes it had acknowledged. */
async function killOne(
  writer: Writer,
  home: WriterHome,
  { password, changes, random }: Round,
): Promise<number> {
  const running = writer.begin(home, password, changes)
  if (random.chance(EARLY)) await Promise.race([sleep(random.int(EARLIEST_MS)), running.ended])
  else {
    await running.ready
    await running.after(random.int(writer.most))
    await Promise.race([sleep(random.int(writer.longestMs * 1000) / 1000), running.ended])
  }
  try {
    process.kill(running.pid, 'SIGKILL')
  } catch {
    // It was through with everything.
  }
  await running.ended
  return running.acknowledged()
}

/** What may be on disk: all that was acknowledged, or that and the one change that was under way. */
function possible(model: Model, changes: readonly Change[], acknowledged: number): readonly Model[] {
  const sure = changes.slice(0, acknowledged).reduce(after, model)
  const next = changes[acknowledged]
  return next === undefined ? [sure] : [sure, after(sure, next)]
}

/** What the home holds; a sentence when it does not open. */
async function find(writer: Writer, home: WriterHome, expected: readonly Model[]): Promise<Model | string> {
  let why = ''
  for (const password of new Set(expected.map((model) => model.password))) {
    try {
      return await read(writer, home, password)
    } catch (error) {
      why = describeError(error)
      if (why !== 'wrong-password') return `does not open: ${why}`
    }
  }
  return `does not open: ${why}`
}

async function read(writer: Writer, home: WriterHome, password: string): Promise<Model> {
  const vault = writer.open(home)
  try {
    await writer.unlock(vault, home, password)
    return await modelOf(vault, password)
  } finally {
    await vault.lock()
  }
}

function difference([sure]: readonly Model[], found: Model): string {
  const wrong = [...(sure?.secrets ?? [])].filter(([name, secret]) => found.secrets.get(name) !== secret)
  const extra = [...found.secrets.keys()].filter((name) => sure?.secrets.has(name) !== true)
  return `missing or other: ${wrong.map(([name]) => name).join(', ') || 'none'}; unknown: ${extra.join(', ') || 'none'}; idle ${found.idleMs} for ${sure?.idleMs}`
}
