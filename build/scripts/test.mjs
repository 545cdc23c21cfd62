/** `npm test [-- --quick] [-- suite ...]`: runs the suites of suites.mjs; the last line is `N passed, N failed`. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { install, installCommand, missingPackages } from './debian-packages.mjs'
import { electronBinary } from './electron-binary.mjs'
import { leftovers, takeSnapshot } from './leftovers.mjs'
import { planSuite, playwrightCounts, suites, summary, vitestCounts } from './suites.mjs'

const root = path.resolve(import.meta.dirname, '..', '..')
const cache = path.join(root, 'node_modules', '.cache', 'fernsync', 'debian')
const unpacked = path.join(cache, 'root')

/** How long a server may take to let go of its port after its test has ended. */
const GRACE_MS = 5_000

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/**
 * Runs a program in the foreground; its output is ours. Answers its exit code, 1 when a signal ended it.
 *
 * @param {string[]} args of Node
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<number>}
 */
function node(args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    running.add(child)
    child.once('error', reject)
    child.once('close', (code) => {
      running.delete(child)
      resolve(code ?? 1)
    })
  })
}

/** @param {string[]} parts */
const tool = (...parts) => path.join(root, 'node_modules', ...parts)

/**
 * @param {import('./suites.mjs').Work} work
 * @param {string} report where the tool writes its JSON
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
async function perform(work, report) {
  if ('steps' in work) {
    let failed = 0
    for (const step of work.steps) failed += (await npmRun(step)) === 0 ? 0 : 1
    return { passed: work.steps.length - failed, failed, skipped: 0 }
  }
  if ('vitest' in work) {
    const args = [
      '--project',
      work.vitest,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ]
    const code = await node([tool('vitest', 'vitest.mjs'), 'run', ...args])
    return counted(code, vitestCounts(readJson(report)))
  }
  const env = { E2E_ELECTRON: work.playwright, PLAYWRIGHT_JSON_OUTPUT_FILE: report }
  const code = await node([tool('@playwright', 'test', 'cli.js'), 'test', '--reporter=list,json'], env)
  return counted(code, playwrightCounts(readJson(report)))
}

/** npm itself would run on the Node that started it; the script's own Node is what counts. @param {string} script */
function npmRun(script) {
  const npm = process.env.npm_execpath
  if (npm === undefined) throw new Error('start this with npm: npm test')
  console.log(`\n-- ${script}`)
  return node([npm, 'run', '--silent', script])
}

/**
 * A tool that fails without a failed test (a crash, no test found) is one failure more.
 *
 * @param {number} code
 * @param {{ passed: number, failed: number, skipped: number } | null} counts
 */
function counted(code, counts) {
  if (counts === null) return { passed: 0, failed: 1, skipped: 0 }
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** @param {string} file @returns {unknown} null when there is none */
function readJson(file) {
  if (!existsSync(file)) return null
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Installs what is missing when this is root on Debian; what then is still missing, the plan says. @param {string[]} needed */
async function prepareMachine(needed) {
  const missing = missingPackages([...new Set(needed)], [unpacked])
  if (missing.length === 0 || !machine.isRoot || !machine.hasApt) return
  const folders = await install(missing, { cache })
  process.env.PATH = [...folders, process.env.PATH].join(path.delimiter)
}

/** @param {import('./leftovers.mjs').Snapshot} before */
async function findLeftovers(before) {
  const until = Date.now() + GRACE_MS
  for (;;) {
    const found = leftovers(before, takeSnapshot())
    if (found.length === 0 || Date.now() > until) return found
    await sleep(250)
  }
}

const machine = {
  isRoot: process.getuid?.() === 0,
  hasApt: existsSync('/usr/bin/apt-get'),
  hasElectron: electronBinary(root) !== null,
  isCi: (process.env.CI ?? '') !== '' || (process.env.FERNSYNC_CI ?? '') !== '',
  missing: (/** @type {string[]} */ names) => missingPackages(names, [unpacked]),
}

/** @param {string[]} argv */
function select(argv) {
  const names = argv.filter((arg) => !arg.startsWith('--'))
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name))
  if (unknown.length > 0) {
    console.error(
      `no such suite: ${unknown.join(', ')}; there are ${suites.map(({ name }) => name).join(', ')}`,
    )
    process.exit(2)
  }
  const isQuick = argv.includes('--quick')
  return suites.filter(
    (suite) => (names.length === 0 || names.includes(suite.name)) && (!isQuick || suite.isQuick),
  )
}

async function main() {
  const selected = select(process.argv.slice(2))
  await prepareMachine(selected.flatMap(({ needs }) => needs.packages ?? []))
  const plans = selected.map((suite) => planSuite(suite, machine))
  const before = takeSnapshot()
  const reports = mkdtempSync(path.join(tmpdir(), 'fernsync-test-'))
  process.once('exit', () => rmSync(reports, { recursive: true, force: true }))
  const rows = []
  const problems = []
  if ((await node([path.join(root, 'build', 'vite', 'build.mjs'), '--if-stale'])) !== 0)
    problems.push('the build')
  for (const [index, plan] of plans.entries()) {
    const { name, work } = plan.suite
    if (plan.verdict === 'fail')
      problems.push(`${name}: ${plan.reason}; run ${installCommand(plan.packages)}`)
    if (plan.verdict !== 'run') continue
    console.log(`\n== ${name} ==`)
    const started = Date.now()
    const counts = await perform(work, path.join(reports, `${index}.json`))
    rows.push({ name, ...counts, seconds: (Date.now() - started) / 1000 })
  }
  problems.push(...(await findLeftovers(before)))
  const { lines, failed } = summary(rows, plans, problems)
  console.log(`\n${lines.join('\n')}`)
  process.exitCode = failed === 0 ? 0 : 1
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    for (const child of running) child.kill(signal)
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })
}

await main()
