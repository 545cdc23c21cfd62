import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../core/ports/clock.ts'
import type { LogFields, Logger } from '../core/ports/logger.ts'

const MAX_BYTES = 1024 * 1024
const KEPT = 4
const MAX_TEXT = 300
const HIDDEN = '[hidden]'
/** A second net. The first is that callers have nothing of the kind to log; a name that looks like it hides its value. */
const SENSITIVE =
  /pass(word|phrase)?|secret|token|cookie|authori[sz]ation|private|bearer|^(pwd|pin|otp|key|kek|vk|host|hostname|address|user|username|login|url|root|message|text|stack)$/i

export type JsonLoggerOptions = {
  /** Absolute path of the folder of logs; created when absent. */
  readonly folder: string
  /** Process part that writes, such as `app` or `agent`: the file is `<name>.jsonl`. */
  readonly name: string
  readonly clock: Clock
  readonly maxBytes?: number
}

/**
 * Writes one JSON object per line to `<name>.jsonl` (0600), rotated to `.1.jsonl` .. `.4.jsonl` by size; several processes may
 * write one file. Only text (cut at 300 characters), finite numbers, booleans and null are written. Never throws: a log that
 * cannot be written must not stop a run.
 */
export function createJsonLogger(options: JsonLoggerOptions): Logger {
  const { folder, name, clock, maxBytes = MAX_BYTES } = options
  const path = (n: number): string => join(folder, n === 0 ? `${name}.jsonl` : `${name}.${n}.jsonl`)
  const append = (line: string): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
    const file = openSync(path(0), flags, 0o600)
    try {
      // One call with O_APPEND, so that lines of two processes never mix.
      writeSync(file, line)
      if (fstatSync(file).size >= maxBytes) rotate(path, fstatSync(file).ino)
    } finally {
      closeSync(file)
    }
  }
  const write = (level: string, event: string, fields: LogFields = {}): void => {
    const time = new Date(clock.now()).toISOString()
    try {
      append(`${JSON.stringify({ ...safeFields(fields), time, level, event, pid: process.pid })}\n`)
    } catch {
      // A full disk or a folder that is gone: the caller's work goes on without its line.
    }
  }
  return {
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
  }
}

/** Only when the name still means the file just written: another process may have rotated it already. */
function rotate(path: (n: number) => string, inode: number): void {
  if (statSync(path(0)).ino !== inode) return
  for (let n = KEPT; n >= 1; n--) {
    if (statSync(path(n - 1), { throwIfNoEntry: false }) !== undefined) renameSync(path(n - 1), path(n))
  }
}

/** The fields as they may be written; the types of a caller are not trusted, since a value may come from another process. */
export function safeFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, safeValue(name, value)]))
}

function safeValue(name: string, value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'boolean') return value
  if (SENSITIVE.test(name)) return HIDDEN
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'string') return value.slice(0, MAX_TEXT)
  return HIDDEN
}
