import type { Command } from 'commander'
import { auditProblemText, auditSentence } from '../../messages/en/audit.ts'
import { AppError } from '../../model/app-error.ts'
import type { AuditEntry, AuditPage } from '../../model/audit.ts'
import { exitCodeOf } from '../../model/error-codes.ts'
import type { CommandContext, OpenHome } from '../context.ts'
import { escapeForTerminal, formatTable } from '../terminal-text.ts'
import { wholeNumber } from '../values.ts'

const pageSize = 500
const defaultLimit = 50
const mostEntries = 100_000

type AuditOptions = { limit?: number; credential?: string; verify?: boolean }

/** `vault audit`; `vault` is the group of commands it belongs to. */
export function addAuditCommand(vault: Command, context: () => CommandContext): void {
  vault
    .command('audit')
    .description('what was done with sign-ins on this device, newest first')
    .option('--limit <n>', `at most so many entries, ${defaultLimit} unless given`, wholeNumber)
    .option('--credential <name>', 'only of this sign-in')
    .option('--verify', 'only check that no entry was edited, moved or taken away; exit 7 if one was')
    .action((options: AuditOptions) => audit(context(), options))
}

async function audit(context: CommandContext, options: AuditOptions): Promise<void> {
  const limit = options.limit ?? defaultLimit
  if (limit < 1 || limit > mostEntries) {
    const why = `1 to ${mostEntries}`
    throw new AppError('usage', 'limit out of range', { details: { option: '--limit', why } })
  }
  const home = await context.unlocked()
  const isCheck = options.verify === true
  const page = await readPages(home, options.credential, isCheck ? 1 : limit)
  const { problems, torn, unwritten, total } = page
  const state = { ok: problems.length === 0, total, problems, torn, unwritten }
  if (isCheck) {
    context.output.answer(state, `${stateLines(page).join('\n')}\n`)
    if (!state.ok) context.setExitCode(exitCodeOf('vault-changed'))
    return
  }
  context.output.answer({ ...state, entries: page.entries }, formatTable(page.entries.map(rowOf)))
  if (!state.ok || torn || unwritten > 0) for (const line of stateLines(page)) context.output.note(line)
}

async function readPages(
  { services }: OpenHome,
  name: string | undefined,
  limit: number,
): Promise<AuditPage> {
  const credential = name === undefined ? null : (await services.credentials.find(name)).id
  let page = await services.vault.activity({ before: null, limit: Math.min(limit, pageSize), credential })
  const entries = [...page.entries]
  while (page.more && entries.length < limit) {
    const before = entries.at(-1)?.n ?? 1
    page = await services.vault.activity({
      before,
      limit: Math.min(limit - entries.length, pageSize),
      credential,
    })
    entries.push(...page.entries)
  }
  return { ...page, entries }
}

function rowOf(entry: AuditEntry): string[] {
  const { n, time, credential } = entry
  return [
    String(n),
    time,
    escapeForTerminal(credential?.name ?? '-'),
    escapeForTerminal(auditSentence(entry)),
  ]
}

function stateLines({ problems, torn, unwritten, total }: AuditPage): string[] {
  return [
    ...problems.map((problem) => `The audit log was tampered with: ${auditProblemText(problem)}.`),
    ...(problems.length === 0
      ? [`The audit log is whole: ${total} ${total === 1 ? 'entry' : 'entries'}.`]
      : []),
    ...(torn ? ['A crash cut off its last line.'] : []),
    ...(unwritten > 0 ? [`${unwritten} entries could not be written.`] : []),
  ]
}
