/**
 * `npm run bench [-- --only LINE] [-- --rounds N] [-- --json FILE] [-- --quick]`: how fast and how small Fernsync is beside
 * programs that do the same. Exit code 1 when a line misses its target, 2 for a wrong option, 10 when something breaks.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { install, installCommand, missingPackages } from '../../build/scripts/debian-packages.mjs'
import { BENCH_PACKAGES } from '../../build/scripts/suites.mjs'
import { projectRoot } from './fernsync.ts'
import { isIsolated, openPlace, runIsolated } from './isolate.ts'
import type { Bench, Line } from './line.ts'
import { editLine } from './lines/edit.ts'
import { eventLoopLine } from './lines/event-loop.ts'
import { fernetLine } from './lines/fernet.ts'
import { lockLine } from './lines/lock.ts'
import { bigLine, noChangeLine, smallLine } from './lines/sftp.ts'
import { unlockLine } from './lines/unlock.ts'
import { describeMachine, machineLines } from './machine.ts'
import { readOptions, type Options } from './options.ts'
import { missedOf, tableOf, verdictOf, type Row } from './report.ts'

const lines: readonly Line[] = [
  fernetLine,
  unlockLine,
  lockLine,
  editLine,
  smallLine,
  bigLine,
  noChangeLine,
  eventLoopLine,
]

async function provide(): Promise<void> {
  // Chromium is the window of the stand-in, for the line that watches the desktop's main.
  const missing = missingPackages([...BENCH_PACKAGES, 'chromium'])
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) throw new Error(`The bench needs: ${installCommand(missing)}`)
  await install(missing, { cache: join(projectRoot, 'node_modules/.cache/fernsync/debian') })
}

function build(): void {
  const script = join(projectRoot, 'build/vite/build.mjs')
  const { status } = spawnSync(process.execPath, [script, '--if-stale'], {
    cwd: projectRoot,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('the build failed')
}

/** A line that breaks takes its rows with it and not the others. */
async function measureAll(bench: Bench, chosen: readonly Line[]): Promise<{ rows: Row[]; broken: string[] }> {
  const rows: Row[] = []
  const broken: string[] = []
  for (const line of chosen) {
    try {
      rows.push(...(await line.measure(bench)))
    } catch (error) {
      broken.push(`${line.name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { rows, broken }
}

async function measure({ scale, only, json }: Options): Promise<number> {
  const { place, remove } = openPlace()
  const machine = describeMachine(projectRoot, place.isNamespace)
  const note = (text: string): void => void process.stderr.write(`... ${text}\n`)
  const chosen = lines.filter(({ name }) => only.length === 0 || only.includes(name))
  try {
    const { rows, broken } = await measureAll({ scale, place, note }, chosen)
    const missed = scale.isQuick ? [] : missedOf(rows)
    const rounds = `medians of ${scale.rounds} paired runs${scale.isQuick ? '; --quick: too little work for the figures to mean anything' : ''}`
    console.log([...machineLines(machine), rounds, '', ...tableOf(rows, !scale.isQuick)].join('\n'))
    for (const row of missed)
      console.log(`MISSED: ${row.work}${row.against === null ? '' : ` against ${row.against}`}`)
    for (const text of broken) console.log(`BROKEN: ${text}`)
    if (json !== null) {
      const judged = rows.map((row) => ({ ...row, verdict: scale.isQuick ? '' : verdictOf(row) }))
      writeFileSync(json, `${JSON.stringify({ machine, scale, rows: judged, broken }, null, 2)}\n`)
    }
    return broken.length > 0 ? 10 : missed.length > 0 ? 1 : 0
  } finally {
    remove()
  }
}

function parse(args: readonly string[]): Options | null {
  try {
    return readOptions(
      args,
      lines.map(({ name }) => name),
    )
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return null
  }
}

async function main(args: readonly string[]): Promise<number> {
  const options = parse(args)
  if (options === null) return 2
  if (!isIsolated) {
    await provide()
    build()
  }
  return (await runIsolated(args)) ?? (await measure(options))
}

process.exitCode = await main(process.argv.slice(2))
