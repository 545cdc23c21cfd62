import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorMessages } from '../../../main/messages/en/errors.ts'
import { isErrorCode } from '../../../main/model/error-codes.ts'
import { startHostileSftp } from '../../servers/hostile-sftp.ts'
import { isRoot, startOpenSsh } from '../../servers/openssh.ts'
import type { OpenSshServer } from '../../servers/openssh.ts'
import type { Ssh2Server } from '../../servers/ssh2-server.ts'
import { findCanaries } from './canaries.ts'
import { watchProcesses } from './watch-processes.ts'
import { cliCommand, python } from './cli-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'fernsync-story-'))
const canary = (): string => randomBytes(18).toString('base64url')
const passwords = { master: canary(), next: canary(), wrong: canary() }

type Servers = { main: OpenSshServer; flaky: OpenSshServer; small: OpenSshServer | null; hostile: Ssh2Server }
let servers: Servers

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content, { mode: 0o600 })
  return path
}

beforeAll(async () => {
  const [main, flaky, small, hostile] = await Promise.all([
    startOpenSsh(),
    startOpenSsh(),
    isRoot ? startOpenSsh({ quotaBytes: 2 * 1024 * 1024 }) : null,
    startHostileSftp('traversal-names'),
  ])
  servers = { main, flaky, small, hostile }
})

afterAll(async () => {
  await Promise.all([
    servers.main.stop(),
    servers.flaky.stop(),
    servers.small?.stop(),
    servers.hostile.stop(),
  ])
  rmSync(folder, { recursive: true, force: true })
})

/** The part of the environment that names an sshd. Passwords are in files. */
function sshdEnvironment(prefix: string, server: OpenSshServer): Record<string, string> {
  const { host, port, user, password, keyFile, root } = server
  const secret =
    password === null ? `privateKey=${keyFile}` : `password=${file(`${user}-password`, password)}`
  const wrong =
    password === null
      ? `privateKey=${join(dirname(keyFile), 'host-ed25519')}`
      : `password=${file(`${user}-wrong`, passwords.wrong)}`
  return Object.fromEntries(
    Object.entries({
      HOST: host,
      PORT: String(port),
      USER: user,
      ROOT: root,
      FOLDER: dirname(keyFile),
      SECRET: secret,
      WRONG_SECRET: wrong,
      FINGERPRINT: server.fingerprint('ed25519'),
    }).map(([name, value]) => [`${prefix}_${name}`, value]),
  )
}

function environment(part: string, work: string): Record<string, string> {
  const { fields, secrets, hostKey } = servers.hostile.config
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TMPDIR: tmpdir(),
    LANG: 'C.UTF-8',
    WORK: work,
    PYTHON: python(),
    // A machine that runs other tests is slow for reasons that are not the vault's.
    FERNSYNC: [...cliCommand(), '--allow-slow-kdf'].join(' '),
    FERNSYNC_PASSWORD_FILE: file('master', `${passwords.master}\n`),
    NEW_PASSWORD_FILE: file('next', passwords.next),
    // One that a part may kill, so that the others never meet a dead server.
    ...sshdEnvironment('SSHD', part === 'server' ? servers.flaky : servers.main),
    ...(servers.small === null ? {} : sshdEnvironment('SMALL', servers.small)),
    HOSTILE_HOST: fields['host'] ?? '',
    HOSTILE_PORT: fields['port'] ?? '',
    HOSTILE_FINGERPRINT: hostKey ?? '',
    HOSTILE_PASSWORD_FILE: file('hostile-password', secrets['password'] ?? ''),
  }
}

type Ended = {
  readonly code: number | null
  readonly output: string
  readonly programs: ReadonlySet<string>
  readonly leaks: readonly string[]
}

/** Runs one part of story.sh and looks at every process that it starts. */
async function runPart(part: string, work: string): Promise<Ended> {
  const child = spawn('bash', [join(import.meta.dirname, 'story.sh'), part], {
    cwd: join(import.meta.dirname, '../../..'),
    env: environment(part, work),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const kill = (): void => void child.kill()
  process.on('exit', kill)
  const watch = watchProcesses(child.pid ?? 0, canaries())
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  process.off('exit', kill)
  return { code, output, ...watch.stop() }
}

function canaries(): readonly string[] {
  const { main, flaky, small } = servers
  return [...Object.values(passwords), ...[main, flaky, small].flatMap((server) => server?.password ?? [])]
}

type Recorded = { readonly args: string; readonly out: string; readonly err: string; readonly exit: number }

function recordedCommands(work: string): readonly Recorded[] {
  const records = join(work, 'records')
  const text = (name: string): string => readFileSync(join(records, name), 'utf8')
  return readdirSync(records)
    .filter((name) => name.endsWith('.args'))
    .map((name) => name.slice(0, -'.args'.length))
    .map((n) => ({
      args: text(`${n}.args`),
      out: text(`${n}.out`),
      err: text(`${n}.err`),
      exit: Number(text(`${n}.exit`)),
    }))
}

/** Every command: one document on stdout, and for a failure the sentence and the cure of its code on stderr. */
function checkRecorded(commands: readonly Recorded[]): void {
  for (const { args, out, err, exit } of commands) {
    const document: unknown = JSON.parse(out)
    expect(typeof document, args).toBe('object')
    const code = err.match(/(?<=\[)[a-z-]+(?=\]$)/gm)?.at(-1)
    if (exit === 0) continue
    if (!isErrorCode(code)) throw new Error(`fernsync ${args}: no code on stderr: ${err}`)
    const { sentence, cure } = errorMessages[code]
    expect(err, args).toContain(cure === null ? sentence : `${sentence} ${cure}`)
  }
}

describe('story.sh', () => {
  it.concurrent.for(['purpose', 'vault', 'server', 'files'])(
    'does part %s with the command line only, and no password is seen outside of its file',
    { timeout: 600_000 },
    async (part) => {
      const work = mkdtempSync(join(folder, `${part}-`))
      const { code, output, programs, leaks } = await runPart(part, work)
      if (code !== 0) throw new Error(`story.sh ${part} ended with ${code}:\n${output}`)
      checkRecorded(recordedCommands(work))
      expect([...programs]).toContain('cli.js')
      if (part !== 'vault') expect([...programs]).toContain('worker.js')
      expect(leaks).toEqual([])
      expect(findCanaries(work, canaries())).toEqual([])
    },
  )
})
