import type { ErrorDetails } from '../model/app-error.ts'
import type { ErrorCode } from '../model/error-codes.ts'
import { shellWord } from './terminal-text.ts'

type CommandText = (details: ErrorDetails) => string

/** A detail as a word of a command line, or the placeholder of the help when the error does not know it. */
const word = (details: ErrorDetails, name: string, placeholder: string): string => {
  const value = details[name]
  return value === undefined || value === null ? placeholder : shellWord(String(value))
}

const restore: CommandText = () => 'fernsync vault restore --generation 1'
const unlock: CommandText = () =>
  'fernsync --password-file FILE ... (or --password-fd N, or FERNSYNC_PASSWORD_FILE)'

const trust: CommandText = (details) => {
  const bare =
    String(details['fingerprint'] ?? 'SHA256:...')
      .split(' ')
      .at(-1) ?? ''
  return `fernsync credential trust ${word(details, 'credential', 'NAME')} --host-key ${bare}`
}

const table: Partial<Readonly<Record<ErrorCode, CommandText>>> = {
  locked: unlock,
  'no-vault': () => 'fernsync vault init',
  'vault-damaged': restore,
  'vault-missing': restore,
  'vault-changed': restore,
  'slow-kdf': () => 'fernsync --allow-slow-kdf ...',
  'unpinned-server': trust,
  'untrusted-server': trust,
  'auth-failed': (details) =>
    `fernsync credential edit ${word(details, 'credential', 'NAME')} --secret-file password=FILE`,
  'needs-sign-in': (details) =>
    `fernsync credential edit ${word(details, 'credential', 'NAME')} --secret-file password=FILE`,
  'certificate-unusable': (details) =>
    `fernsync credential edit ${word(details, 'credential', 'NAME')} --field certificate=`,
  'guard-stopped': (details) =>
    `fernsync job run ${word(details, 'job', 'NAME')} --plan ${word(details, 'plan', 'ID')} --approve`,
  'root-replaced': (details) =>
    `fernsync job run ${word(details, 'job', 'NAME')} --plan ${word(details, 'plan', 'ID')} --approve`,
  'already-running': (details) => `fernsync job cancel ${word(details, 'job', 'NAME')}`,
}

/** The command line that the cure of an error speaks of; null when there is none. */
export function commandFor(code: ErrorCode, details: ErrorDetails): string | null {
  return table[code]?.(details) ?? null
}
