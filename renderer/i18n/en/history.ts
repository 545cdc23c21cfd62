/** Texts of the history. */
export const history = {
  title: 'History',
  job: 'Show runs of',
  allJobs: 'All jobs',
  empty: {
    title: 'Nothing has run yet',
    body: 'Every run, what it changed and what it could not do will be listed here.',
  },
  details: (job: string, when: string) => `Details of ${job}, ${when}`,
  unknownJob: 'A deleted job',
  skipped: 'Did not start',
  nothingChanged: 'Nothing to do',
  changed: {
    copied: 'new',
    updated: 'replaced',
    deleted: 'deleted',
    moved: 'moved',
    conflicts: 'kept twice',
    skipped: 'skipped',
    failed: 'failed',
  },
  started: 'Started',
  took: 'Took',
  transferred: 'Transferred',
  why: 'Why',
  errors: (count: number) =>
    count === 1 ? '1 file could not be synced' : `${count} files could not be synced`,
  moreErrors: (count: number) => `and ${count} more`,
  reviewPlan: 'Review plan',
  openJob: 'Open job',
} as const
