import type { Command } from 'commander'
import { AppError } from '../../model/app-error.ts'
import type { ErrorDetails } from '../../model/app-error.ts'
import { exitCodeOf, isErrorCode, mostSerious } from '../../model/error-codes.ts'
import type { ErrorCode, ExitCode } from '../../model/error-codes.ts'
import type { JobView } from '../../model/job.ts'
import { Uuid } from '../../model/ids.ts'
import type { GuardHit, Preview, RunSummary } from '../../model/run.ts'
import type { FinishedRun } from '../../services/job-service.ts'
import { toWireError } from '../../services/error-text.ts'
import type { CommandContext } from '../context.ts'
import { runExitCode } from '../shapes.ts'
import { withDetails } from '../with-details.ts'
import { escapeForTerminal, formatBytes, formatTable } from '../terminal-text.ts'
import { wholeNumber } from '../values.ts'

type RunOptions = { dryRun?: boolean; plan?: string; approve?: boolean; due?: boolean }

export function addRunCommands(job: Command, context: () => CommandContext): void {
  job
    .command('preview <name>')
    .description('what a run would do, exactly; changes nothing')
    .action((name: string) => preview(context(), name))
  job
    .command('run [name]')
    .description('run a job now')
    .option('--dry-run', 'the same as preview')
    .option('--plan <id>', 'the plan that was looked at')
    .option('--approve', 'carry out exactly that plan although a guard stopped it')
    .option('--due', 'run every job of this device that is due')
    .action((name: string | undefined, options: RunOptions) => run(context(), name, options))
  job
    .command('cancel <name>')
    .description('stop a run of this process')
    .action((name: string) => cancel(context(), name))
  job
    .command('history <name>')
    .description('past runs, newest first')
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .action((name: string, options: { limit: number }) => history(context(), name, options))
}

async function preview(context: CommandContext, name: string): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.jobs.find(name)
  const planned = await withDetails(factsOf(found), () => services.jobs.preview(found.id))
  if (planned.guards.length > 0) {
    const code = stopCode(planned.guards)
    context.setExitCode(exitCodeOf(code))
    const plan = code === 'root-missing' ? null : planned.plan
    context.output.problem(toWireError(new AppError(code, 'preview', { details: { job: found.name, plan } })))
  }
  context.output.answer(planned, previewText(planned))
}

/** What a run that these guards stop gives as its reason. */
function stopCode(guards: readonly GuardHit[]): ErrorCode {
  const codes = guards.map((guard) => guard.code)
  if (codes.includes('root-missing')) return 'root-missing'
  return codes.includes('root-replaced') ? 'root-replaced' : 'guard-stopped'
}

/** Names that the cure of an error may speak of. */
function factsOf(job: JobView): ErrorDetails {
  return { job: job.name, credential: job.credential?.name ?? null }
}

function previewText(planned: Preview): string {
  const { counts } = planned
  const summary = `${counts.copy} new, ${counts.update} changed, ${counts.delete} deleted, ${counts.unchanged} unchanged; ${formatBytes(planned.bytes)}\n`
  const items = planned.items.map((item) => [
    item.action,
    item.side === 'local' ? 'here' : 'server',
    escapeForTerminal(item.path),
  ])
  return `${formatTable(items)}${summary}${guardText(planned.guards)}`
}

function guardText(guards: readonly GuardHit[]): string {
  return guards.map((guard) => `Stopped: ${escapeForTerminal(guard.message)}\n`).join('')
}

async function run(context: CommandContext, name: string | undefined, options: RunOptions): Promise<void> {
  if (options.due === true) return runDue(context)
  if (name === undefined) throw new AppError('usage', 'name a job', { details: { argument: 'name' } })
  if (options.dryRun === true) return preview(context, name)
  const approve = approvedPlan(options)
  const { services } = await context.unlocked()
  const found = await services.jobs.find(name)
  const started = await withDetails(factsOf(found), () =>
    services.jobs.run(found.id, { approve, trigger: 'manual' }),
  )
  context.output.detail(`Run ${started.run}`)
  context.onStop(() => {
    services.jobs.cancel(found.id)
  })
  const finished = await started.finished
  context.setExitCode(runExitCode(finished.summary))
  tellTrouble(context, found, finished)
  const { summary, guards, fingerprint } = finished
  context.output.answer({ ...summary, guards, fingerprint }, runText(summary, guards))
}

/** Why a run was not good and what to do, once for its reason and once for each further kind of file error. */
function tellTrouble(context: CommandContext, job: JobView, finished: FinishedRun): void {
  const { summary, fingerprint } = finished
  if (summary.state === 'done') return
  const details = { ...factsOf(job), plan: summary.plan, fingerprint }
  for (const code of new Set([summary.reason, ...summary.errors.map((error) => error.code)])) {
    if (!isErrorCode(code)) continue
    context.output.problem(toWireError(new AppError(code, 'run', { details })))
  }
}

function approvedPlan(options: RunOptions): string | null {
  if ((options.plan !== undefined) !== (options.approve === true)) {
    throw new AppError('usage', '--plan and --approve go together', { details: { option: '--plan' } })
  }
  if (options.plan === undefined) return null
  const plan = Uuid.safeParse(options.plan)
  if (!plan.success) throw new AppError('usage', 'not a plan id', { details: { option: '--plan' } })
  return plan.data
}

function runText(summary: RunSummary, guards: readonly GuardHit[]): string {
  const done = `${summary.copied} new, ${summary.updated} changed, ${summary.deleted} deleted, ${summary.skipped} skipped, ${summary.failed} failed; ${formatBytes(summary.bytes)} in ${(summary.durationMs / 1000).toFixed(1)} s`
  const errors = summary.errors
    .map((error) => `  ${escapeForTerminal(`${error.path}: ${error.message}`)}\n`)
    .join('')
  const why = summary.reason === null ? '' : ` (${summary.reason})`
  return `${summary.state}${why}: ${done}\n${errors}${guardText(guards)}`
}

/** One after the other. The exit code is the most serious of all, as for several reasons of one run. */
async function runDue(context: CommandContext): Promise<void> {
  const { services } = await context.unlocked()
  const finished: RunSummary[] = []
  const exits: ExitCode[] = []
  const stopping = { asked: false }
  for (const job of await services.jobs.due()) {
    context.onStop(() => {
      stopping.asked = true
      services.jobs.cancel(job.id)
    })
    if (stopping.asked) break
    try {
      const view = (await services.jobs.list()).find(({ id }) => id === job.id)
      // Another process removed it while the one before it ran.
      if (view === undefined) continue
      const run = await withDetails(factsOf(view), () => services.jobs.runDue(job))
      if (run === null) continue
      exits.push(runExitCode(run.summary))
      tellTrouble(context, view, run)
      finished.push(run.summary)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      exits.push(exitCodeOf(error.code))
      context.output.problem(toWireError(error))
    }
  }
  context.setExitCode(mostSerious(exits))
  const text = finished.length === 0 ? 'Nothing was due.\n' : finished.map((one) => runText(one, [])).join('')
  context.output.answer({ runs: finished }, text)
}

async function cancel(context: CommandContext, name: string): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.jobs.find(name)
  if (found.state !== 'running') throw new AppError('usage', 'the job is not running')
  services.jobs.requestCancel(found.id)
  context.output.answer(
    { ok: true, id: found.id, name: found.name, rev: found.rev },
    'Asked the run to stop.\n',
  )
}

async function history(context: CommandContext, name: string, options: { limit: number }): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.jobs.find(name)
  const runs = services.jobs.history(found.id, Math.min(500, options.limit))
  const rows = runs.map((one) => [
    one.started,
    one.state,
    one.reason ?? '-',
    `${one.copied} new, ${one.updated} changed, ${one.deleted} deleted, ${one.failed} failed`,
  ])
  context.output.answer({ runs }, formatTable(rows))
}
