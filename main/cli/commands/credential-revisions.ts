import type { Command } from 'commander'
import { AppError } from '../../model/app-error.ts'
import type { CommandContext } from '../context.ts'
import { escapeForTerminal, formatTable } from '../terminal-text.ts'
import { wholeNumber } from '../values.ts'

/** Old states of a credential: what there are, one of them back, and none any more. */
export function addRevisionCommands(credential: Command, context: () => CommandContext): void {
  credential
    .command('revisions <name>')
    .description('what a sign-in is and was, and what each change changed')
    .action((name: string) => list(context(), name))
  credential
    .command('restore <name> <rev>')
    .description('make an old revision the present one')
    .action((name: string, rev: string) => restore(context(), name, wholeNumber(rev)))
  credential
    .command('purge-revisions [name]')
    .description('erase the old revisions of a sign-in, and every older copy of the vault')
    .option('--all', 'of all sign-ins, removed ones included')
    .action((name: string | undefined, options: { all?: boolean }) =>
      purge(context(), name ?? null, options.all === true),
    )
}

async function list(context: CommandContext, name: string): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.credentials.find(name)
  const revisions = await services.credentials.revisions(found.id)
  const rows = revisions.map((one) => [
    String(one.rev),
    one.at,
    escapeForTerminal(one.device),
    one.changes.length > 0 ? escapeForTerminal(one.changes.join(', ')) : '-',
    one.isCurrent ? 'now' : one.hasSecrets ? '' : 'without its secrets',
  ])
  context.output.answer({ credential: found.name, revisions }, formatTable(rows))
}

async function restore(context: CommandContext, name: string, rev: number): Promise<void> {
  const { services } = await context.unlocked()
  const found = await services.credentials.find(name)
  if (rev === found.rev) throw usage('this revision is what is stored now')
  const changed = await services.credentials.restore(found.id, rev)
  context.output.answer(
    { ok: true, ...changed },
    `Restored revision ${rev} of ${escapeForTerminal(changed.name)}.\n`,
  )
}

async function purge(context: CommandContext, name: string | null, isAll: boolean): Promise<void> {
  if ((name === null) !== isAll) throw usage('a name or --all is expected, and not both')
  const { services } = await context.unlocked()
  const id = name === null ? null : (await services.credentials.find(name)).id
  const purged = await services.credentials.purgeRevisions(id)
  const what = purged === 1 ? '1 sign-in' : `${purged} sign-ins`
  context.output.answer({ ok: true, purged }, `Erased the old revisions of ${what}.\n`)
}

function usage(why: string): AppError {
  return new AppError('usage', 'credential revisions', { details: { why } })
}
