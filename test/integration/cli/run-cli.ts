import { spawn, spawnSync } from 'node:child_process'
import { cliCommand } from './cli-command.ts'

export type CliResult = { readonly exit: number | null; readonly out: string; readonly err: string }

export type CliOptions = {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
}

/** Runs the built command line with an environment of PATH, HOME and what is given, without a terminal. */
export function runCli(args: readonly string[], options: CliOptions = {}): CliResult {
  const [program = '', ...before] = cliCommand()
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...options.env }
  // A new session has no controlling terminal, so that a test started by hand is never asked anything.
  const child = spawnSync('setsid', ['-w', program, ...before, ...args], {
    env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    input: options.input ?? '',
    encoding: 'utf8',
  })
  return { exit: child.status, out: child.stdout, err: child.stderr }
}

/** The same without blocking this process, for servers that live in it. */
export function runCliAsync(args: readonly string[]): Promise<CliResult> {
  const [program = '', ...before] = cliCommand()
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' }
  const child = spawn('setsid', ['-w', program, ...before, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  child.stderr.on('data', (chunk) => (err += String(chunk)))
  return new Promise((resolve) => child.on('close', (exit) => resolve({ exit, out, err })))
}
