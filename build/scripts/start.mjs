/**
 * `npm start [-- --retry] [-- arguments for the app]`: builds what is stale, then shows the window, in Electron where its
 * binary is or can be fetched, else in Chromium by way of test/standin.
 */
import { spawn, spawnSync } from 'node:child_process'
import path from 'node:path'
import { install, installCommand, missingPackages } from './debian-packages.mjs'
import { downloadElectron } from './download-electron.mjs'
import { electronBinary } from './electron-binary.mjs'
import { explainElectron, NO_DISPLAY } from './explain-electron.mjs'
import { existsSync } from 'node:fs'

/** An Electron that ends sooner with an error did not start; after that it is the app's own business. */
const EARLY_MS = 5_000

/** As much of stderr as is kept for the explanation. */
const KEPT_CHARS = 64 * 1024

const root = path.resolve(import.meta.dirname, '..', '..')
const isRoot = process.getuid?.() === 0

/** Chromium for the window of the stand-in, letters for Chromium. */
const WINDOW_PACKAGES = ['chromium', 'fonts-dejavu-core']

function buildIfStale() {
  const build = path.join(root, 'build', 'vite', 'build.mjs')
  const { status } = spawnSync(process.execPath, [build, '--if-stale'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

function hasDisplay() {
  if (process.platform !== 'linux') return true
  return (process.env.DISPLAY ?? '') !== '' || (process.env.WAYLAND_DISPLAY ?? '') !== ''
}

/**
 * Runs a program in the foreground until it ends; Ctrl+C and SIGTERM reach it too.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null, stderr: string, ms: number }>}
 */
function foreground(command, args, env) {
  return new Promise((resolve, reject) => {
    const started = Date.now()
    const child = spawn(command, args, { cwd: root, env, stdio: ['inherit', 'inherit', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      process.stderr.write(chunk)
      if (stderr.length < KEPT_CHARS) stderr += String(chunk)
    })
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => child.kill(signal))
    }
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stderr, ms: Date.now() - started }))
  })
}

/**
 * @param {string} binary
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function startElectron(binary, args) {
  if (isRoot && process.platform === 'linux') {
    console.log('Started by root: Electron gets --no-sandbox, which it never gets from a normal user.')
  }
  const flags = isRoot && process.platform === 'linux' ? ['--no-sandbox'] : []
  const end = await foreground(binary, [...flags, '.', ...args], process.env)
  if (end.code === 0) return 0
  if (end.ms < EARLY_MS) {
    const ldd = process.platform === 'linux' ? spawnSync('ldd', [binary], { encoding: 'utf8' }).stdout : ''
    console.error(`\n${explainElectron({ ...end, binary, ldd: ldd ?? '' }).join('\n')}`)
  }
  return end.code ?? 1
}

/**
 * @param {string} reason why there is no Electron
 * @param {string[]} args
 * @returns {Promise<number>}
 */
async function startStandin(reason, args) {
  if (process.platform !== 'linux') {
    console.error(`The Electron binary is not there (${reason}). Try again with: npm start -- --retry`)
    return 1
  }
  const missing = missingPackages(WINDOW_PACKAGES)
  if (missing.length > 0 && isRoot && existsSync('/usr/bin/apt-get')) {
    await install(missing, { cache: path.join(root, 'node_modules', '.cache', 'fernsync', 'debian') })
  } else if (missing.length > 0) {
    console.error(
      `The Electron binary is not there (${reason}), and Chromium, which can stand in, is not either.`,
    )
    console.error(`On Debian and Ubuntu: ${installCommand(missing)}`)
    return 1
  }
  console.log(`No Electron binary (${reason}): showing Fernsync in a Chromium window instead.`)
  const standin = path.join(root, 'test', 'standin', 'electron')
  const end = await foreground(standin, ['.', ...args], { ...process.env, STANDIN_HEADED: '1' })
  return end.code ?? 1
}

/** @param {string[]} argv */
async function main(argv) {
  buildIfStale()
  if (!hasDisplay()) {
    console.error(NO_DISPLAY.join('\n'))
    return 1
  }
  const args = argv.filter((arg) => arg !== '--retry')
  const present = electronBinary(root)
  if (present !== null) return await startElectron(present, args)
  const reason = await downloadElectron({ root, isRetry: argv.includes('--retry'), now: Date.now() })
  const fetched = electronBinary(root)
  if (reason === null && fetched !== null) return await startElectron(fetched, args)
  return await startStandin(reason ?? 'unpacked, but not found', args)
}

process.exitCode = await main(process.argv.slice(2))
