import { exitCodeOf, type ErrorCode } from '../../model/error-codes.ts'
import type { Direction, JobState, JobView, SyncMode, WhenLocked } from '../../model/job.ts'
import type { PlanItem, RunProgress, RunState, RunTrigger } from '../../model/run.ts'
import { scheduleShape } from '../schedule-shape.ts'
import { errorMessages } from './errors.ts'

/** What a job is doing, in one or two words. */
export const jobStateWords: Readonly<Record<JobState, string>> = {
  idle: 'Ready',
  running: 'Running',
  waiting: 'Waiting for unlock',
  attention: 'Needs attention',
  disabled: 'Turned off',
  elsewhere: 'Runs on another device',
  paused: 'Paused',
}

/** How a run ended. */
export const runStateWords: Readonly<Record<RunState, string>> = {
  done: 'Done',
  partial: 'Done with errors',
  failed: 'Failed',
  stopped: 'Stopped to be safe',
  cancelled: 'Cancelled',
}

/** What started a run. */
export const triggerWords: Readonly<Record<RunTrigger, string>> = {
  manual: 'Started by hand',
  schedule: 'On schedule',
  'catch-up': 'Caught up',
  unlock: 'After unlock',
}

/** What a run is doing right now. */
export const phaseWords: Readonly<Record<RunProgress['phase'], string>> = {
  connecting: 'Connecting',
  scanning: 'Looking at both sides',
  comparing: 'Comparing',
  transferring: 'Transferring',
  finishing: 'Finishing',
}

/** What happens to one path of a plan. */
export const planActionWords: Readonly<Record<PlanItem['action'], string>> = {
  copy: 'Copy',
  update: 'Replace',
  delete: 'Delete',
  move: 'Move',
  mkdir: 'Make folder',
  rmdir: 'Remove folder',
  'set-time': 'Set time',
  skip: 'Skip',
}

type Choice = { readonly label: string; readonly sentence: string }

/** What may happen while the vault is locked. */
export const whenLockedWords: Readonly<Record<WhenLocked, Choice>> = {
  'until-quit': {
    label: 'Keep running until I quit',
    sentence: 'Runs while Fernsync is locked, and stops when you quit or sign out.',
  },
  wait: {
    label: 'Wait until I unlock',
    sentence: 'A run that is due while Fernsync is locked starts right after the next unlock.',
  },
  grant: {
    label: 'Run even after a restart',
    sentence: 'Keeps a permission for this one job on this device, for up to 90 days.',
  },
}

/** What a mode does, and what it deletes. */
export const modeWords: Readonly<Record<SyncMode, Choice>> = {
  copy: {
    label: 'Copy',
    sentence: 'New and changed files go over. Nothing is ever deleted on the other side.',
  },
  mirror: {
    label: 'Mirror',
    sentence:
      'The other side becomes an exact twin. Files that exist only there are moved to a safety folder and kept for 30 days.',
  },
  'two-way': { label: 'Two-way', sentence: 'Changes travel in both directions.' },
}

/** Where files go; left is this computer. */
export const directionWords: Readonly<Record<Direction, string>> = {
  push: 'This computer → server',
  pull: 'Server → this computer',
}

/** Why a due start did not happen, where the reason is not an error code. */
const skipWords: Readonly<Record<string, string>> = {
  'too-late': 'The computer was off or asleep for too long to catch up.',
  offline: 'There was no network.',
}

function isMessageCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorMessages, code)
}

/** The sentence of an error code; a code of a newer version gets the general sentence. */
export function errorSentence(code: string): string {
  return errorMessages[isMessageCode(code) ? code : 'internal'].sentence
}

/** What to do about an error code, null when there is nothing to do. */
export function errorCure(code: string): string | null {
  return errorMessages[isMessageCode(code) ? code : 'internal'].cure
}

/** Why a start was skipped, as one sentence. */
export function skipReason(reason: string): string {
  return skipWords[reason] ?? errorSentence(reason)
}

const unitWords = { m: ['minute', 'minutes'], h: ['hour', 'hours'], d: ['day', 'days'] } as const
const dayWords = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const shortDayWords = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

const timeOfDay = (hour: number, minute: number) =>
  `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`

/** A stored schedule in words: `every:15m` -> `Every 15 minutes`. A free cron expression is shown as it is. */
export function scheduleWords(text: string): string {
  if (text === '@hourly') return 'Every hour, on the hour'
  const shape = scheduleShape(text)
  switch (shape.kind) {
    case 'manual':
      return 'Only when I start it'
    case 'every': {
      const [one, many] = unitWords[shape.unit]
      return shape.count === 1 ? `Every ${one}` : `Every ${shape.count} ${many}`
    }
    case 'daily':
      return `Every day at ${timeOfDay(shape.hour, shape.minute)}`
    case 'weekly':
      return `${weekWords(shape.days)} at ${timeOfDay(shape.hour, shape.minute)}`
    case 'cron':
      return `By rule ${shape.expression}`
  }
}

function weekWords(days: readonly number[]): string {
  const key = days.join('')
  if (key === '12345') return 'Monday to Friday'
  if (key === '06') return 'Saturday and Sunday'
  if (key === '0123456') return 'Every day'
  if (days.length === 1) return `Every ${dayWords[days[0] ?? 0] ?? ''}`
  return days.map((day) => shortDayWords[day]).join(', ')
}

export type TimeOptions = {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** IANA zone; absent = the zone of this machine. */
  readonly zone?: string
}

/** A moment as people say it: `14:05`, `yesterday 14:05`, `tomorrow 02:30`, `3 May, 14:05`, `3 May 2025`. */
export function momentWords(iso: string, { now, zone }: TimeOptions): string {
  const at = new Date(iso)
  const format = (options: Intl.DateTimeFormatOptions, of: Date | number = at) =>
    new Intl.DateTimeFormat('en-GB', zone === undefined ? options : { ...options, timeZone: zone }).format(of)
  const day = (of: Date | number) => format({ year: 'numeric', month: '2-digit', day: '2-digit' }, of)
  const time = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  if (day(at) === day(now)) return time
  if (day(at) === day(now - 86_400_000)) return `yesterday ${time}`
  if (day(at) === day(now + 86_400_000)) return `tomorrow ${time}`
  const sameYear = format({ year: 'numeric' }) === format({ year: 'numeric' }, now)
  if (!sameYear) return format({ day: 'numeric', month: 'short', year: 'numeric' })
  return `${format({ day: 'numeric', month: 'short' })}, ${time}`
}

/** The one thing a person can do about the state of a job; front ends map it to a button, a menu item or a command. */
export type JobAction =
  | 'run'
  | 'cancel'
  | 'unlock'
  | 'edit-server'
  | 'check-identity'
  | 'review-plan'
  | 'edit-job'
  | 'show-history'
  | 'resume'
  | 'enable'

export const jobActionWords: Readonly<Record<JobAction, string>> = {
  run: 'Run now',
  cancel: 'Cancel',
  unlock: 'Unlock',
  'edit-server': 'Edit sign-in',
  'check-identity': 'Check identity',
  'review-plan': 'Review plan',
  'edit-job': 'Edit job',
  'show-history': 'Show errors',
  resume: 'Resume',
  enable: 'Turn on',
}

type Attention = { readonly what: string; readonly action: JobAction }

/** Short words and the way out for the reasons a job stands still for. Anything else: its sentence and `run`. */
const attentionWords: Partial<Readonly<Record<ErrorCode, Attention>>> = {
  'auth-failed': { what: 'Needs sign-in', action: 'edit-server' },
  'needs-sign-in': { what: 'Needs sign-in', action: 'edit-server' },
  'certificate-unusable': { what: 'Its SSH certificate does not fit', action: 'edit-server' },
  'untrusted-server': { what: 'The server’s identity changed', action: 'check-identity' },
  'unpinned-server': { what: 'The server’s identity is not confirmed', action: 'check-identity' },
  'guard-stopped': { what: 'Stopped to be safe', action: 'review-plan' },
  'root-missing': { what: 'A folder is missing', action: 'edit-job' },
  'root-replaced': { what: 'A folder was replaced', action: 'edit-job' },
  'unsafe-root': { what: 'This folder must not be synced', action: 'edit-job' },
  'no-grant': { what: 'May not run while locked', action: 'unlock' },
  locked: { what: 'Waiting for unlock', action: 'unlock' },
  unreachable: { what: 'The server cannot be reached', action: 'run' },
  timeout: { what: 'The server does not answer', action: 'run' },
  closed: { what: 'The connection broke', action: 'run' },
  'quota-exceeded': { what: 'No space left on the target', action: 'run' },
  'no-space': { what: 'The disk is full', action: 'run' },
  'worker-crashed': { what: 'The last run ended unexpectedly', action: 'run' },
  cancelled: { what: 'Cancelled', action: 'run' },
  'unread-folder': { what: 'A folder could not be read', action: 'show-history' },
}

const someFiles: Attention = { what: 'Some files failed', action: 'show-history' }

/** What a status line reads; the same for tray, row, notification and `job list`. */
export type StatusSource = Pick<JobView, 'state' | 'reason' | 'since' | 'lastRun' | 'device'>

export type StatusLine = {
  readonly tone: 'ok' | 'busy' | 'waiting' | 'problem' | 'off'
  /** What: a few words, no full stop. */
  readonly what: string
  /** Since when, as `momentWords` says it; null when it does not matter. */
  readonly since: string | null
  /** The one thing to do; null when there is none. */
  readonly action: JobAction | null
  /** Both in one line: `Needs sign-in since yesterday 18:00`. */
  readonly text: string
}

/** What a job's state is, since when, and the one action: one sentence for every front end. */
export function jobStatusLine(view: StatusSource, time: TimeOptions): StatusLine {
  const since = view.since === null ? null : momentWords(view.since, time)
  const line = (tone: StatusLine['tone'], what: string, action: JobAction | null): StatusLine => ({
    tone,
    what,
    since,
    action,
    text: since === null ? what : `${what} since ${since}`,
  })
  switch (view.state) {
    case 'running':
      return line('busy', jobStateWords.running, 'cancel')
    case 'waiting':
      return waitingLine(view.reason, line)
    case 'attention':
      return attentionLine(view.reason, line)
    case 'disabled':
      return { ...line('off', jobStateWords.disabled, 'enable'), since: null, text: jobStateWords.disabled }
    case 'paused':
      return line('off', jobStateWords.paused, 'resume')
    case 'elsewhere':
      return line('off', `Runs on ${view.device.label}`, null)
    case 'idle':
      return idleLine(view, time)
  }
}

type Line = (tone: StatusLine['tone'], what: string, action: JobAction | null) => StatusLine

function waitingLine(reason: string | null, line: Line): StatusLine {
  if (reason === null || reason === 'locked' || reason === 'no-grant') {
    return line('waiting', jobStateWords.waiting, 'unlock')
  }
  return line('waiting', (attentionFor(reason)?.what ?? errorSentence(reason)).replace(/\.$/, ''), 'run')
}

function attentionLine(reason: string | null, line: Line): StatusLine {
  if (reason === null) return line('problem', jobStateWords.attention, 'show-history')
  const known = attentionFor(reason)
  if (known !== undefined) return line('problem', known.what, known.action)
  return line('problem', errorSentence(reason).replace(/\.$/, ''), 'run')
}

function attentionFor(reason: string): Attention | undefined {
  if (!isMessageCode(reason)) return undefined
  // Exit code 1 is what single files cause; which ones and why is in the history.
  return attentionWords[reason] ?? (exitCodeOf(reason) === 1 ? someFiles : undefined)
}

/** How the end of the last run looks once nothing stands in the way of the next. */
const idleLooks: Readonly<Record<RunState, Pick<StatusLine, 'tone' | 'action'>>> = {
  done: { tone: 'ok', action: 'run' },
  partial: { tone: 'waiting', action: 'show-history' },
  failed: { tone: 'problem', action: 'run' },
  stopped: { tone: 'problem', action: 'review-plan' },
  cancelled: { tone: 'off', action: 'run' },
}

function idleLine(view: StatusSource, time: TimeOptions): StatusLine {
  if (view.lastRun === null)
    return { ...idleLooks.cancelled, what: 'Not run yet', since: null, text: 'Not run yet' }
  const when = momentWords(view.lastRun.ended, time)
  const { state } = view.lastRun
  const what = state === 'done' ? 'Up to date' : runStateWords[state]
  const look = idleLooks[state]
  return { ...look, what, since: when, text: `${what}, last run ${when}` }
}
