import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openHome } from '../../../main/adapters/home-folder.ts'
import { createNodeVault } from '../../../main/adapters/node-vault.ts'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { cliContender, isStopped, nodeContender, vaultContender } from '../support/contenders.ts'
import type { Contender, Contest } from '../support/contenders.ts'
import { silent, tempPlace } from '../support/lab.ts'
import { createSeeded } from '../support/seeded-random.ts'
import { furnishHome } from '../support/writers.ts'
import { amount, createFailures } from '../proof.ts'
import type { Proof, Run } from '../proof.ts'

const PASSWORD = 'correct horse battery'
/** Everybody gives up waiting for the lock after ten seconds; a slow machine may start them late. */
const BUSY_DEADLINE_MS = 60_000
const SHORTEST_STOP_MS = 300
const STOP_DEADLINE_MS = 30_000

type Found = { writes: number; busy: number; stops: number; wrong: readonly string[] }

/**
 * Two to four processes that write one vault, each the built program or one that stops itself as by SIGSTOP while it holds the
 * lock. Revisions of the sign-in that all edit show every lost update; the files show a stolen lock.
 */
export const contention: Proof = {
  number: 5,
  name: 'several writers',
  async run(run) {
    const rounds = amount(run, { short: 3, full: 200 })
    const failures = createFailures()
    const sum = { writes: 0, busy: 0, stops: 0 }
    for (let round = 0; round < rounds; round += 1) {
      if (round % 10 === 0) run.note(`several writers: round ${round} of ${rounds}`)
      // In every tenth round, the first one included, the stop outlasts the patience of the others.
      const found = await contest(run, round, round % 10 === 0)
      sum.writes += found.writes
      sum.busy += found.busy
      sum.stops += found.stops
      for (const text of found.wrong) failures.add(`round ${round}: ${text} (--only 5 --seed ${run.seed})`)
    }
    return {
      line: `${rounds} rounds of 2 to 4 processes, ${sum.writes} writes acknowledged, ${sum.stops} stopped while holding the lock, ${sum.busy} times busy, ${failures.count()} lost updates, stolen locks or wrong answers`,
      figures: { rounds, ...sum, failures: failures.count() },
      failures: failures.all(),
    }
  },
}

async function contest(run: Run, round: number, isLong: boolean): Promise<Found> {
  const random = createSeeded(run.seed, 'contention', round)
  const { path, remove } = tempPlace()
  const contenders: Contender[] = []
  try {
    const home = openHome(join(path, 'home')).path
    const beside = join(path, 'beside')
    mkdirSync(beside)
    const key = await furnishHome(createNodeVault({ home, log: silent }), PASSWORD)
    const game: Contest = { home, beside, key, password: PASSWORD }
    const before = await addShared(game)
    const count = 4 + random.int(3)
    const stopper = nodeContender(game, 'stopped', count, 1 + random.int(count))
    contenders.push(stopper)
    const others = [
      () => vaultContender(game, 'vault', isLong ? 3 : count),
      () => cliContender(game, 'cli', isLong ? 1 : 2),
      () => nodeContender(game, 'node', count, 0),
    ]
    const start = (): void =>
      void contenders.push(...others.slice(0, isLong ? 3 : 1 + random.int(3)).map((begin) => begin()))
    // In the short rounds all of them are there before the stop; in the long one whoever comes finds the lock taken.
    if (!isLong) start()
    const stop = await untilStopped(stopper)
    if (isLong) start()
    const atStop = filesDigest(home)
    if (isLong) await untilBusy(contenders.slice(1))
    else await sleep(SHORTEST_STOP_MS + random.int(1200))
    const wrong: string[] = stop ? [] : ['the writer never stopped']
    if (filesDigest(home) !== atStop) wrong.push('somebody wrote while another process held the lock')
    process.kill(stopper.pid, 'SIGCONT')
    await Promise.all(contenders.map(({ ended }) => ended))
    const busy = contenders.reduce((all, { said }) => all + said.busy, 0)
    if (isLong && contenders.slice(1).some(({ said }) => said.busy === 0))
      wrong.push('somebody who had to wait was not told busy')
    const judged = await judge(game, contenders, before)
    return { writes: judged.writes, busy, stops: stop ? 1 : 0, wrong: [...wrong, ...judged.wrong] }
  } finally {
    for (const contender of contenders) contender.end()
    remove()
  }
}

/** Adds the sign-in that all edit; answers the epoch after it. */
async function addShared({ home, key }: Contest): Promise<number> {
  const vault = createNodeVault({ home, log: silent })
  await vault.unlock({ cachedKey: Uint8Array.from(key) }, {})
  const draft = {
    name: 'shared',
    type: 'sftp' as const,
    fields: { host: 'h', user: 'u' },
    hostKey: null,
    tags: [],
  }
  await vault.addCredential(draft, { password: utf8('first') })
  const epoch = await vault.epoch()
  await vault.lock()
  return epoch
}

async function judge(
  { home, key }: Contest,
  contenders: readonly Contender[],
  before: number,
): Promise<{ writes: number; wrong: readonly string[] }> {
  const vault = createNodeVault({ home, log: silent })
  await vault.unlock({ cachedKey: Uint8Array.from(key) }, {})
  const listed = await vault.listCredentials()
  const epoch = await vault.epoch()
  await vault.lock()
  const revisions = contenders.flatMap(({ said }) => said.revisions)
  const names = contenders.flatMap(({ said }) => said.names)
  const held = new Set(listed.map(({ name }) => name))
  const wrong: string[] = []
  if (new Set(revisions).size !== revisions.length) wrong.push('two processes were given one revision')
  const rev = listed.find(({ name }) => name === 'shared')?.rev
  if (rev !== 1 + revisions.length) wrong.push(`${revisions.length} edits acknowledged, and revision ${rev}`)
  const missing = names.filter((name) => !held.has(name))
  if (missing.length > 0) wrong.push(`acknowledged and not there: ${missing.join(', ')}`)
  const writes = revisions.length + names.length
  if (epoch !== before + writes)
    wrong.push(`${writes} writes acknowledged, and epoch ${epoch} after ${before}`)
  return { writes, wrong }
}

async function untilStopped(stopper: Contender): Promise<boolean> {
  const deadline = performance.now() + STOP_DEADLINE_MS
  while (performance.now() < deadline) {
    if (isStopped(stopper.pid)) return true
    await sleep(5)
  }
  return false
}

/** Waits until each has been told `busy`. */
async function untilBusy(waiting: readonly Contender[]): Promise<void> {
  const deadline = performance.now() + BUSY_DEADLINE_MS
  while (waiting.some(({ said }) => said.busy === 0) && performance.now() < deadline) await sleep(50)
}

/** What the lock guards, in one number. */
function filesDigest(home: string): string {
  const hash = createHash('sha256')
  for (const folder of ['', 'device']) {
    for (const name of readdirSync(join(home, folder)).sort()) {
      if (/\.(json|[123]|tmp)$/.test(name))
        hash.update(`${name}\0`).update(readFileSync(join(home, folder, name)))
    }
  }
  return hash.digest('hex')
}
