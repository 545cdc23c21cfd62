/**
 * The Debian packages that tests, `npm start` and the bench use, and how they get onto a machine: installed when we are
 * root, otherwise named in a command that a person can run. Nothing here is needed to use Fernsync.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/**
 * `probe`: the package counts as present when one of these files exists.
 *
 * @typedef {{ why: string, probe: readonly string[] }} DebianPackage
 * @type {Readonly<Record<string, DebianPackage>>}
 */
export const debianPackages = {
  chromium: { why: 'shows the window when there is no Electron', probe: ['/usr/lib/chromium/chromium'] },
  xvfb: { why: 'a screen for tests on machines without one', probe: ['/usr/bin/Xvfb'] },
  xauth: { why: 'xvfb-run needs it', probe: ['/usr/bin/xauth'] },
  'fonts-dejavu-core': {
    why: 'letters in the window and in screenshots',
    probe: ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'],
  },
  'openssh-server': { why: 'the real server that SFTP is tested against', probe: ['/usr/sbin/sshd'] },
  'openssh-client': { why: 'makes keys for that server', probe: ['/usr/bin/ssh-keygen'] },
  'openssh-sftp-server': { why: 'the SFTP part of that server', probe: ['/usr/lib/openssh/sftp-server'] },
  python3: { why: 'reads our vault without our code', probe: ['/usr/bin/python3'] },
  'python3-cryptography': {
    why: 'the reference for Fernet and PBKDF2',
    probe: ['/usr/lib/python3/dist-packages/cryptography/fernet.py'],
  },
  dbus: { why: 'a private bus for tests of keychain and locking', probe: ['/usr/bin/dbus-run-session'] },
  'gnome-keyring': { why: 'a real keychain to test against', probe: ['/usr/bin/gnome-keyring-daemon'] },
  'libglib2.0-bin': {
    why: 'locks that keychain in tests, and listens to a locked screen (gdbus)',
    probe: ['/usr/bin/gdbus'],
  },
  'libsecret-tools': { why: 'looks into that keychain from outside', probe: ['/usr/bin/secret-tool'] },
  rclone: { why: 'the bench compares with it', probe: ['/usr/bin/rclone'] },
  rsync: { why: 'the bench prints it beside', probe: ['/usr/bin/rsync'] },
  iproute2: { why: 'the bench measures in a network namespace', probe: ['/usr/sbin/ip', '/sbin/ip'] },
}

const POLICY_FILE = '/usr/sbin/policy-rc.d'
const POLICY_MARK = '# written by the tests of Fernsync while they install packages; safe to delete'

/**
 * The names of `names` that are not on this machine, in the given order.
 *
 * @param {readonly string[]} names
 * @param {string[]} [unpackedRoots] folders that hold packages unpacked by `install`
 */
export function missingPackages(names, unpackedRoots = []) {
  return names.filter((name) => {
    const { probe } = lookUp(name)
    return !['/', ...unpackedRoots].some((root) => probe.some((file) => existsSync(path.join(root, file))))
  })
}

/** @param {string} name */
function lookUp(name) {
  const known = debianPackages[name]
  if (known === undefined) throw new Error(`${name} is not listed in debian-packages.mjs`)
  return known
}

/**
 * The command that installs these packages, to show to a person.
 *
 * @param {readonly string[]} names
 */
export function installCommand(names) {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`
}

/**
 * The packages that `apt-get install --simulate` would remove, from its output ("Remv NAME [version]").
 *
 * @param {string} simulation
 */
export function removedBy(simulation) {
  return [...simulation.matchAll(/^Remv (\S+)/gm)].map((match) => match[1])
}

/**
 * Installs packages as root: says what and why, brings the lists up to date, lets no service start. A package that would
 * push out one that is installed is unpacked below `cache` instead, and touches nothing.
 *
 * @param {readonly string[]} names
 * @param {{ cache: string, policyFile?: string }} options
 * @returns {Promise<string[]>} folders to put in front of PATH, for the unpacked ones
 */
export async function install(names, { cache, policyFile = POLICY_FILE }) {
  console.log('These Debian packages are missing and are installed now:')
  for (const name of names) console.log(`  ${name.padEnd(22)} ${lookUp(name).why}`)
  return await withoutServices(policyFile, async (track) => {
    await run(track, 'apt-get', ['update', '-qq'])
    /** @type {string[]} */
    const toUnpack = []
    for (const name of names) {
      const simulation = await run(track, 'apt-get', ['install', '-s', '--no-install-recommends', name])
      if (removedBy(simulation).length > 0) toUnpack.push(name)
    }
    const toInstall = names.filter((name) => !toUnpack.includes(name))
    if (toInstall.length > 0)
      await run(track, 'apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...toInstall])
    for (const name of toUnpack) await unpack(track, name, cache)
    return toUnpack.length > 0 ? ['usr/sbin', 'usr/bin'].map((part) => path.join(cache, 'root', part)) : []
  })
}

/**
 * Runs `work` while no package can start a service, and takes that back in every case, a signal included. A policy file
 * that was there before (containers have one) stays as it is.
 *
 * @template T
 * @param {string} policyFile
 * @param {(track: Track) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withoutServices(policyFile, work) {
  removeStalePolicy(policyFile)
  const isOurs = !existsSync(policyFile)
  /** @type {Set<import('node:child_process').ChildProcess>} */
  const children = new Set()
  const takeBack = () => {
    if (isOurs) rmSync(policyFile, { force: true })
  }
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    for (const child of children) child.kill('SIGTERM')
    takeBack()
    process.removeListener(signal, onSignal)
    process.kill(process.pid, signal)
  }
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  for (const signal of signals) process.on(signal, onSignal)
  process.on('exit', takeBack)
  try {
    // 101 = "action forbidden by policy": the answer of /usr/sbin/policy-rc.d that keeps services stopped.
    if (isOurs) writeFileSync(policyFile, `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`, { mode: 0o755 })
    return await work((child) => {
      children.add(child)
      child.once('close', () => children.delete(child))
    })
  } finally {
    takeBack()
    process.removeListener('exit', takeBack)
    for (const signal of signals) process.removeListener(signal, onSignal)
  }
}

/** @typedef {(child: import('node:child_process').ChildProcess) => void} Track */

/**
 * Removes a policy file that an earlier run of ours was killed over, and no other.
 *
 * @param {string} policyFile
 */
function removeStalePolicy(policyFile) {
  if (existsSync(policyFile) && readFileSync(policyFile, 'utf8').includes(POLICY_MARK)) rmSync(policyFile)
}

/**
 * @param {Track} track
 * @param {string} name
 * @param {string} cache
 */
async function unpack(track, name, cache) {
  const downloads = path.join(cache, 'debs')
  mkdirSync(downloads, { recursive: true })
  await run(track, 'apt-get', ['download', '-qq', name], downloads)
  for (const file of readdirSync(downloads).filter((file) => file.startsWith(`${name}_`))) {
    await run(track, 'dpkg', ['-x', path.join(downloads, file), path.join(cache, 'root')])
  }
}

/**
 * Output of a command; throws with its last lines when it fails.
 *
 * @param {Track} track
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 * @returns {Promise<string>}
 */
function run(track, command, args, cwd) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    track(child)
    let output = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    child.stderr.on('data', (chunk) => (output += String(chunk)))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(output)
      else
        reject(
          new Error(
            `${command} ${args.join(' ')} failed:\n${output.trim().split('\n').slice(-12).join('\n')}`,
          ),
        )
    })
  })
}
