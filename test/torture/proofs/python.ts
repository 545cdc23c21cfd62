import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { pythonWithCryptography } from '../../helpers/python-peer.ts'
import { pythonTrials } from '../support/python-trials.ts'
import type { PythonTally } from '../support/python-trials.ts'
import { ranges, runScript } from '../support/spread.ts'
import { amount } from '../proof.ts'
import type { Proof } from '../proof.ts'

const script = join(import.meta.dirname, '../support/python-trials.ts')
const fixtures = join(import.meta.dirname, '../../fixtures')
const Tallied: z.ZodType<PythonTally> = z.object({
  trials: z.number(),
  mismatches: z.number(),
  failures: z.array(z.string()),
})
/** What the script must print of a frozen vault: its password, and each sign-in with all its fields. */
const Expected = z.object({
  password: z.string(),
  credentials: z.record(z.string(), z.record(z.string(), z.string())),
})

/** Random tokens and keys, both ways, against Python's cryptography; and open_vault.py on every frozen vault. */
export const python: Proof = {
  number: 7,
  name: "Python's cryptography",
  packages: ['python3', 'python3-cryptography'],
  async run(run) {
    const trials = amount(run, { short: 10_000, full: 1_000_000 })
    run.note(`Python: ${trials} round trips`)
    const all =
      run.form === 'short'
        ? [await pythonTrials(run.seed, 0, trials)]
        : await Promise.all(
            ranges(trials).map(async ([from, to]) =>
              Tallied.parse(await runScript(script, [run.seed, from, to])),
            ),
          )
    const vaults = openFixtures()
    const mismatches = all.reduce((sum, tally) => sum + tally.mismatches, 0)
    return {
      line: `${trials} round trips, ${mismatches} mismatches; open_vault.py opens ${vaults.opened} of ${vaults.count} sign-ins of ${vaults.folders} frozen vaults`,
      figures: {
        trials,
        mismatches,
        vaults: vaults.folders,
        credentials: vaults.count,
        opened: vaults.opened,
      },
      failures: [...all.flatMap(({ failures }) => failures), ...vaults.failures],
    }
  },
}

function openFixtures() {
  const folders = readdirSync(fixtures).filter((name) => /^vault-\d+$/.test(name))
  const failures: string[] = []
  let count = 0
  let opened = 0
  for (const folder of folders) {
    const file = join(fixtures, folder, 'expected.json')
    if (!existsSync(file)) {
      failures.push(`${folder} does not say what it holds: expected.json`)
      continue
    }
    const { password, credentials } = Expected.parse(JSON.parse(readFileSync(file, 'utf8')))
    for (const [name, fields] of Object.entries(credentials)) {
      count += 1
      const args = [join(fixtures, 'open_vault.py'), join(fixtures, folder, 'vault.json'), name]
      const { stdout, stderr } = spawnSync(pythonWithCryptography(), args, {
        input: `${password}\n`,
        encoding: 'utf8',
      })
      if (stdout !== '' && isDeepStrictEqual(JSON.parse(stdout), fields)) opened += 1
      else
        failures.push(
          `open_vault.py does not print "${name}" of ${folder}: ${stderr.split('\n').at(-2) ?? ''}`,
        )
    }
  }
  return { folders: folders.length, count, opened, failures }
}
