import { join } from 'node:path'
import { utf8 } from '../../../main/core/crypto/bytes.ts'
import { furnish, PASSWORD } from '../support/commands.ts'
import { emptyDisk, filesOf } from '../support/disk.ts'
import { Costly } from '../support/costly.ts'
import { Fuzzed } from '../support/fuzz.ts'
import { hostileHeader } from '../support/hostile-headers.ts'
import { createLab, quickDerive } from '../support/lab.ts'
import type { Derive } from '../support/lab.ts'
import { withFile } from '../support/rehearse.ts'
import { createSeeded } from '../support/seeded-random.ts'
import { runScript } from '../support/spread.ts'
import { amount, codeOf, createFailures } from '../proof.ts'
import type { Proof, Run } from '../proof.ts'

const HEADERS = { short: 1000, full: 10_000 }
const FUZZ_SECONDS = 10
const LONGEST = { short: 256 * 1024, full: 4 * 1024 * 1024 }
const MIB = 1024 * 1024
/** Files made to cost as much as they can: bytes of each, and how many. */
const COSTLY = { short: [MIB, 8], full: [16 * MIB, 1000] } as const

/** Vault files with hostile headers, which must be refused before anything is derived; and inputs for everything that parses. */
export const hostile: Proof = {
  number: 6,
  name: 'hostile headers and inputs',
  async run(run) {
    const headers = await refuseHeaders(run)
    run.note(`fuzzing for ${run.form === 'short' ? `${FUZZ_SECONDS} s` : `${run.hours} h`}`)
    const seconds = run.form === 'short' ? FUZZ_SECONDS : run.hours * 3600
    const script = join(import.meta.dirname, '../support/fuzz.ts')
    const fuzzed = Fuzzed.parse(await runScript(script, [run.seed % 2 ** 30, seconds, LONGEST[run.form]]))
    const rss = Math.round(fuzzed.rssBytes / MIB)
    const readCostly = join(import.meta.dirname, '../support/costly.ts')
    const costly = Costly.parse(await runScript(readCostly, [...COSTLY[run.form], run.seed % 2 ** 30]))
    return {
      line: `${headers.count} headers, ${headers.refused} refused, ${headers.derivations} derivations, slowest ${headers.slowestMs} ms; ${fuzzed.inputs} inputs for ${fuzzed.targets} parsers, ${fuzzed.failures.length} unhandled, slowest ${Math.round(fuzzed.slowestMs)} ms (${fuzzed.slowest}), at most ${rss} MiB; ${costly.files} costly imports, slowest ${costly.slowestMs} ms of the processor (${costly.slowest}), at most ${costly.rssMiB} MiB`,
      figures: {
        headers: headers.count,
        refused: headers.refused,
        derivations: headers.derivations,
        slowestHeaderMs: headers.slowestMs,
        inputs: fuzzed.inputs,
        parsers: fuzzed.targets,
        unhandled: fuzzed.failures.length,
        slowestInputMs: fuzzed.slowestMs,
        rssMiB: rss,
        costlyImports: costly.files,
        slowestCostlyMs: costly.slowestMs,
        costlyRssMiB: costly.rssMiB,
      },
      failures: [...headers.failures, ...fuzzed.failures, ...costly.failures],
    }
  },
}

async function refuseHeaders(run: Run) {
  const lab = createLab()
  const failures = createFailures()
  const count = amount(run, HEADERS)
  let derivations = 0
  let refused = 0
  let slowestMs = 0
  const derive: Derive = (input) => {
    derivations += 1
    return quickDerive(input)
  }
  try {
    const made = lab.disk(emptyDisk(lab.home))
    await furnish(lab.vaultOn(made, createSeeded(run.seed, 'headers').port))
    const path = `${lab.home}/vault.json`
    const sane = filesOf(made.state()).get(path) ?? new Uint8Array()
    for (let trial = 0; trial < count; trial += 1) {
      const { attack, bytes } = hostileHeader(sane, createSeeded(run.seed, 'header', trial))
      const vault = lab.vaultOn(lab.disk(withFile(emptyDisk(lab.home), path, bytes)), undefined, derive)
      const before = derivations
      const started = performance.now()
      const code = await codeOf(vault.unlock({ password: utf8(PASSWORD) }, { allowSlowKdf: true }))
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - started))
      const isRefused = code === 'vault-damaged' || code === 'vault-newer'
      if (isRefused) refused += 1
      const status = await codeOf(vault.status())
      if (isRefused && derivations === before && status === null) continue
      const said = `answered ${code ?? 'by opening'}, status ${status ?? 'fine'}, ${derivations - before} derivations`
      failures.add(`${attack}: ${said} (--only 6 --seed ${run.seed}, header ${trial})`)
    }
  } finally {
    lab.remove()
  }
  return { count, refused, derivations, slowestMs, failures: failures.all() }
}
