import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import os from 'node:os'
import { Command, CommanderError } from 'commander'
import { defaultHomePath } from '../adapters/home-folder.ts'
import { AppError } from '../model/app-error.ts'
import type { VaultStatus } from '../model/vault.ts'
import { exitCodeOf } from '../model/error-codes.ts'
import type { ErrorCode } from '../model/error-codes.ts'
import { describeError, toWireError } from '../services/error-text.ts'
import { addCredentialCommands } from './commands/credential.ts'
import { addGenerateCommands } from './commands/generate.ts'
import { addJobCommands } from './commands/job.ts'
import { addLogCommands } from './commands/logs.ts'
import { addRemoteCommands } from './commands/remote.ts'
import { addVaultCommands } from './commands/vault.ts'
import { createContext } from './context.ts'
import type { CommandContext, GlobalOptions, OpenHome } from './context.ts'
import { openHomeForCommand } from './open-home.ts'
import { createOutput } from './output.ts'
import type { Output, OutputOptions } from './output.ts'
import { version } from './version.ts'
import { wholeNumber } from './values.ts'

type ProgramOptions = {
  home?: string
  json?: boolean
  passwordFile?: string
  passwordFd?: number
  quiet?: boolean
  verbose?: boolean
  allowSlowKdf?: boolean
  keyFile?: string
  recoveryKey?: boolean
}

const signalExit = { SIGINT: 130, SIGTERM: 143 } as const

/** State of one command line, shared by the commands and the signal handlers. */
type Session = {
  exitCode: number
  opened: Promise<OpenHome> | null
  /** What a signal calls instead of ending the command; null = it ends at once. */
  stop: (() => void) | null
  /** Exit code of the signal that came, null before. */
  signalled: number | null
  readonly output: Output
}

function buildProgram(session: Session): Command {
  const program = new Command('fernsync')
    .description('Encrypted sign-ins and scheduled file sync. Passwords never go on the command line.')
    .version(version)
    .option('--home <dir>', 'home folder of Fernsync')
    .option('--json', 'one JSON document on stdout')
    .option('--password-file <file>', 'read the master password from a file, - = stdin')
    .option('--password-fd <n>', 'read the master password from a descriptor', wholeNumber)
    .option('--key-file <file>', 'the key file that this vault asks for beside the password')
    .option('--recovery-key', 'unlock with the recovery key, read from where the password would be')
    .option('--quiet', 'say nothing but errors')
    .option('--verbose', 'say more')
    .option('--no-color', 'no colours (there are none)')
    .option('--allow-slow-kdf', 'go on although unlocking takes over 5 seconds')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text), outputError: () => {} })
  let context: CommandContext | null = null
  const getContext = (): CommandContext => (context ??= makeContext(session, readOptions(program)))
  addVaultCommands(program, getContext)
  addCredentialCommands(program, getContext)
  addGenerateCommands(program, getContext)
  addJobCommands(program, getContext)
  addRemoteCommands(program, getContext)
  addLogCommands(program, getContext)
  return program
}

function readOptions(program: Command): GlobalOptions {
  const given = program.opts<ProgramOptions>()
  return {
    home: given.home ?? process.env['FERNSYNC_HOME'] ?? null,
    json: given.json === true,
    quiet: given.quiet === true,
    verbose: given.verbose === true,
    allowSlowKdf: given.allowSlowKdf === true,
    keyFile: given.keyFile ?? null,
    recoveryKey: given.recoveryKey === true,
    passwords: {
      passwordFile: given.passwordFile ?? null,
      passwordFd: given.passwordFd ?? null,
      environmentFile: process.env['FERNSYNC_PASSWORD_FILE'] ?? null,
      credentialsDirectory: process.env['CREDENTIALS_DIRECTORY'] ?? null,
    },
  }
}

function makeContext(session: Session, options: GlobalOptions): CommandContext {
  const { output } = session
  const location = { platform: process.platform, environment: process.env, userHome: os.homedir() }
  return createContext({
    options,
    output,
    onStop(stop) {
      session.stop = stop
    },
    openHome: () =>
      (session.opened ??= openHomeForCommand({
        path: options.home ?? defaultHomePath(location),
        version,
        environment: process.env,
        programFolder: dirname(fileURLToPath(import.meta.url)),
        output,
      })),
    // Raw mode turns Ctrl-C into a byte.
    onInterrupt: () => onSignal(session, signalExit.SIGINT),
    setExitCode: (code) => {
      session.exitCode = code
    },
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  })
}

/** Flags are needed to report errors of the flags themselves, before commander has read them. */
function outputOptions(argv: readonly string[]): OutputOptions {
  return {
    json: argv.includes('--json'),
    quiet: argv.includes('--quiet'),
    verbose: argv.includes('--verbose'),
  }
}

/** Runs one command line and resolves to its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const output = createOutput(outputOptions(argv), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  })
  const session: Session = { exitCode: 0, opened: null, stop: null, signalled: null, output }
  for (const [name, code] of Object.entries(signalExit)) process.on(name, () => onSignal(session, code))
  try {
    await buildProgram(session).parseAsync([...argv], { from: 'user' })
  } catch (error) {
    session.exitCode = await report(error, session)
  } finally {
    await session.opened?.then(
      (open) => open.close(),
      () => {},
    )
  }
  return session.signalled ?? session.exitCode
}

/** A run is asked to stop at a clean point; everything else, and a second signal, ends at once: no write needs an undo. */
function onSignal(session: Session, code: number): void {
  const { stop, signalled } = session
  session.signalled = code
  if (stop === null || signalled !== null) {
    session.output.fail(toWireError(new AppError('cancelled', 'ended by a signal')))
    process.exit(code)
  }
  session.output.note('Stopping at a clean point; once more ends at once.')
  stop()
}

async function report(error: unknown, session: Session): Promise<number> {
  const { output } = session
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    output.fail(toWireError(new AppError('usage', 'usage', { details: { why: whyOf(error) } })))
    return exitCodeOf('usage')
  }
  const { code } = describeError(error)
  if (code === 'internal') {
    const opened = (await session.opened?.catch(() => null)) ?? null
    if (opened !== null) output.detail(opened.logBug(error))
  }
  const generations = await olderCopies(code, session)
  output.fail(toWireError(error), generations === null ? {} : { generations })
  for (const { n, changed, ok } of generations ?? []) {
    output.note(`  copy ${n}: ${changed}${ok ? '' : ' (damaged)'}`)
  }
  return exitCodeOf(code)
}

function whyOf(error: CommanderError): string {
  if (error.code === 'commander.help') return 'a command is missing'
  return error.message.replace(/^error: /, '').split('\n')[0] ?? ''
}

/** What can be restored, for whoever stands before a vault that cannot be used; null where that is no question. */
async function olderCopies(code: ErrorCode, session: Session): Promise<VaultStatus['generations'] | null> {
  if (code !== 'vault-damaged' && code !== 'vault-missing' && code !== 'vault-changed') return null
  const status = await session.opened?.then((open) => open.services.vault.status()).catch(() => null)
  return status?.generations ?? []
}

const exitCode = await main(process.argv.slice(2))
// A pipe that is still full must be drained before the process ends; open handles must not keep it.
process.stdout.write('', () => process.exit(exitCode))
