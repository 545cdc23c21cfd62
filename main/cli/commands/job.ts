import type { Command } from 'commander'
import { systemClock } from '../../adapters/system-clock.ts'
import { jobStatusLine, momentWords, scheduleWords } from '../../messages/en/words.ts'
import type { JobAction } from '../../messages/en/words.ts'
import { AppError } from '../../model/app-error.ts'
import { JobDraft, JobPatch } from '../../model/job.ts'
import type { JobView } from '../../model/job.ts'
import type { CommandContext } from '../context.ts'
import { parseInput } from '../parse-input.ts'
import { jobShape } from '../shapes.ts'
import { escapeForTerminal, formatTable, shownWord } from '../terminal-text.ts'
import { repeated } from '../values.ts'
import { addRunCommands } from './job-run.ts'

type JobOptions = {
  name?: string
  credential?: string
  local?: string
  remote?: string
  mode?: string
  direction?: string
  schedule?: string
  zone?: string
  whenLocked?: string
  filter?: string[]
  maxDelete?: string
  conflict?: string
  safety?: string
}

export function addJobCommands(program: Command, context: () => CommandContext): void {
  const job = program.command('job').description('what is kept in step, and when')
  withJobOptions(job.command('add <name>').description('make a job'))
    .requiredOption('--credential <name>', 'sign-in to use')
    .requiredOption('--local <dir>', 'local folder')
    .requiredOption('--remote <path>', 'folder on the server')
    .requiredOption('--mode <mode>', 'copy, mirror or two-way')
    .action((name: string, options: JobOptions) => add(context(), name, options))
  withJobOptions(job.command('edit <name>').description('change a job'))
    .option('--name <name>', 'new name')
    .option('--credential <name>', 'sign-in to use')
    .option('--local <dir>', 'local folder')
    .option('--remote <path>', 'folder on the server')
    .option('--mode <mode>', 'copy, mirror or two-way')
    .action((name: string, options: JobOptions) => edit(context(), name, options))
  job
    .command('list')
    .description('jobs of this device')
    .option('--all-devices', 'also those that run elsewhere')
    .action((options: { allDevices?: boolean }) => list(context(), options))
  job
    .command('show <name>')
    .description('one job')
    .action((name: string) => show(context(), name))
  job
    .command('enable <name>')
    .description('let the schedule start it')
    .action((name: string) => change(context(), name, { enabled: true }))
  job
    .command('disable <name>')
    .description('keep the schedule from starting it')
    .action((name: string) => change(context(), name, { enabled: false }))
  job
    .command('remove <name>')
    .description('forget a job; files stay where they are')
    .action((name: string) => remove(context(), name))
  addRunCommands(job, context)
}

function withJobOptions(command: Command): Command {
  return command
    .option('--direction <direction>', 'push (local to server) or pull; required for copy and mirror')
    .option('--schedule <schedule>', 'manual, every:N(m|h|d), five cron fields, @hourly, @daily, @weekly')
    .option('--zone <zone>', 'time zone of the schedule (default: this machine)')
    .option('--when-locked <choice>', 'until-quit, wait or grant')
    .option('--filter <rule>', 'gitignore-style rule, repeatable', repeated)
    .option('--max-delete <limit>', 'N or N%: more deletions than this need an approval')
    .option('--conflict <choice>', 'for two-way: keep-both, newer, left, right, larger')
    .option('--safety <path>', 'folder for replaced and deleted files')
}

/** The part of a draft or patch that was given; names of the CLI become names of the model. */
async function given(context: CommandContext, options: JobOptions): Promise<Record<string, unknown>> {
  if (options.whenLocked === 'grant')
    throw new AppError('unsupported', 'lasting grant', {
      details: { option: '--when-locked', why: 'until-quit or wait' },
    })
  const { services } = await context.unlocked()
  const credential =
    options.credential === undefined ? undefined : (await services.credentials.find(options.credential)).id
  const all = {
    name: options.name,
    credential,
    local: options.local,
    remote: options.remote,
    mode: options.mode,
    direction: options.direction,
    schedule: options.schedule,
    zone: options.zone,
    whenLocked: options.whenLocked,
    filters: options.filter,
    maxDelete: options.maxDelete,
    safety: options.safety,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** Two-way comes later, and with it the options that only it has. */
function refuseTwoWay(options: JobOptions): void {
  if (options.mode === 'two-way') {
    throw new AppError('unsupported', 'two-way', { details: { option: '--mode', why: 'copy or mirror' } })
  }
  if (options.conflict !== undefined) {
    const why = 'copy and mirror have no conflicts'
    throw new AppError('usage', 'conflict without two-way', { details: { option: '--conflict', why } })
  }
}

async function add(context: CommandContext, name: string, options: JobOptions): Promise<void> {
  refuseTwoWay(options)
  if (options.direction === undefined) {
    const why = 'push (local to server) or pull'
    throw new AppError('usage', 'no direction', { details: { option: '--direction', why } })
  }
  const { hasScheduler, services } = await context.unlocked()
  const draft = parseInput(JobDraft, {
    zone: localZone(),
    ...(await given(context, { ...options, name })),
  })
  const added = await services.jobs.add(draft)
  if (draft.schedule !== 'manual' && !hasScheduler()) {
    context.output.note('Nothing will start this job yet: neither the app nor an agent is running.')
  }
  context.output.answer({ ok: true, ...added }, `Added ${escapeForTerminal(added.name)}.\n`)
}

async function edit(context: CommandContext, name: string, options: JobOptions): Promise<void> {
  refuseTwoWay(options)
  const patch = parseInput(JobPatch, await given(context, options))
  await change(context, name, patch)
}

async function change(context: CommandContext, name: string, patch: JobPatch): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.jobs.find(name)
  const changed = await services.jobs.edit(found.id, patch)
  context.output.answer({ ok: true, ...changed }, `Changed ${escapeForTerminal(changed.name)}.\n`)
}

async function list(context: CommandContext, options: { allDevices?: boolean }): Promise<void> {
  const { services } = await context.unlocked()
  const all = await services.jobs.list()
  const shown = all.filter((job) => options.allDevices === true || job.device.here)
  context.output.answer(
    { jobs: shown.map(jobShape) },
    formatTable(shown.map((job) => jobRow(job, systemClock.now()))),
  )
}

/** The same words as in the window and the tray: what, since when; with the command in place of a button. */
function jobRow(job: JobView, now: number): string[] {
  const status = jobStatusLine(job, { now })
  return [
    escapeForTerminal(job.name),
    escapeForTerminal(status.text),
    scheduleWords(job.schedule),
    job.nextRun === null ? '-' : momentWords(job.nextRun, { now }),
    commandOf(job, status.action) ?? '',
  ]
}

/** Only where something waits for the person: a line that is fine needs no advice. */
function commandOf(job: JobView, action: JobAction | null): string | null {
  if (job.state !== 'attention' && job.state !== 'waiting') return null
  const name = shownWord(job.name)
  const credential = shownWord(job.credential?.name ?? 'NAME')
  switch (action) {
    case 'edit-server':
      return `fernsync credential edit ${credential}`
    case 'check-identity':
      return `fernsync credential trust ${credential}`
    case 'review-plan':
      return `fernsync job preview ${name}`
    case 'edit-job':
      return `fernsync job edit ${name}`
    case 'show-history':
      return `fernsync job history ${name}`
    case 'run':
    case 'unlock':
      return `fernsync job run ${name}`
    default:
      return null
  }
}

async function show(context: CommandContext, name: string): Promise<void> {
  const { services } = await context.unlocked()
  const job = await services.jobs.find(name)
  const shape = jobShape(job)
  const { lastRun, ...facts } = shape
  const rows = Object.entries(facts).map(([key, value]) => [
    key,
    escapeForTerminal(Array.isArray(value) ? value.join(', ') : String(value ?? '-')),
  ])
  rows.push(['lastRun', lastRun === null ? '-' : `${lastRun.state}, ${lastRun.ended}`])
  context.output.answer({ job: shape }, formatTable(rows))
}

async function remove(context: CommandContext, name: string): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.jobs.find(name)
  const removed = await services.jobs.remove(found.id)
  context.output.answer({ ok: true, ...removed }, `Removed ${escapeForTerminal(removed.name)}.\n`)
}

function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}
