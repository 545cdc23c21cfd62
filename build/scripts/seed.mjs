/**
 * `npm run seed [-- --home DIR]`: makes a home folder with sign-ins, jobs and history, for a look at a filled app. Everything
 * goes in through the command line, as a person would do it; only what became of jobs is written to the history directly.
 */
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { openNodeHome } from '../../main/adapters/node-home.ts'
import { DEMO_PASSWORD, demoCredentials, demoJobs, toSummary } from '../seed/demo.mjs'

const root = path.resolve(import.meta.dirname, '..', '..')
const WAITING_MS = 2 * 60 * 60 * 1000

/**
 * Runs one command of the built command line; answers its JSON document. Throws with its words when it fails.
 *
 * @typedef {(...args: string[]) => unknown} Fernsync
 * @param {string} home
 * @param {string} passwordFile
 * @returns {Fernsync}
 */
function commandLine(home, passwordFile) {
  const launcher = path.join(root, 'build', 'scripts', 'fernsync.mjs')
  return (...args) => {
    const all = [launcher, '--home', home, '--password-file', passwordFile, '--json', ...args]
    const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`fernsync ${args.slice(0, 3).join(' ')}: ${stderr.trim()}`)
    return JSON.parse(stdout)
  }
}

/**
 * @param {Fernsync} fernsync
 * @param {string} folder where secrets may lie for a moment
 */
function addCredentials(fernsync, folder) {
  for (const { name, fields, secrets, hostKey } of demoCredentials) {
    const args = Object.entries(fields).flatMap(([field, value]) => ['--field', `${field}=${value}`])
    for (const [field, value] of Object.entries(secrets)) {
      const file = path.join(folder, field)
      writeFileSync(file, value, { mode: 0o600 })
      args.push('--secret-file', `${field}=${file}`)
    }
    fernsync('credential', 'add', name, '--type', 'sftp', ...args, '--trust-host-key', hostKey)
  }
}

/**
 * Adds the jobs with a few files each. Answers their ids by name.
 *
 * @param {Fernsync} fernsync
 * @param {string} files
 */
function addJobs(fernsync, files) {
  /** @type {Map<string, string>} */
  const ids = new Map()
  for (const job of demoJobs) {
    const local = path.join(files, job.folder)
    mkdirSync(local, { recursive: true })
    for (const name of ['Read me.txt', 'Notes.md'])
      writeFileSync(path.join(local, name), `${job.name}: ${name}\n`)
    const where = ['--credential', job.credential, '--local', local, '--remote', job.remote]
    const how = ['--mode', job.mode, '--direction', job.direction]
    const when = ['--schedule', job.schedule, '--zone', 'UTC', '--when-locked', job.whenLocked]
    const added = fernsync('job', 'add', job.name, ...where, ...how, ...when)
    if (typeof added !== 'object' || added === null || !('id' in added))
      throw new Error('job add answered no id')
    ids.set(job.name, String(added.id))
  }
  return ids
}

/**
 * @param {string} home
 * @param {ReadonlyMap<string, string>} ids
 */
function writeHistory(home, ids) {
  const { store, close } = openNodeHome(home, 'cli')
  const now = Date.now()
  try {
    for (const { name, runs, isWaiting } of demoJobs) {
      const job = ids.get(name)
      if (job === undefined) continue
      for (const run of runs) store.addRun(toSummary(run, { job, run: randomUUID(), now }))
      if (isWaiting) store.setWaiting(job, now - WAITING_MS)
    }
  } finally {
    close()
  }
}

/**
 * Makes the demo home at `home`, and folders with files beside it. Throws an Error with a sentence when there is a vault already.
 *
 * @param {string} home absolute path
 */
export function seed(home) {
  if (existsSync(path.join(home, 'vault.json'))) {
    throw new Error(
      `There is a vault in ${home} already. Remove the folder, or name another one with --home.`,
    )
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fernsync-seed-'))
  try {
    const passwordFile = path.join(folder, 'master')
    writeFileSync(passwordFile, DEMO_PASSWORD, { mode: 0o600 })
    mkdirSync(home, { recursive: true, mode: 0o700 })
    const fernsync = commandLine(home, passwordFile)
    fernsync('vault', 'init')
    addCredentials(fernsync, folder)
    const ids = addJobs(fernsync, `${home}-files`)
    writeHistory(home, ids)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function main() {
  const { values } = parseArgs({ options: { home: { type: 'string', default: '.dev-data/home' } } })
  const home = path.resolve(values.home)
  const build = path.join(root, 'build', 'vite', 'build.mjs')
  if (spawnSync(process.execPath, [build, '--if-stale'], { cwd: root, stdio: 'inherit' }).status !== 0)
    return 1
  seed(home)
  console.log(`Demo home:       ${home}`)
  console.log(`Master password: ${DEMO_PASSWORD}`)
  console.log(`Open it with:    FERNSYNC_HOME=${path.relative('', home) || '.'} npm start`)
  return 0
}

if (process.argv[1] === import.meta.filename) {
  try {
    process.exitCode = main()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
