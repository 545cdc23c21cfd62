/**
 * `npm run torture [-- --only 1,4] [-- --scale 0.1] [-- --seed N] [-- --hours N] [-- --json FILE] [-- --short]`: that nothing is
 * ever lost, as figures. Exit code 1 when a proof fails, 2 for a wrong option; the last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { install, installCommand, missingPackages } from '../../build/scripts/debian-packages.mjs'
import { readOptions } from './options.ts'
import type { Options } from './options.ts'
import { lineOf } from './proof.ts'
import type { Outcome, Proof } from './proof.ts'
import { proofs } from './proofs.ts'

const root = join(import.meta.dirname, '../..')

async function provide(chosen: readonly Proof[]): Promise<void> {
  const missing = missingPackages([...new Set(chosen.flatMap(({ packages }) => packages ?? []))])
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) throw new Error(`This needs: ${installCommand(missing)}`)
  await install(missing, { cache: join(root, 'node_modules/.cache/fernsync/debian') })
}

function build(): void {
  const script = join(root, 'build/vite/build.mjs')
  const { status } = spawnSync(process.execPath, [script, '--if-stale'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error('the build failed')
}

/** A proof that breaks has failed and takes no other with it. */
async function prove(proof: Proof, options: Options): Promise<Outcome & { readonly seconds: number }> {
  const started = performance.now()
  const note = (text: string): void => void process.stderr.write(`... ${text}\n`)
  const seconds = (): number => Math.round((performance.now() - started) / 100) / 10
  try {
    return { ...(await proof.run({ ...options, note })), seconds: seconds() }
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { line: 'broke', figures: {}, failures: [text], seconds: seconds() }
  }
}

async function main(args: readonly string[]): Promise<number> {
  let options: Options
  try {
    options = readOptions(
      args,
      proofs.map(({ number }) => number),
      randomInt(2 ** 31),
    )
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 2
  }
  const chosen = proofs.filter(({ number }) => options.only.length === 0 || options.only.includes(number))
  await provide(chosen)
  build()
  console.log(`seed ${options.seed}, ${options.form} form, scale ${options.scale}`)
  const rows = []
  for (const proof of chosen) {
    const outcome = await prove(proof, options)
    console.log(
      `${lineOf(proof, outcome)} [${outcome.failures.length === 0 ? 'ok' : 'FAILED'}, ${outcome.seconds} s]`,
    )
    for (const failure of outcome.failures) console.log(`  FAILED: ${failure}`)
    rows.push({ proof: proof.number, name: proof.name, ...outcome })
  }
  if (options.json !== null)
    writeFileSync(options.json, `${JSON.stringify({ ...options, proofs: rows }, null, 2)}\n`)
  const failed = rows.filter(({ failures }) => failures.length > 0).length
  console.log(`${rows.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
