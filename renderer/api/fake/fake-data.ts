import type { Credential } from '../../../main/model/credential.ts'
import type { JobView } from '../../../main/model/job.ts'
import type { Preview, PlanItem, RunSummary, SkipRecord } from '../../../main/model/run.ts'
import { errorMessages } from '../../../main/messages/en/errors.ts'

/** The moment all fake times hang on: Monday, so that weekly schedules look right. */
export const FAKE_NOW = Date.parse('2026-11-23T14:05:00.000Z')

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** ISO time `ms` before the fake now; negative = after it. */
export const ago = (ms: number): string => new Date(FAKE_NOW - ms).toISOString()

/** A valid UUID that is the same in every run. */
export const fakeId = (kind: string, n: number): string =>
  `${kind.padEnd(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`

export const fakeHostKey = (n: number): string =>
  `SHA256:${'uNiVztksCsDhcc0u9e8BgrJXVGDxnTuvwXyZ1aB2cD3eFqLm'.slice(n, n + 43)}`

const here = { id: 'd9f3c27b61e05a48d', label: 'This computer', here: true }
const laptop = { id: 'd1c80d3f7a2b94e56', label: 'Travel laptop', here: false }

type CredentialSeed = Pick<Credential, 'name' | 'fields' | 'secrets' | 'hostKey'> & Partial<Credential>

const credential = (n: number, seed: CredentialSeed): Credential => ({
  id: fakeId('c', n),
  rev: 1,
  type: 'sftp',
  tags: [],
  expires: null,
  needsSignInHere: false,
  lastUsed: null,
  usedBy: [],
  created: ago(90 * DAY),
  changed: ago(n * 9 * DAY),
  blocked: null,
  ...seed,
})

export function fakeCredentials(): Credential[] {
  return [
    credential(1, {
      name: 'Home NAS',
      fields: { host: 'nas.home.arpa', port: '22', user: 'mira' },
      secrets: ['password'],
      hostKey: fakeHostKey(0),
      rev: 4,
      tags: ['home'],
      lastUsed: { job: fakeId('a', 1), name: 'Documents', at: ago(2 * HOUR) },
      usedBy: [
        { id: fakeId('a', 1), name: 'Documents' },
        { id: fakeId('a', 2), name: 'Camera roll' },
      ],
    }),
    credential(2, {
      name: 'Studio server',
      fields: { host: 'files.studio-nordlicht.example', port: '2222', user: 'mira.lindqvist' },
      secrets: ['privateKey', 'passphrase'],
      hostKey: fakeHostKey(1),
      usedBy: [{ id: fakeId('a', 3), name: 'Client projects' }],
    }),
    credential(3, {
      name: 'Web host',
      fields: { host: 'ssh.webhost.example', port: '22', user: 'w0172' },
      secrets: ['password'],
      hostKey: fakeHostKey(2),
      usedBy: [{ id: fakeId('a', 4), name: 'Website backup' }],
      blocked: { code: 'auth-failed', since: ago(19 * HOUR) },
    }),
    credential(4, {
      name: 'Rechenzentrum Südwestfalen (Sicherungsablage)',
      fields: { host: 'ablage.rz-suedwestfalen.example', port: '22', user: 'backup', agent: 'true' },
      secrets: [],
      hostKey: null,
    }),
    ...keptCredentials(),
  ]
}

/** What Fernsync keeps and does not connect with. */
function keptCredentials(): Credential[] {
  return [
    credential(5, {
      name: 'Archive bucket',
      type: 's3',
      rev: 3,
      fields: {
        endpoint: 'https://s3.eu-central-1.amazonaws.com',
        region: 'eu-central-1',
        bucket: 'mira-archive',
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      },
      secrets: ['secretAccessKey', 'notes'],
      hostKey: null,
      tags: ['work', 'archive'],
      expires: '2026-12-05',
    }),
    credential(6, {
      name: 'Bank',
      type: 'generic',
      fields: { user: 'mira.lindqvist', url: 'https://bank.example/login' },
      secrets: ['password', 'Recovery code', 'notes'],
      hostKey: null,
      tags: ['home'],
    }),
    credential(7, {
      name: 'Family drive',
      type: 'oauth',
      fields: { provider: 'google-drive', account: 'mira@mail.example' },
      secrets: [],
      hostKey: null,
      needsSignInHere: true,
    }),
  ]
}

type RunSeed = Partial<RunSummary> & Pick<RunSummary, 'job'>

export const fakeRun = (n: number, endedAgo: number, seed: RunSeed): RunSummary => {
  const durationMs = seed.durationMs ?? 42_000
  return {
    run: fakeId('b', n),
    state: 'done',
    reason: null,
    copied: 0,
    updated: 0,
    deleted: 0,
    moved: 0,
    conflicts: 0,
    skipped: 0,
    failed: 0,
    bytes: 0,
    durationMs,
    started: ago(endedAgo + durationMs),
    ended: ago(endedAgo),
    trigger: 'schedule',
    plan: null,
    errors: [],
    ...seed,
  }
}

const itemError = (path: string, code: keyof typeof errorMessages) => ({
  path,
  code,
  message: errorMessages[code].sentence,
})

export function fakeRuns(): RunSummary[] {
  const job = (n: number) => ({ job: fakeId('a', n) })
  return [
    fakeRun(1, 12 * MINUTE, { ...job(1), copied: 14, updated: 3, bytes: 48_300_112, durationMs: 9_400 }),
    fakeRun(2, 95 * MINUTE, {
      ...job(3),
      state: 'stopped',
      reason: 'guard-stopped',
      plan: fakeId('e', 1),
      durationMs: 6_100,
    }),
    fakeRun(3, 3 * HOUR, {
      ...job(2),
      state: 'partial',
      reason: 'permission-denied',
      copied: 212,
      failed: 3,
      bytes: 1_872_400_551,
      durationMs: 4 * MINUTE,
      errors: [
        itemError('2026/11 Lissabon/IMG_2041.RAF', 'permission-denied'),
        itemError('2026/11 Lissabon/IMG_2042.RAF', 'source-changed'),
        itemError(
          '2026/a folder with a very long name that goes on and on/notes: final?.txt',
          'invalid-name',
        ),
      ],
    }),
    fakeRun(4, 12 * HOUR, { ...job(1), trigger: 'unlock' }),
    fakeRun(5, 19 * HOUR, { ...job(4), state: 'failed', reason: 'auth-failed', durationMs: 1_200 }),
    fakeRun(6, 26 * HOUR, {
      ...job(5),
      state: 'failed',
      reason: 'unreachable',
      durationMs: 31_000,
      trigger: 'catch-up',
    }),
    fakeRun(7, 27 * HOUR, { ...job(1), copied: 2, deleted: 5, moved: 1, bytes: 88_201, durationMs: 5_200 }),
    fakeRun(8, 30 * HOUR, {
      ...job(2),
      state: 'cancelled',
      reason: 'cancelled',
      copied: 18,
      trigger: 'manual',
    }),
  ]
}

export function fakeSkips(): SkipRecord[] {
  return [
    { job: fakeId('a', 2), at: ago(8 * HOUR), reason: 'locked' },
    { job: fakeId('a', 5), at: ago(28 * HOUR), reason: 'too-late' },
  ]
}

type JobSeed = Partial<JobView> & Pick<JobView, 'name'>

const fakeJob = (n: number, seed: JobSeed): JobView => ({
  id: fakeId('a', n),
  credential: { id: fakeId('c', 1), name: 'Home NAS' },
  local: '/home/mira/Documents',
  remote: 'backup/documents',
  mode: 'mirror',
  direction: 'push',
  schedule: 'every:15m',
  zone: 'Europe/Berlin',
  enabled: true,
  device: here,
  state: 'idle',
  reason: null,
  since: null,
  whenLocked: 'until-quit',
  lastRun: fakeRuns().find(({ job }) => job === fakeId('a', n)) ?? null,
  nextRun: ago(-3 * MINUTE),
  filters: [],
  maxDelete: null,
  safety: null,
  rev: 1,
  ...seed,
})

function troubledJobs(): JobView[] {
  const studio = { id: fakeId('c', 2), name: 'Studio server' }
  const web = { id: fakeId('c', 3), name: 'Web host' }
  return [
    fakeJob(3, {
      name: 'Client projects',
      credential: studio,
      local: '/home/mira/Work/Projects',
      remote: '/srv/projects',
      direction: 'pull',
      schedule: '0 9 * * 1,2,3,4,5',
      state: 'attention',
      reason: 'guard-stopped',
      since: ago(95 * MINUTE),
      nextRun: ago(-19 * HOUR),
    }),
    fakeJob(4, {
      name: 'Website backup',
      credential: web,
      local: '/home/mira/Backups/website',
      remote: '/var/www/html',
      mode: 'copy',
      direction: 'pull',
      schedule: '@weekly',
      state: 'attention',
      reason: 'auth-failed',
      since: ago(19 * HOUR),
      nextRun: ago(-6 * DAY),
    }),
    fakeJob(5, {
      name: 'Music library',
      local: '/home/mira/Music',
      remote: 'music',
      state: 'waiting',
      reason: 'locked',
      since: ago(5 * HOUR),
      schedule: 'every:6h',
      whenLocked: 'wait',
      nextRun: null,
    }),
  ]
}

export function fakeJobs(): JobView[] {
  return [
    fakeJob(1, { name: 'Documents', filters: ['node_modules/', '*.tmp'] }),
    fakeJob(2, {
      name: 'Camera roll',
      local: '/home/mira/Pictures/Camera',
      remote: 'photos/camera',
      mode: 'copy',
      schedule: '30 2 * * *',
      whenLocked: 'wait',
      state: 'attention',
      reason: 'permission-denied',
      since: ago(3 * HOUR),
      nextRun: ago(-12.4 * HOUR),
    }),
    ...troubledJobs(),
    fakeJob(6, {
      name: 'Steuerunterlagen und Versicherungsdokumente',
      local: '/home/mira/Finanzen',
      remote: 'archiv/finanzen',
      enabled: false,
      state: 'disabled',
      schedule: '0 4 1 * *',
      nextRun: null,
      lastRun: null,
    }),
    fakeJob(7, {
      name: 'Field recordings',
      local: null,
      remote: 'audio/field',
      device: laptop,
      state: 'elsewhere',
      schedule: 'manual',
      nextRun: null,
    }),
  ]
}

/** A plan with `count` lines, enough to make a list scroll. */
export function fakePlan(job: string, count: number, isRisky: boolean): Preview {
  const folders = ['Contracts', 'Invoices/2026', 'Letters', 'Projects/Fern/Drawings', 'Scans']
  const items = Array.from({ length: count }, (_, index): PlanItem => {
    const action = isRisky && index % 3 !== 0 ? 'delete' : index % 7 === 3 ? 'update' : 'copy'
    return {
      path: `${folders[index % folders.length] ?? ''}/document-${String(index + 1).padStart(4, '0')}.pdf`,
      action,
      side: 'remote',
      size: action === 'delete' ? null : 12_400 + index * 3_517,
      reason: null,
      from: null,
    }
  })
  const of = (action: PlanItem['action']) => items.filter((item) => item.action === action).length
  return {
    plan: fakeId('e', isRisky ? 1 : 2),
    job,
    counts: {
      copy: of('copy'),
      update: of('update'),
      delete: of('delete'),
      move: 0,
      mkdir: 0,
      rmdir: 0,
      skip: 0,
      unchanged: 1_204,
    },
    bytes: items.reduce((sum, { size }) => sum + (size ?? 0), 0),
    guards: isRisky
      ? [
          {
            code: 'delete-share',
            count: of('delete'),
            limit: 50,
            message: `This would delete ${of('delete')} files, more than half of what is on the server.`,
          },
        ]
      : [],
    items,
    itemsTotal: items.length,
  }
}
