import type { CopyState, DamagedRecord, FaultyPart, FileFault, RecordFault } from '../../model/vault-check.ts'

/** Words of a check of the vault, for people. */
export const fileFaults: Readonly<Record<FileFault, string>> = {
  missing: 'The vault file is gone.',
  unreadable: 'The vault file is cut or broken; what could still be read was.',
  header: 'The first line of the vault file, with its counters and ways to unlock, is damaged.',
  changed: 'The vault file is not as Fernsync wrote it.',
  'rolled-back': 'The vault file is older than what this device has seen.',
}

export const recordFaults: Readonly<Record<RecordFault, string>> = {
  unreadable: 'its text cannot be read any more',
  doubled: 'it is there twice',
  'not-opened': 'does not decrypt: it was changed, or belongs elsewhere',
  'wrong-content': 'decrypts, but is not what belongs there',
  missing: 'it is gone from the file',
  older: 'an older revision is in its place',
  outdated: 'an older revision is in its place, and no copy has the later one',
  differs: 'it is not as it was written',
}

const partNames: Readonly<Record<FaultyPart['part'], (rev: number | null) => string>> = {
  record: () => '',
  meta: () => 'the part for lists ',
  secret: () => 'the secret part ',
  history: (rev) => `past revision ${rev ?? '?'} `,
}

export function faultText({ part, rev, fault }: FaultyPart): string {
  return `${partNames[part](rev)}${recordFaults[fault]}`
}

export const copyStates: Readonly<Record<CopyState, string>> = {
  intact: 'intact',
  damaged: 'damaged',
  unreadable: 'cannot be read',
  'other-vault': 'is of another vault',
  'other-key': 'is of another key',
}

/** What happens to a damaged record, or has happened once repaired. */
export function remedyText({ remedy, generation, dropped }: DamagedRecord, isDone: boolean): string {
  const past =
    dropped === 0 ? '' : `; ${dropped} past ${dropped === 1 ? 'revision is' : 'revisions are'} lost`
  if (remedy === 'lost') return 'no copy has it: lost'
  const verb = isDone ? '' : 'can be '
  const from = generation === null ? 'its own history' : `copy ${generation}`
  return remedy === 'restore' ? `${verb}restored from ${from}${past}` : `${verb}mended${past}`
}

const plural = (count: number, one: string, many: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

/** `412 records, 1,903 tokens, 3 copies intact` */
export function checkFigures(records: number, tokens: number, copies: number): string {
  const checked = `${plural(records, 'record', 'records')}, ${plural(tokens, 'token', 'tokens')}`
  return copies === 0 ? checked : `${checked}, ${plural(copies, 'copy', 'copies')} intact`
}
