/** Texts of the record of what was done with credentials. */
export const activity = {
  title: 'Activity',
  subtitle: 'What was done with your sign-ins on this computer.',
  of: (name: string) => `Everything about ${name}`,
  filter: 'Server',
  all: 'All servers',
  listLabel: 'Activity',
  older: 'Show older',
  back: 'Settings',
  empty: {
    title: 'Nothing yet',
    body: 'When a password is shown, copied or used, it appears here.',
  },
  emptyOf: {
    title: 'Nothing about this server yet',
    body: 'When its password is shown, copied or used, it appears here.',
  },
  tampered: {
    title: 'Someone changed this record outside Fernsync',
    help: (what: string) =>
      `It does not tell all that happened: ${what}. What you see below was written by Fernsync.`,
  },
  torn: {
    title: 'The last entry was cut off',
    help: 'A crash or a power cut came while it was written. The rest is whole.',
  },
  unwritten: {
    title: (count: number) =>
      count === 1 ? 'One entry could not be written yet' : `${count} entries could not be written yet`,
    help: 'The disk may be full. They are kept until Fernsync locks, and written as soon as it is possible.',
  },
  whole: (total: string) => `${total}, none edited or taken away.`,
  openAll: 'All activity',
  last: 'Last activity',
  none: 'None recorded',
} as const
