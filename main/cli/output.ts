import type { WireError } from '../contract/result.ts'
import { commandFor } from './commands-for-errors.ts'
import { escapeForTerminal, escapeJsonText } from './terminal-text.ts'

export type OutputOptions = { readonly json: boolean; readonly quiet: boolean; readonly verbose: boolean }

/** Facts of an error that are not single values. */
export type ErrorExtras = Readonly<Record<string, readonly unknown[]>>

/** Where the CLI speaks: with `--json` exactly one document on stdout, everything else on stderr. */
export type Output = {
  /** The answer of a command: `document` with `--json`, else `text` (may be empty). Call once. */
  answer(document: unknown, text: string): void
  /** For people only: warnings, hints. */
  note(line: string): void
  /** For people who want to know more: `--verbose`. */
  detail(line: string): void
  /** Sentence, cure and facts of something that went wrong in a command that still answers. Not silenced by `--quiet`. */
  problem(error: WireError): void
  /** The answer of a command that failed. `extras` are lists beside the facts, in the document only. */
  fail(error: WireError, extras?: ErrorExtras): void
}

export type Streams = { readonly out: (text: string) => void; readonly err: (text: string) => void }

export function createOutput(options: OutputOptions, streams: Streams): Output {
  const print = (document: unknown): void => {
    streams.out(`${escapeJsonText(JSON.stringify(document, null, 2))}\n`)
  }
  const problem = ({ code, message, help, details }: WireError): void => {
    const facts = { ...details, command: commandFor(code, details) }
    const lines = Object.entries(facts)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `  ${name}: ${escapeForTerminal(String(value))}\n`)
    streams.err(`${message}${help === null ? '' : ` ${help}`} [${code}]\n${lines.join('')}`)
  }
  return {
    answer(document, text) {
      if (options.json) print(document)
      else if (!options.quiet) streams.out(text)
    },
    note(line) {
      if (!options.quiet) streams.err(`${line}\n`)
    },
    detail(line) {
      if (options.verbose && !options.quiet) streams.err(`${line}\n`)
    },
    problem,
    fail(error, extras = {}) {
      const { code, message, help, details } = error
      const command = commandFor(code, details)
      if (options.json) print({ error: { code, message, help, command, ...details, ...extras } })
      problem(error)
    },
  }
}
