import type { AppServices } from '../services/app-services.ts'
import { findPasswordSource, refuseTwoSources } from './password-source.ts'
import type { PasswordOptions, PasswordSource } from './password-source.ts'
import type { Output } from './output.ts'
import { openTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'
import { createUnlocker } from './unlock-home.ts'
import type { WithProof } from './unlock-home.ts'
import type { SlotProof } from '../services/ways-in.ts'

export type GlobalOptions = {
  readonly home: string | null
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly allowSlowKdf: boolean
  readonly passwords: PasswordOptions
  /** Path of the key file that the vault asks for beside the password, null when none is named. */
  readonly keyFile: string | null
  /** What the password source gives is a recovery key. */
  readonly recoveryKey: boolean
}

/** A home folder with its services; `close` releases files and children. */
export type OpenHome = {
  readonly home: string
  readonly services: AppServices
  readonly version: string
  /** Whether the app or an agent is running and will start scheduled jobs. */
  readonly hasScheduler: () => boolean
  /** Writes down where a bug of ours happened; answers the same as one line. */
  readonly logBug: (error: unknown) => string
  readonly readLog: () => readonly Readonly<Record<string, unknown>>[]
  close(): Promise<void>
}

/** What every command is given. */
export type CommandContext = {
  readonly options: GlobalOptions
  readonly output: Output
  /** Opens the home folder once; later calls answer the same. */
  home(): Promise<OpenHome>
  /** The services with an unlocked vault; asks for the password once per command. */
  unlocked(): Promise<OpenHome>
  /** The same by what a person gives, and a copy of that for a call that asks for it again and wipes it. */
  unlockedWithProof(): Promise<WithProof>
  /** For what is tried on a vault that may not open; `use` wipes the proof. */
  withProof<T>(use: (home: OpenHome, proof: SlotProof) => Promise<T>): Promise<T>
  passwords(): PasswordSource
  /** The person at the terminal for a question; null without one. */
  terminal(): Terminal | null
  /**
   * From now on SIGINT and SIGTERM call `stop` instead of ending the command at once, so that a run can end at a clean point; a
   * second one still ends it.
   */
  onStop(stop: () => void): void
  /** Ends the command with this exit code although it answered. */
  setExitCode(code: number): void
}

export type ContextParts = {
  readonly options: GlobalOptions
  readonly output: Output
  readonly onStop: (stop: () => void) => void
  readonly openHome: () => Promise<OpenHome>
  readonly onInterrupt: () => void
  readonly setExitCode: (code: number) => void
  readonly sleep: (ms: number) => Promise<void>
}

export function createContext(parts: ContextParts): CommandContext {
  let opened: Promise<OpenHome> | null = null
  let source: PasswordSource | null = null
  let terminal: Terminal | null = null
  /** One for the whole command: what is typed goes to the first reader of a terminal, also when it has stopped listening. */
  const findTerminal = (): Terminal | null => (terminal ??= openTerminal(parts.onInterrupt))
  refuseTwoSources(parts.options.passwords)

  const home = (): Promise<OpenHome> => (opened ??= parts.openHome())
  const passwords = (): PasswordSource =>
    (source ??= findPasswordSource(parts.options.passwords, findTerminal))
  const { options, output, sleep } = parts
  return {
    options,
    output,
    onStop: parts.onStop,
    setExitCode: parts.setExitCode,
    home,
    passwords,
    terminal: findTerminal,
    ...createUnlocker({ options, output, sleep, home, passwords }),
  }
}
