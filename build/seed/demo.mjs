/** What the demo home holds: sign-ins, jobs, and what became of the jobs in the last days. Hosts of .example answer nobody. */

export const DEMO_PASSWORD = 'a demo, not a secret'

/**
 * @typedef {{ name: string, fields: Record<string, string>, secrets: Record<string, string>, hostKey: string }} DemoCredential
 * @typedef {import('../../main/model/run.ts').RunSummary} Run
 * @typedef {{ daysAgo: number, hour: number } & Partial<Omit<Run, 'run' | 'job' | 'started' | 'ended'>>} DemoRun
 * @typedef {{ name: string, credential: string, folder: string, remote: string, mode: 'copy' | 'mirror',
 *   direction: 'push' | 'pull', schedule: string, whenLocked: 'until-quit' | 'wait', isWaiting: boolean, runs: DemoRun[] }} DemoJob
 */

/** @type {readonly DemoCredential[]} */
export const demoCredentials = [
  {
    name: 'Home NAS',
    fields: { host: 'nas.example', port: '22', user: 'ana' },
    secrets: { password: 'not a real password' },
    hostKey: 'SHA256:3q2+7w8VdEoXyqkTDkRZcNc2Ggk5XWzj0yq1mB0pC5k',
  },
  {
    name: 'Web server',
    fields: { host: 'www.example', port: '2222', user: 'deploy' },
    secrets: { password: 'nor is this one' },
    hostKey: 'SHA256:Jx2mUu9o4sQF7n0b1fP6tYcVhR8kLwE5aZdGiN3rT0A',
  },
  {
    name: 'Studio archive',
    fields: { host: 'archive.example', port: '22', user: 'studio' },
    secrets: { password: 'and neither is this' },
    hostKey: 'SHA256:b7HcKp1vXe0QyRz5uJ8nWm3iTgLdS9fA2oC6qEwZx4Y',
  },
]

const manual = { trigger: /** @type {const} */ ('manual') }

/** @type {readonly DemoJob[]} newest run last */
export const demoJobs = [
  {
    name: 'Documents',
    credential: 'Home NAS',
    folder: 'Documents',
    remote: 'backup/documents',
    mode: 'mirror',
    direction: 'push',
    schedule: '0 18 * * *',
    whenLocked: 'until-quit',
    isWaiting: false,
    runs: [
      { daysAgo: 4, hour: 9, copied: 318, bytes: 96_440_112, durationMs: 21_340, ...manual },
      { daysAgo: 3, hour: 18, copied: 4, updated: 11, bytes: 2_310_778, durationMs: 1_840 },
      { daysAgo: 2, hour: 18, updated: 3, deleted: 2, bytes: 412_006, durationMs: 1_122 },
      { daysAgo: 1, hour: 18, copied: 1, updated: 6, bytes: 1_204_551, durationMs: 1_397 },
    ],
  },
  {
    name: 'Photos',
    credential: 'Studio archive',
    folder: 'Photos',
    remote: 'photos',
    mode: 'copy',
    direction: 'push',
    schedule: '@daily',
    whenLocked: 'until-quit',
    isWaiting: false,
    runs: [
      { daysAgo: 3, hour: 0, copied: 142, bytes: 1_874_330_224, durationMs: 96_204 },
      {
        daysAgo: 2,
        hour: 0,
        state: 'partial',
        reason: 'permission-denied',
        copied: 17,
        failed: 1,
        bytes: 240_118_002,
        durationMs: 14_310,
        errors: [
          {
            path: '2026/harbour/IMG_2041.CR3',
            code: 'permission-denied',
            message: 'This file may not be read.',
          },
        ],
      },
      { daysAgo: 1, hour: 0, state: 'failed', reason: 'unreachable', durationMs: 10_004 },
    ],
  },
  {
    name: 'Website',
    credential: 'Web server',
    folder: 'Website',
    remote: '/srv/www',
    mode: 'mirror',
    direction: 'push',
    schedule: 'every:6h',
    whenLocked: 'wait',
    isWaiting: true,
    runs: [{ daysAgo: 1, hour: 12, copied: 61, updated: 2, bytes: 8_430_991, durationMs: 3_318, ...manual }],
  },
  {
    name: 'Music',
    credential: 'Home NAS',
    folder: 'Music',
    remote: 'music',
    mode: 'copy',
    direction: 'pull',
    schedule: 'manual',
    whenLocked: 'until-quit',
    isWaiting: false,
    runs: [],
  },
]

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * A run as the history keeps it; times count from `now`, milliseconds since 1970.
 *
 * @param {DemoRun} demo
 * @param {{ job: string, run: string, now: number }} facts
 * @returns {Run}
 */
export function toSummary({ daysAgo, hour, ...given }, { job, run, now }) {
  const midnight = new Date(now - daysAgo * DAY_MS).setUTCHours(hour, 0, 0, 0)
  const durationMs = given.durationMs ?? 0
  return {
    run,
    job,
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
    trigger: 'schedule',
    plan: null,
    errors: [],
    ...given,
    durationMs,
    started: new Date(midnight).toISOString(),
    ended: new Date(midnight + durationMs).toISOString(),
  }
}
