import type { AuditEntry, AuditProblem } from '../../model/audit.ts'

const plural = (count: number | null, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count ?? 0} ${many}`

/** Names of secret fields as forms show them. */
const fieldNames: Readonly<Record<string, string>> = {
  password: 'Password',
  privateKey: 'Private key',
  passphrase: 'Passphrase',
}

const sentences: Readonly<Record<AuditEntry['event'], (entry: AuditEntry) => string>> = {
  created: () => 'Vault created',
  unlocked: ({ detail, failures }) => {
    const how = detail === 'keychain' ? 'Unlocked with the keychain' : 'Unlocked'
    return failures === null || failures === 0
      ? how
      : `${how} after ${plural(failures, 'failed attempt', 'failed attempts')}`
  },
  'password-changed': ({ detail }) =>
    `Master password changed${detail === null ? '' : ` with the ${detail}`}`,
  'settings-changed': () => 'Security settings changed',
  'key-cached': () => 'Unlock key given to the keychain',
  'slot-added': ({ detail }) => `Way to unlock added${detail === null ? '' : `: ${detail}`}`,
  'slot-removed': ({ detail }) => `Way to unlock removed${detail === null ? '' : `: ${detail}`}`,
  'key-rotated': () => 'Vault key renewed',
  restored: () => 'An older copy was restored',
  repaired: ({ count }) => `Vault repaired: ${plural(count, 'damaged record', 'damaged records')}`,
  added: () => 'Added',
  edited: () => 'Edited',
  removed: () => 'Removed',
  imported: ({ count }) => `${plural(count, 'sign-in', 'sign-ins')} imported`,
  revealed: ({ field }) => `${fieldName(field)} shown`,
  copied: ({ field }) => `${fieldName(field)} copied`,
  'history-revealed': ({ field }) => `Earlier ${fieldName(field).toLowerCase()} shown`,
  'history-restored': () => 'Earlier revision restored',
  'history-purged': () => 'Earlier revisions erased',
  exported: ({ count, detail }) => {
    if (detail === 'portable') return 'Exported under a password of its own'
    if (detail === 'vault') return 'Encrypted copy of the vault exported'
    const what = count === null ? 'Exported' : `${plural(count, 'sign-in', 'sign-ins')} exported`
    return detail === null ? what : `${what} in clear as ${detail.toUpperCase()}`
  },
  granted: ({ job }) => `Handed to job${job === null ? '' : ` ${job.name}`}`,
  used: () => 'Used to connect',
}

/** What happened, in a few words; the credential is named beside it. */
export function auditSentence(entry: AuditEntry): string {
  return sentences[entry.event](entry)
}

function fieldName(field: string | null): string {
  return field === null ? 'Secret' : (fieldNames[field] ?? field)
}

export const auditProblems: Readonly<Record<AuditProblem['what'], string>> = {
  edited: 'the text is not as it was written',
  removed: 'the entries before it are gone',
  moved: 'the order was changed',
  cut: 'the newest entries are gone',
  head: 'the mark of the newest entry is gone or not ours',
  lost: 'all earlier entries were gone, and the record began anew',
}

/** `at entry 12 entries before it are gone` */
export function auditProblemText({ n, what }: AuditProblem): string {
  return n === null ? auditProblems[what] : `at entry ${n} ${auditProblems[what]}`
}
