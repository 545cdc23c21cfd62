import type { CallName, Input, Output } from '../../main/contract/calls.ts'

const id = '00000000-0000-4000-8000-000000000001'
const device = 'd0123456789abcdef'
const time = '2026-01-02T03:04:05.678Z'
const token = '0123456789abcdef0123456789abcdef'
const bytes = (): Uint8Array => new TextEncoder().encode('twelve bytes')
const draft: Input<'credentials.fetchHostKey'>['draft'] = {
  name: 'nas',
  type: 'sftp',
  fields: { host: 'nas' },
  hostKey: null,
}

const status = {
  home: '/home/me/.config/Fernsync',
  state: 'locked',
  vault: id,
  format: 'fernsync/1',
  slots: [{ id: 'pw1', type: 'password', kdf: 'pbkdf2-hmac-sha256', iterations: 1_200_000, numbers: {} }],
  records: 1,
  generations: [{ n: 1, changed: time, ok: true }],
  keychain: 'off',
  throttledForMs: 0,
} satisfies Output<'vault.status'>

const settings = {
  lockAfterIdleMs: 300_000,
  lockAfterSessionMs: 43_200_000,
  lockAfterClosedMs: 300_000,
  lockOnScreenLock: true,
  lockOnSuspend: true,
  clearClipboardMs: 20_000,
  hideRevealedMs: 30_000,
} satisfies Output<'settings.get'>

const done = { id, name: 'nas', rev: 2 }
const tested = {
  ok: true,
  steps: [{ step: 'connect', ok: true, code: null, message: null }],
  hostKey: 'SHA256:x',
} satisfies Output<'credentials.test'>
const picked = { token, shown: '/home/me/docs', names: ['a.txt'], count: 1 }
const preferences = { theme: 'dark', startAtLogin: true } satisfies Output<'preferences.get'>

const run = {
  run: id,
  job: id,
  state: 'done',
  reason: null,
  copied: 1,
  updated: 0,
  deleted: 0,
  moved: 0,
  conflicts: 0,
  skipped: 0,
  failed: 0,
  bytes: 1,
  durationMs: 1,
  started: time,
  ended: time,
  trigger: 'manual',
  plan: null,
  errors: [],
} satisfies Output<'history.list'>['runs'][number]

const job = {
  id,
  name: 'docs',
  credential: { id, name: 'nas' },
  local: '/home/me/docs',
  remote: 'docs',
  mode: 'mirror',
  direction: 'push',
  schedule: '@daily',
  zone: 'Europe/Berlin',
  enabled: true,
  device: { id: device, label: 'laptop', here: true },
  state: 'idle',
  reason: null,
  since: null,
  whenLocked: 'until-quit',
  lastRun: run,
  nextRun: time,
  filters: [],
  maxDelete: null,
  safety: null,
  rev: 1,
} satisfies Output<'jobs.list'>[number]

const jobDraft = {
  name: 'docs',
  credential: id,
  remote: 'docs',
  mode: 'mirror',
  direction: 'push',
  zone: 'Europe/Berlin',
} as const

/** One valid input per call. */
export const exampleInputs: { readonly [N in CallName]: Input<N> } = {
  'app.info': undefined,
  'preferences.get': undefined,
  'preferences.set': { theme: 'dark' },
  'vault.status': undefined,
  'vault.create': { password: bytes() },
  'vault.unlock': { password: bytes(), allowSlowKdf: false },
  'vault.lock': { stopJobs: false },
  'vault.changePassword': { current: bytes(), next: bytes() },
  'vault.restore': { generation: 1 },
  'vault.startOver': undefined,
  'keychain.remember': { days: 30 },
  'keychain.forget': undefined,
  'settings.get': undefined,
  'settings.set': { lockAfterIdleMs: null },
  'credentials.types': undefined,
  'credentials.list': undefined,
  'credentials.parseTarget': { line: 'ssh me@nas' },
  'credentials.fetchHostKey': { draft },
  'credentials.add': { draft, secrets: { password: bytes() }, secretFiles: { privateKey: token } },
  'credentials.edit': { id, patch: { name: 'nas 2' }, secrets: {} },
  'credentials.remove': { id },
  'credentials.test': { id },
  'credentials.testDraft': { draft, secrets: {}, basedOn: null },
  'credentials.reveal': { id, field: 'password' },
  'credentials.copy': { id, field: 'password' },
  'remote.list': { credentialId: id, path: '' },
  'remote.makeFolder': { credentialId: id, path: 'new' },
  'dialogs.pickFolder': { title: 'Choose a folder' },
  'dialogs.pickKeyFile': { title: 'Choose a key' },
  'jobs.list': undefined,
  'jobs.add': { draft: jobDraft, localToken: token },
  'jobs.edit': { id, patch: { name: 'docs 2' }, localToken: null },
  'jobs.remove': { id },
  'jobs.preview': { id },
  'jobs.run': { id, approve: null },
  'jobs.cancel': { id },
  'jobs.pause': { forMs: null },
  'jobs.resume': undefined,
  'jobs.describeSchedule': { schedule: '@daily', zone: 'UTC' },
  'history.list': { jobId: null, limit: 10 },
}

/** One valid output per call. */
export const exampleOutputs: { readonly [N in CallName]: Output<N> } = {
  'app.info': {
    version: '0.1.0',
    home: '/home/me/.config/Fernsync',
    platform: 'linux',
    hasTray: true,
    pausedUntil: null,
    paused: false,
    running: [],
    warnings: [],
  },
  'preferences.get': preferences,
  'preferences.set': preferences,
  'vault.status': status,
  'vault.create': status,
  'vault.unlock': status,
  'vault.lock': status,
  'vault.changePassword': status,
  'vault.restore': status,
  'vault.startOver': { keptAs: 'vault.json.old-1', status },
  'keychain.remember': status,
  'keychain.forget': status,
  'settings.get': settings,
  'settings.set': settings,
  'credentials.types': [
    {
      type: 'sftp',
      fields: [
        {
          name: 'host',
          type: 'text',
          required: true,
          advanced: false,
          choices: [],
          defaultValue: null,
          multiline: false,
        },
      ],
    },
  ],
  'credentials.list': [
    {
      id,
      rev: 1,
      name: 'nas',
      type: 'sftp',
      fields: { host: 'nas' },
      secrets: ['password'],
      hostKey: null,
      tags: [],
      usedBy: [{ id, name: 'docs' }],
      created: time,
      changed: time,
      blocked: null,
    },
  ],
  'credentials.parseTarget': {
    type: 'sftp',
    name: 'nas',
    fields: { host: 'nas' },
    path: null,
    knownHostKey: null,
    identityFile: picked,
  },
  'credentials.fetchHostKey': { hostKey: 'SHA256:x' },
  'credentials.add': done,
  'credentials.edit': done,
  'credentials.remove': done,
  'credentials.test': tested,
  'credentials.testDraft': tested,
  'credentials.reveal': { value: bytes(), hideAfterMs: 30_000 },
  'credentials.copy': { clearsAfterMs: 20_000 },
  'remote.list': {
    path: '',
    entries: [{ name: 'a', kind: 'dir', size: null, modTime: null }],
    truncated: false,
  },
  'remote.makeFolder': {},
  'dialogs.pickFolder': picked,
  'dialogs.pickKeyFile': picked,
  'jobs.list': [job],
  'jobs.add': done,
  'jobs.edit': done,
  'jobs.remove': done,
  'jobs.preview': {
    plan: id,
    job: id,
    counts: { copy: 1, update: 0, delete: 0, move: 0, mkdir: 0, rmdir: 0, skip: 0, unchanged: 0 },
    bytes: 1,
    guards: [],
    items: [{ path: 'a', action: 'copy', side: 'remote', size: 1, reason: null, from: null }],
    itemsTotal: 1,
  },
  'jobs.run': { run: id },
  'jobs.cancel': {},
  'jobs.pause': {},
  'jobs.resume': {},
  'jobs.describeSchedule': { ok: true, next: [time] },
  'history.list': { runs: [run], skips: [{ job: id, at: time, reason: 'locked' }] },
}
