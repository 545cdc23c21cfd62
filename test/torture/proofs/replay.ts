import { commands } from '../support/commands.ts'
import { brief, isSame } from '../support/contents.ts'
import { afterPowerCut, digestOf, nothingPending } from '../support/disk.ts'
import type { Cut, DiskState } from '../support/disk.ts'
import { createLab } from '../support/lab.ts'
import type { Lab } from '../support/lab.ts'
import { onRealDisk } from '../support/real-disk.ts'
import { rehearse } from '../support/rehearse.ts'
import type { Rehearsal } from '../support/rehearse.ts'
import { createSeeded } from '../support/seeded-random.ts'
import type { Seeded } from '../support/seeded-random.ts'
import { amount, createFailures } from '../proof.ts'
import type { Proof, Run } from '../proof.ts'

/** How a content of which only a part is certain may come back. */
const tears: readonly Cut['tear'][] = [
  (_, synced) => synced ?? new Uint8Array(),
  (bytes) => bytes,
  (bytes) => bytes.subarray(0, Math.floor(bytes.byteLength / 2)),
  (bytes) => new Uint8Array(bytes.byteLength),
]

/**
 * Every command that changes the vault, cut off before each of its calls that change the disk, and when it has answered. What
 * no fsync has promised by then is there or not, each name on its own, each content whole, torn, empty or zeroes.
 */
export const replay: Proof = {
  number: 2,
  name: 'replay of file operations',
  async run(run) {
    const lab = createLab()
    const failures = createFailures()
    let prefixes = 0
    let states = 0
    let calls = 0
    try {
      for (const command of commands) {
        run.note(`replay: ${command.name}`)
        const rehearsal = await rehearse(lab, command, run.seed)
        const found = await replayOne(lab, rehearsal, run)
        prefixes += found.prefixes
        states += found.states
        for (const text of found.failures) failures.add(text)
        const real = await onRealDisk(lab, command, run.seed)
        calls += real.calls
        if (real.difference !== null) failures.add(`${command.name}: ${real.difference}`)
      }
    } finally {
      lab.remove()
    }
    return {
      line: `${commands.length} commands, ${prefixes} prefixes, ${states} states of the disk, ${failures.count()} neither before nor after; ${calls} calls the same on a real disk`,
      figures: { commands: commands.length, prefixes, states, calls, failures: failures.count() },
      failures: failures.all(),
    }
  },
}

async function replayOne(
  lab: Lab,
  { command, before, after, perform, look }: Rehearsal,
  run: Run,
): Promise<{ prefixes: number; states: number; failures: readonly string[] }> {
  const { disk, changes, error } = await perform()
  if (error !== null) throw new Error(`${command.name} fails undisturbed`, { cause: error })
  const [from, to] = changes
  const failures: string[] = []
  const seenBefore = new Set<string>()
  const most = amount(run, { short: 16, full: 256 })
  const moments = [...disk.history.slice(from), disk.state()]
  for (const [index, moment] of moments.entries()) {
    // From the moment it has answered on, only the state after will do.
    const isAnswered = from + index >= to
    const random = createSeeded(run.seed, 'replay', command.name, index)
    for (const cut of cutsOf(moment, most, random)) {
      const state = afterPowerCut(moment, cut)
      const key = `${isAnswered} ${digestOf(state)}`
      if (seenBefore.has(key)) continue
      seenBefore.add(key)
      const seen = await look(state)
      const isRight = isSame(seen, after) || (!isAnswered && isSame(seen, before))
      if (isRight) continue
      const what = isAnswered ? 'acknowledged, and then' : `cut before change ${index} of ${to - from},`
      failures.push(`${command.name}: ${what} ${brief(seen)} (--only 2 --seed ${run.seed})`)
    }
  }
  return { prefixes: moments.length, states: seenBefore.size, failures }
}

/** All combinations of what may be there when they are few, else the two extremes and random ones. */
function cutsOf({ pending, contents }: DiskState, most: number, random: Seeded): Cut[] {
  const isLoose = [...contents.values()].some(({ bytes, synced }) => bytes !== synced)
  const torn = isLoose ? tears : tears.slice(0, 1)
  if (2 ** pending.length * torn.length <= most) {
    return torn.flatMap((tear) =>
      Array.from({ length: 2 ** pending.length }, (_, set) => ({
        tear,
        keepsName: (index: number) => ((set >> index) & 1) === 1,
      })),
    )
  }
  const all: Cut = { keepsName: () => true, tear: (bytes) => bytes }
  const others = Array.from({ length: most - 2 }, (): Cut => {
    const kept = pending.map(() => random.chance(0.5))
    return { keepsName: (index) => kept[index] ?? false, tear: random.pick(torn) }
  })
  return [nothingPending, all, ...others]
}
