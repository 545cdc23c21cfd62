import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { ConnectorConfig } from '../../main/core/remote/connector.ts'
import { freePort, isAlive, randomLoopback, signalTree, until } from './processes.ts'
import { createTestUser } from './test-users.ts'

export type HostKeyKind = 'ed25519' | 'ecdsa' | 'rsa'

export type OpenSshOptions = {
  /** Host keys the server has; one ed25519 by default. */
  readonly hostKeys?: readonly HostKeyKind[]
  /** The password is asked for by keyboard-interactive through PAM instead of the password method. Needs root. */
  readonly keyboardInteractive?: boolean
  /** The server takes no change. */
  readonly readOnly?: boolean
  /** The user sees the served folder as `/`. Needs root. */
  readonly chroot?: boolean
  readonly maxAuthTries?: number
  /** False: no key is accepted by itself. */
  readonly authorizedKeys?: boolean
  /** The served folder is a file system of this size. Needs root and the right to mount. */
  readonly quotaBytes?: number
  /** Further lines of sshd_config. */
  readonly extraConfig?: readonly string[]
  /** Where the served folder is made instead of the temp folder. */
  readonly baseFolder?: string
}

export type OpenSshServer = {
  readonly host: string
  readonly port: number
  readonly user: string
  /** Null without root: then only keys can sign in. */
  readonly password: string | null
  /** An accepted private key, as OpenSSH writes it. */
  readonly privateKey: Buffer
  /** The path of the same. */
  readonly keyFile: string
  /** An accepted RSA key in PEM that needs its passphrase. */
  readonly encryptedKey: Buffer
  readonly passphrase: string
  /** The folder in which clients land, as this machine sees it: the home of the test user, without root a start folder. */
  readonly root: string
  /** Sign-in with the password, or with the key where there is none; root `''`. */
  readonly config: ConnectorConfig
  fingerprint(kind: HostKeyKind): string
  /** Everything sshd has logged, at level VERBOSE. */
  log(): string
  /** The part of the log about connections that were made after `log` was `before` characters long. */
  logOfNewConnections(before: number): string
  /** How often a password was refused or accepted. */
  passwordAttempts(): number
  /** Signals sshd and its sessions. */
  signal(signal: NodeJS.Signals): void
  stop(): Promise<void>
}

const folderPrefix = 'fernsync-sshd-'
const sshd = '/usr/sbin/sshd'

export const isRoot = process.getuid?.() === 0

/** Ends servers of test processes that were killed, known by the pid files in their folders. */
function sweep(base: string): void {
  for (const name of readdirSync(base).filter((each) => each.startsWith(folderPrefix))) {
    const folder = join(base, name)
    // Another user's is theirs to remove.
    if (!isRoot && statSync(folder, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue
    const [owner, server] = ['owner', 'pid'].map((file) => {
      const path = join(folder, file)
      return existsSync(path) ? Number(readFileSync(path, 'utf8')) : null
    })
    if (owner === null || owner === undefined || isAlive(owner)) continue
    if (server && isAlive(server) && readFileSync(`/proc/${server}/cmdline`, 'utf8').includes(folder)) {
      signalTree(server, 'SIGKILL')
    }
    unmount(join(folder, 'served'))
    rmSync(folder, { recursive: true, force: true })
  }
}

function unmount(folder: string): void {
  if (readFileSync('/proc/self/mounts', 'utf8').includes(` ${folder} `)) spawnSync('umount', ['-l', folder])
}

function makeKey(file: string, args: readonly string[]): void {
  execFileSync('ssh-keygen', ['-q', '-f', file, '-C', '', ...args])
}

function configText(folder: string, at: { host: string; port: number }, options: OpenSshOptions): string {
  const byPassword = isRoot && options.keyboardInteractive !== true
  const byKeyboard = isRoot && options.keyboardInteractive === true
  const yes = (value: boolean): string => (value ? 'yes' : 'no')
  return [
    `ListenAddress ${at.host}`,
    `Port ${at.port}`,
    ...(options.hostKeys ?? ['ed25519']).map((kind) => `HostKey ${folder}/host-${kind}`),
    `AuthorizedKeysFile ${options.authorizedKeys === false ? 'none' : `${folder}/authorized_keys`}`,
    `PidFile none`,
    'StrictModes no',
    'UseDNS no',
    'LogLevel VERBOSE',
    'PermitRootLogin yes',
    'MaxStartups 100:30:200',
    `UsePAM ${yes(byKeyboard)}`,
    `PasswordAuthentication ${yes(byPassword)}`,
    `KbdInteractiveAuthentication ${yes(byKeyboard)}`,
    `MaxAuthTries ${options.maxAuthTries ?? 6}`,
    `Subsystem sftp internal-sftp${options.readOnly === true ? ' -R' : ''}${isRoot ? '' : ` -d ${folder}/served`}`,
    ...(options.chroot === true ? [`ChrootDirectory ${folder}`] : []),
    ...(options.extraConfig ?? []),
    '',
  ].join('\n')
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** Host and client keys. */
function prepareKeys(folder: string, options: OpenSshOptions, passphrase: string): void {
  for (const kind of options.hostKeys ?? ['ed25519'])
    makeKey(`${folder}/host-${kind}`, ['-t', kind, '-N', ''])
  makeKey(`${folder}/key`, ['-t', 'ed25519', '-N', ''])
  makeKey(`${folder}/key-rsa`, ['-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', passphrase])
  const keys = ['key', 'key-rsa'].map((name) => readFileSync(`${folder}/${name}.pub`, 'utf8')).join('')
  writeFileSync(`${folder}/authorized_keys`, keys)
}

/** Makes the served folder, and the user who owns it when root. */
function prepareUser(folder: string, options: OpenSshOptions) {
  const served = join(folder, 'served')
  mkdirSync(served)
  chmodSync(folder, 0o755)
  if (options.quotaBytes !== undefined) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${options.quotaBytes}`, 'tmpfs', served])
  }
  if (!isRoot) return { served, name: userInfo().username, password: null, remove: () => undefined }
  const user = createTestUser(options.chroot === true ? '/served' : served)
  execFileSync('chown', [user.name, served])
  return { served, ...user }
}

async function waitUntilListening(host: string, port: number, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await canConnect(host, port)) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`sshd does not listen:\n${log()}`)
}

/** Lines of connections that begin in `text`; the end of an earlier one may be logged later than the next one's beginning. */
function ofNewConnections(text: string): string {
  const ports = [...text.matchAll(/^Connection from \S+ port (\d+)/gm)].map(([, port]) => port)
  const isNew = (line: string): boolean => ports.some((port) => new RegExp(`port ${port}\\b`).test(line))
  return text.split('\n').filter(isNew).join('\n')
}

/** Starts a real sshd of its own, with throw-away keys and, when root, a throw-away user; `stop` leaves nothing behind. */
export async function startOpenSsh(options: OpenSshOptions = {}): Promise<OpenSshServer> {
  // sshd refuses a chroot below a folder that others may write to.
  const base = options.baseFolder ?? (options.chroot === true ? '/run' : tmpdir())
  sweep(base)
  const folder = mkdtempSync(join(base, folderPrefix))
  writeFileSync(join(folder, 'owner'), String(process.pid))
  const passphrase = randomBytes(48).toString('base64url')
  prepareKeys(folder, options, passphrase)
  const user = prepareUser(folder, options)
  const host = randomLoopback()
  const port = await freePort(host)
  writeFileSync(join(folder, 'config'), configText(folder, { host, port }, options))
  const logFile = join(folder, 'log')
  if (isRoot) mkdirSync('/run/sshd', { recursive: true })
  const child = spawn(sshd, ['-D', '-f', join(folder, 'config'), '-E', logFile], { stdio: 'ignore' })
  const pid = child.pid
  if (pid === undefined) throw new Error(`${sshd} does not start; install openssh-server`)
  writeFileSync(join(folder, 'pid'), String(pid))
  const log = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '')
  const fingerprint = (kind: HostKeyKind): string =>
    execFileSync('ssh-keygen', ['-lf', `${folder}/host-${kind}.pub`], { encoding: 'utf8' }).split(' ')[1] ??
    ''

  const kill = (): void => signalTree(pid, 'SIGKILL')
  process.on('exit', kill)
  await waitUntilListening(host, port, log)
  const privateKey = readFileSync(`${folder}/key`)
  const [firstKind = 'ed25519'] = options.hostKeys ?? []
  return {
    host,
    port,
    user: user.name,
    password: user.password,
    privateKey,
    keyFile: `${folder}/key`,
    encryptedKey: readFileSync(`${folder}/key-rsa`),
    passphrase,
    root: user.served,
    config: {
      fields: { host, port: String(port), user: user.name },
      secrets: user.password === null ? { privateKey } : { password: Buffer.from(user.password) },
      hostKey: fingerprint(firstKind),
      root: '',
    },
    fingerprint,
    log,
    logOfNewConnections: (before) => ofNewConnections(log().slice(before)),
    passwordAttempts: () =>
      log().match(/(Failed|Accepted) (password|keyboard-interactive\/pam) for/g)?.length ?? 0,
    signal: (signal) => signalTree(pid, signal),
    async stop() {
      process.off('exit', kill)
      // A stopped process takes no other signal until it goes on.
      signalTree(pid, 'SIGCONT')
      kill()
      await until('sshd to end', () => child.exitCode !== null || child.signalCode !== null)
      unmount(user.served)
      user.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
