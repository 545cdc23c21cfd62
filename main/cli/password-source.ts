import { readFileSync, readSync, closeSync, openSync } from 'node:fs'
import { AppError } from '../model/app-error.ts'
import type { Terminal } from './terminal.ts'

/** Where a password may come from, as the global options and the environment name it. */
export type PasswordOptions = {
  readonly passwordFile: string | null
  readonly passwordFd: number | null
  /** FERNSYNC_PASSWORD_FILE: a path, never a value. */
  readonly environmentFile: string | null
  /** CREDENTIALS_DIRECTORY of systemd; `fernsync.password` in it is used. */
  readonly credentialsDirectory: string | null
}

export type PasswordSource = {
  /** `once` sources give one answer; a terminal can be asked again. */
  readonly kind: 'once' | 'terminal'
  /** UTF-8 bytes without the trailing line end; the caller hands them on or wipes them. Null when the person gave up. */
  read(prompt: string): Promise<Uint8Array | null>
}

const longestPassword = 4096

/** Throws `usage` for two sources on the command line: which one was meant cannot be known. */
export function refuseTwoSources(options: PasswordOptions): void {
  if (options.passwordFd !== null && options.passwordFile !== null) {
    throw new AppError('usage', 'two password sources', {
      details: { option: '--password-file', why: 'give one of --password-file and --password-fd' },
    })
  }
}

/** True when something other than a person at a terminal gives the password. */
export function isPasswordGiven(options: PasswordOptions): boolean {
  return options.passwordFd !== null || passwordFile(options) !== null
}

function passwordFile(options: PasswordOptions): string | null {
  return options.passwordFile ?? options.environmentFile ?? systemdFile(options.credentialsDirectory)
}

/**
 * The first source that is there: `--password-fd`, `--password-file` (`-` = stdin), FERNSYNC_PASSWORD_FILE, the systemd credential, a
 * prompt on the terminal. Throws `locked` when there is no source at all.
 */
export function findPasswordSource(
  options: PasswordOptions,
  findTerminal: () => Terminal | null,
): PasswordSource {
  if (options.passwordFd !== null) return fromDescriptor(options.passwordFd)
  const file = passwordFile(options)
  if (file !== null) return file === '-' ? fromDescriptor(0) : fromFile(file)
  const terminal = findTerminal()
  if (terminal === null) throw new AppError('locked', 'no password source and no terminal')
  return fromTerminal(terminal)
}

/** Asks twice on a terminal, once elsewhere. Throws `usage` when the two answers differ. */
export async function readNewPassword(
  source: PasswordSource,
  question = 'New master password: ',
): Promise<Uint8Array> {
  const first = await source.read(question)
  if (first === null) throw new AppError('cancelled', 'no password given')
  if (source.kind === 'once') return first
  const second = await source.read('The same again: ')
  const same =
    second !== null && second.length === first.length && second.every((byte, at) => byte === first[at])
  second?.fill(0)
  if (same) return first
  first.fill(0)
  throw new AppError('usage', 'the two passwords differ', { details: { field: 'password' } })
}

/** Reads a secret from a file, `-` = stdin, whole and unchanged. The caller wipes it. */
export function readSecretFile(path: string, maxBytes: number): Uint8Array {
  const fd = path === '-' ? 0 : openForReading(path)
  try {
    return readAll(fd, maxBytes)
  } finally {
    if (fd !== 0) closeSync(fd)
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new AppError('usage', 'cannot read secret file', { cause: error, details: { file: path } })
  }
}

function systemdFile(directory: string | null): string | null {
  if (directory === null) return null
  const path = `${directory}/fernsync.password`
  try {
    readFileSync(path).fill(0)
    return path
  } catch {
    return null
  }
}

function fromFile(path: string): PasswordSource {
  return {
    kind: 'once',
    read: async () => Promise.resolve(trimLineEnd(readSecretFile(path, longestPassword))),
  }
}

function fromDescriptor(fd: number): PasswordSource {
  return { kind: 'once', read: async () => Promise.resolve(trimLineEnd(readAll(fd, longestPassword))) }
}

function fromTerminal(terminal: Terminal): PasswordSource {
  return { kind: 'terminal', read: (prompt) => terminal.readSecret(prompt) }
}

/** Reads to the end without a pooled or growing buffer, so that every copy is known and wiped. */
function readAll(fd: number, maxBytes: number): Uint8Array {
  const buffer = new Uint8Array(maxBytes + 1)
  let length = 0
  try {
    for (;;) {
      const count = readSync(fd, buffer, length, buffer.length - length, null)
      if (count === 0) break
      length += count
      if (length > maxBytes) {
        const why = `more than ${maxBytes} bytes`
        throw new AppError('usage', 'secret is too long', { details: { why } })
      }
    }
    return buffer.slice(0, length)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('usage', 'cannot read password source', { cause: error })
  } finally {
    buffer.fill(0)
  }
}

/** Removes one trailing LF or CRLF into a fresh array and wipes the old one; the same array when there is none. */
export function trimLineEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  if (bytes[end - 1] === 10) end -= bytes[end - 2] === 13 ? 2 : 1
  if (end === bytes.length) return bytes
  const trimmed = bytes.slice(0, end)
  bytes.fill(0)
  return trimmed
}
