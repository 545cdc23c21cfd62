/** Texts of checking and repairing the vault. */
export const check = {
  title: 'Check vault',
  body: 'Every record, its history and every older copy is opened and compared.',
  bodyLocked:
    'With your password every record and every older copy is opened, and what is damaged can be restored from them.',
  run: 'Check',
  running: 'Checking…',
  progress: (done: string, total: string) => `${done} of ${total} records`,
  again: 'Check again',
  intact: 'All intact',
  done: 'Done',
  foundTitle: (count: number) =>
    count === 0 ? 'Damage found' : count === 1 ? 'One record is damaged' : `${count} records are damaged`,
  repair: 'Repair',
  repairing: 'Repairing…',
  repairHint: 'The damaged file is kept beside the vault. Nothing is deleted.',
  repaired: 'The vault is repaired',
  repairedPartly: 'Repaired as far as possible',
  keptAs: (folder: string) => `The damaged files are kept in ${folder}.`,
  unlock: 'Go to unlock',
  nameless: 'A record without a readable name',
  copyBad: (n: number, state: string) => `Copy ${n}: ${state}.`,
  local: (lost: number) =>
    lost === 0
      ? 'Local folders of jobs are damaged; the copy beside them has all of them.'
      : `Local folders of ${lost} ${lost === 1 ? 'job' : 'jobs'} are lost: choose them again.`,
  listLabel: 'Damaged records',
  kinds: { credential: 'Server', job: 'Job', device: 'Device', settings: 'Settings' },
  settings: {
    label: 'Check vault',
    hint: 'Opens every record and older copy, and repairs what is damaged.',
    action: 'Check…',
    activity: 'Activity',
    activityHint: 'When passwords were shown, copied or used on this computer.',
    activityAction: 'Show',
  },
  broken: {
    action: 'Check and repair…',
    hint: 'Finds each damaged record and restores it from older copies.',
  },
} as const
